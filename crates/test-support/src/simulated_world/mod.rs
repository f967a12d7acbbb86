//! A simulated world: one object, its pool, two clocks, people who change all of these, and the operator's process, which
//! reconciles the object in the order of `src/controller/reconcile` and may lose its memory.

mod change;
mod pass;
mod process;

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig},
    plan::budget::{Now, WeakeningBudget},
    schedule::{interval::DEFAULT_INTERVAL, requeue::wait_until_due},
};
use jiff::{SignedDuration, Timestamp};
use process::Process;
use serde_json::Value;

pub use self::{
    change::{Change, change},
    pass::{Disturbance, Landing, Pass, Sent, disturbance, step},
};
use crate::{
    arbitrary::object_of,
    fixtures::at,
    simulated_pool::{SimulatedPool, in_aws_names},
};

/// The drift check interval of the object.
pub const INTERVAL: Duration = DEFAULT_INTERVAL;

/// The world between two steps.
pub struct World {
    /// The object as the API server has it.
    pub object: UserPoolMfaConfig,
    pub cognito: SimulatedPool,
    /// The time since the world began, on a clock that never jumps.
    pub elapsed: Duration,
    /// The wall clock, which may jump.
    pub wall_clock: Timestamp,
    /// The number of restarts of the process.
    pub restarts: usize,
    limit: u32,
    process: Process,
    budget: WeakeningBudget,
    /// The pool is not reconciled before.
    blocked_until: Duration,
    /// A write that Cognito has received and will apply at this time.
    late_write: Option<(Duration, MfaSettings)>,
    declared: Vec<MfaSettings>,
}

impl Clone for World {
    /// The copy's budget is that of a new process, which has read the status: a budget cannot be copied.
    fn clone(&self) -> Self {
        let mut copy = Self {
            object: self.object.clone(),
            cognito: self.cognito.clone(),
            budget: WeakeningBudget::new(self.limit),
            process: self.process.clone(),
            late_write: self.late_write.clone(),
            declared: self.declared.clone(),
            ..*self
        };
        copy.read_budget();
        copy
    }
}

impl World {
    /// A new object with these settings. `limit` is the number of weakening writes in an hour.
    pub fn new(settings: &MfaSettings, cognito: SimulatedPool, limit: u32) -> Self {
        Self {
            object: object_of(settings, true, true),
            cognito,
            elapsed: Duration::ZERO,
            wall_clock: at(0),
            restarts: 0,
            limit,
            process: Process::new(Duration::ZERO),
            budget: WeakeningBudget::new(limit),
            blocked_until: Duration::ZERO,
            late_write: None,
            declared: vec![settings.clone()],
        }
    }

    /// The time until the operator reconciles the object.
    pub fn until_due(&self) -> Duration {
        let planned = self.process.wait_left(self.elapsed);
        let due = wait_until_due(&self.object, planned, INTERVAL, self.wall_clock);
        due.max(self.blocked_until.saturating_sub(self.elapsed))
    }

    /// Lets time pass on both clocks.
    pub fn pass_time(&mut self, time: Duration) {
        self.elapsed += time;
        self.jump(SignedDuration::try_from(time).expect("a short time"));
        if let Some((_, settings)) = self.late_write.take_if(|(at, _)| *at <= self.elapsed) {
            // Cognito may still refuse it, and nobody learns that.
            self.cognito.write(&settings).ok();
        }
    }

    fn jump(&mut self, by: SignedDuration) {
        self.wall_clock = self.wall_clock.saturating_add(by).unwrap_or(self.wall_clock);
    }

    /// A process that starts reads the status of each object.
    fn restart(&mut self) {
        self.restarts += 1;
        self.process = Process::new(self.elapsed);
        self.budget = WeakeningBudget::new(self.limit);
        self.blocked_until = self.elapsed;
        self.read_budget();
    }

    fn read_budget(&mut self) {
        self.budget
            .record_status(&self.object, Now { wall_clock: self.wall_clock, since_start: self.elapsed });
    }

    /// Waits until the object is due, and reconciles it.
    pub fn reconcile(&mut self, disturbance: &Disturbance) -> Pass {
        // A scheduled check is computed once: computed again when due, it would always be a whole interval away.
        if self.process.wait_left(self.elapsed).is_none() {
            self.process.plan_next(&self.object, self.until_due(), self.elapsed);
        }
        // A queue needs a moment for each object, also for one that is due.
        self.pass_time(self.until_due().max(Duration::from_secs(1)));
        self.run_pass(disturbance)
    }

    /// Somebody replaces the pool's settings.
    pub fn change_pool(&mut self, settings: &MfaSettings) {
        let mut patch = in_aws_names(settings);
        for name in
            ["SmsMfa", "SoftwareTokenMfa", "EmailMfa", "WebAuthn"].map(|name| format!("{name}Configuration"))
        {
            if patch.get(&name).is_none() {
                patch[name] = Value::Null;
            }
        }
        self.cognito.pool.edit_live(&patch);
    }
}
