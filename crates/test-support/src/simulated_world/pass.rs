//! One reconciliation, with what may go wrong in it.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::{Failure, FailureClass, Operation, SET_TIMEOUT},
    plan::{
        hold::{Now, check_hold},
        memory::has_same_plan,
        plan_for,
        step::{Cause, Plan, Step},
    },
    schedule::requeue::{RECHECK, block_pool_for, requeue_after},
    settings::observed::Observed,
    status::{
        event::{Event, contested_event, for_outcome},
        next_status::{is_news, next_status, superseded_status},
        outcome::{Outcome, record_outcome},
    },
};
use proptest::{prelude::*, sample::select};

use super::{Change, INTERVAL, World, change, process::key};
use crate::{
    arbitrary::{declared, observed_settings},
    fixtures::failure,
};

/// When Cognito applies a write whose answer is lost.
#[derive(Clone, Copy, Debug)]
pub enum Landing {
    Never,
    Now,
    /// After so many seconds, while the pool is blocked.
    Later(u64),
}

/// What goes wrong in a reconciliation.
#[derive(Clone, Debug)]
pub enum Disturbance {
    Nothing,
    ReadFails(FailureClass),
    /// The write is refused or not sent.
    WriteFails(FailureClass),
    /// The answer of the write is lost.
    WriteIsLost(Landing),
    /// Somebody writes the pool between the write and the read after it.
    SecondWriter(Box<MfaSettings>),
    /// Somebody edits the object while the write is on its way. A lost answer is one more disturbance.
    EditInFlight(Box<Change>, bool),
    /// The process crashes before it writes the status.
    Crash,
}

fn edit() -> impl Strategy<Value = Change> {
    prop_oneof![
        declared().prop_map(|settings| Change::Declare(Box::new(settings))),
        Just(Change::Revert(1)),
        any::<u8>().prop_map(Change::Request),
        Just(Change::Suspend(true)),
        Just(Change::Exact(true)),
    ]
}

pub fn disturbance() -> impl Strategy<Value = Disturbance> {
    let class = || select(FailureClass::all().collect::<Vec<_>>());
    let certain = |class: &FailureClass| *class != FailureClass::Transient;
    let landing = prop_oneof![
        Just(Landing::Never),
        Just(Landing::Now),
        (1..SET_TIMEOUT.as_secs()).prop_map(Landing::Later)
    ];
    prop_oneof![
        10 => Just(Disturbance::Nothing),
        2 => class().prop_map(Disturbance::ReadFails),
        1 => class().prop_filter("the result is known", certain).prop_map(Disturbance::WriteFails),
        3 => landing.prop_map(Disturbance::WriteIsLost),
        2 => observed_settings().prop_map(|settings| Disturbance::SecondWriter(Box::new(settings))),
        3 => (edit(), any::<bool>()).prop_map(|(edit, lost)| Disturbance::EditInFlight(Box::new(edit), lost)),
        1 => Just(Disturbance::Crash),
    ]
}

/// A write that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub settings: MfaSettings,
    /// The pool right before it.
    pub live: MfaSettings,
    /// Whether Cognito applied it, or will.
    pub lands: bool,
}

/// What one reconciliation did.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The object that it was planned for, with the status before it.
    pub planned: UserPoolMfaConfig,
    pub elapsed: Duration,
    pub outcome: Outcome,
    /// The write, if one was sent and not refused.
    pub sent: Option<Sent>,
    /// Whether a status was written.
    pub status_written: bool,
    pub events: Vec<Event>,
    /// Whether the process crashed before it wrote the status.
    pub crashed: bool,
}

impl World {
    pub(super) fn run_pass(&mut self, disturbance: &Disturbance) -> Pass {
        let planned = self.object.clone();
        let mut sent = None;
        let outcome = if planned.spec.suspend {
            self.budget.leave_line(&key(&planned));
            Outcome::Suspended
        } else {
            let outcome = self.read_plan_write(&planned, disturbance, &mut sent);
            record_outcome(&key(&planned), Some(&outcome), &mut self.budget, self.elapsed);
            self.blocked_until = self.elapsed + block_pool_for(&outcome);
            outcome
        };
        let mut pass = Pass {
            planned,
            elapsed: self.elapsed,
            outcome,
            sent,
            status_written: false,
            events: Vec::new(),
            crashed: matches!(disturbance, Disturbance::Crash),
        };
        if pass.crashed {
            self.restart();
        } else {
            self.finish(&mut pass);
        }
        pass
    }

    fn read_plan_write(
        &mut self,
        object: &UserPoolMfaConfig,
        disturbance: &Disturbance,
        sent: &mut Option<Sent>,
    ) -> Outcome {
        if let Disturbance::ReadFails(class) = disturbance {
            return Outcome::Failed(failure(*class, Operation::Get), None);
        }
        let observed = self.cognito.read();
        let plan = plan_for(object, &observed);
        let Step::Write(cause) = plan.step else { return Outcome::Checked(observed, plan) };
        let now = Now { wall_clock: self.wall_clock, since_start: self.elapsed };
        if let Err(hold) = check_hold(object, &observed, &plan, INTERVAL, &mut self.budget, now) {
            return Outcome::OnHold(observed, plan, hold);
        }
        self.write(observed, plan, cause, disturbance, sent)
    }

    fn write(
        &mut self,
        observed: Observed,
        plan: Plan,
        cause: Cause,
        disturbance: &Disturbance,
        sent: &mut Option<Sent>,
    ) -> Outcome {
        let accepted_before = self.cognito.accepted_writes;
        let answer = self.send(&plan.write, disturbance);
        let lands = self.cognito.accepted_writes > accepted_before || self.late_write.is_some();
        let write = Sent { settings: plan.write.clone(), live: observed.settings.clone(), lands };
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                *sent = Some(write).filter(|_| failure.write_may_have_been_accepted());
                return Outcome::Failed(failure, Some((observed, plan)));
            }
        };
        *sent = Some(write);
        if let Disturbance::SecondWriter(settings) = disturbance {
            self.change_pool(settings);
        }
        let after = match cause {
            Cause::Drift | Cause::NotTaken => self.cognito.read(),
            Cause::Adoption | Cause::SpecChanged | Cause::Deletion => answer,
        };
        Outcome::Written { plan, after }
    }

    fn send(&mut self, settings: &MfaSettings, disturbance: &Disturbance) -> Result<Observed, Failure> {
        let lost = Err(failure(FailureClass::Transient, Operation::Set));
        match disturbance {
            Disturbance::WriteFails(class) => return Err(failure(*class, Operation::Set)),
            Disturbance::WriteIsLost(Landing::Never) => return lost,
            Disturbance::WriteIsLost(Landing::Later(seconds)) => {
                self.late_write = Some((self.elapsed + Duration::from_secs(*seconds), settings.clone()));
                return lost;
            }
            Disturbance::EditInFlight(edit, _) => self.apply(edit),
            Disturbance::WriteIsLost(Landing::Now)
            | Disturbance::Nothing
            | Disturbance::ReadFails(_)
            | Disturbance::SecondWriter(_)
            | Disturbance::Crash => {}
        }
        let answer = self.cognito.write(settings);
        match disturbance {
            Disturbance::WriteIsLost(_) | Disturbance::EditInFlight(_, true) => lost,
            _ => answer,
        }
    }

    /// Writes the status, publishes events and plans the next reconciliation.
    fn finish(&mut self, pass: &mut Pass) {
        let recent = self.process.recent_checks(self.elapsed);
        let is_planned = has_same_plan(&pass.planned, &self.object);
        let next = if is_planned {
            // A check that was requested since then is not done yet.
            let seen = UserPoolMfaConfig { metadata: pass.planned.metadata.clone(), ..self.object.clone() };
            next_status(&seen, &pass.outcome, recent, self.wall_clock)
        } else {
            superseded_status(&pass.planned, &pass.outcome, &self.object, self.wall_clock)
        };
        let changed =
            is_planned && next.as_ref().is_some_and(|next| is_news(self.object.status.as_ref(), next));
        pass.status_written = next.is_some();
        self.object.status = next.or(self.object.status.take());
        pass.events.extend(for_outcome(&pass.planned, &pass.outcome, changed));
        if !is_planned {
            self.process.plan_next(&self.object, RECHECK, self.elapsed);
            return;
        }
        pass.events.extend(contested_event(&self.object, &pass.outcome, INTERVAL));
        let failures = self.process.failures(&self.object);
        let status = self.status().clone();
        let wait = requeue_after(&self.object, &status, &pass.outcome, failures, INTERVAL, self.wall_clock);
        self.process.record(&self.object, &pass.outcome, wait, self.elapsed);
        self.read_budget();
    }

    /// The object's status. Every object has one: that of the CRD's default.
    pub fn status(&self) -> &UserPoolMfaConfigStatus {
        self.object.status.as_ref().expect("the CRD's default")
    }
}

/// A step of a world: changes, and one reconciliation.
pub fn step() -> impl Strategy<Value = (Vec<Change>, Disturbance)> {
    (proptest::collection::vec(change(), 0..3), disturbance())
}
