//! The breaker of this process, for all passes: what is lowered, who waits, and what other processes lowered.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::UserPoolMfaConfig,
    plan::{
        budget::{WeakeningBudget, WriteResult},
        hold,
        step::Plan,
    },
    settings::observed::Observed,
    status::outcome::{Outcome, record_outcome},
};
use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::{controller::leader_election::leadership::Leadership, ops::metrics::Metrics};

/// The breaker counts from before the start, so that the ages of lowerings before it fit.
const BEFORE: Duration = Duration::from_hours(1);

/// The lowerings of the fleet.
pub struct SharedBudget {
    budget: Mutex<WeakeningBudget>,
    leadership: Leadership,
    metrics: Arc<Metrics>,
    start: Instant,
}

/// A pass that may lower a pool, until it has ended. One that ends without a word, because it panicked, may have.
pub struct BudgetRequest<'a> {
    shared: &'a SharedBudget,
    object: String,
}

impl SharedBudget {
    /// At most `limit` an hour.
    pub fn new(limit: u32, leadership: Leadership, metrics: Arc<Metrics>) -> Self {
        Self { budget: Mutex::new(WeakeningBudget::new(limit)), leadership, metrics, start: Instant::now() }
    }

    /// Takes note of the lowering that an object's status tells of.
    pub fn record_from_status(&self, object: &UserPoolMfaConfig) {
        let told = object.status.as_ref().and_then(|status| status.last_lowering_time);
        if let Some(told) = told {
            let now = self.now();
            self.budget().record_from_status(&object_key(object), told, now.wall_clock, now.since_start);
        }
    }

    /// Begins a pass over an object.
    pub fn begin(&self, object: &UserPoolMfaConfig) -> BudgetRequest<'_> {
        BudgetRequest { shared: self, object: object_key(object) }
    }

    /// Takes an object, `namespace/name`, out of the line of those whose lowering is held.
    pub fn leave_line(&self, name: &str) {
        let mut breaker = self.budget();
        breaker.leave_line(name);
        self.metrics.lowerings_held(breaker.waiting());
    }

    /// Forgets an object, `namespace/name`, that is gone.
    pub fn remove(&self, name: &str) {
        self.budget().remove(name);
        self.leave_line(name);
    }

    fn budget(&self) -> MutexGuard<'_, WeakeningBudget> {
        self.budget.lock()
    }

    fn now(&self) -> hold::Now {
        hold::Now { wall_clock: Timestamp::now(), since_start: BEFORE + self.start.elapsed() }
    }
}

impl BudgetRequest<'_> {
    /// Whether a planned Set may be made now.
    ///
    /// # Errors
    /// Why it waits.
    pub fn check_hold(
        &self,
        object: &UserPoolMfaConfig,
        live: &Observed,
        plan: &Plan,
        interval: Duration,
    ) -> Result<(), hold::Hold> {
        let mut breaker = self.shared.budget();
        breaker.enter_term(self.shared.leadership.term());
        hold::check_hold(object, live, plan, interval, &mut breaker, self.shared.now())
    }

    /// Tells how the pass ended; None when it told nothing of the object.
    pub fn end(self, outcome: Option<&Outcome>) {
        let mut breaker = self.shared.budget();
        record_outcome(&self.object, outcome, &mut breaker, self.shared.now().since_start);
        self.shared.metrics.lowerings_held(breaker.waiting());
    }
}

impl Drop for BudgetRequest<'_> {
    /// After [`Pass::end`] nothing is left to tell.
    fn drop(&mut self) {
        self.shared.budget().record_result(&self.object, WriteResult::Unknown, self.shared.now().since_start);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use cognito_mfa_core::plan::plan_for;
    use serde_json::{Value, json};

    use super::*;

    fn object(name: &str) -> UserPoolMfaConfig {
        let spec =
            json!({"userPoolId": "eu-west-1_A", "mfaConfiguration": "OFF", "adoptionPolicy": "Overwrite"});
        let metadata = json!({"namespace": "team", "name": name, "generation": 1});
        serde_json::from_value(json!({"apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig", "metadata": metadata, "spec": spec}))
            .unwrap()
    }

    fn on() -> Observed {
        let settings: Value =
            json!({"mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": true}});
        Observed { settings: serde_json::from_value(settings).unwrap(), unknown: Vec::new() }
    }

    fn asks(pass: &BudgetRequest<'_>, name: &str) -> bool {
        let object = object(name);
        pass.check_hold(&object, &on(), &plan_for(&object, &on()), Duration::from_mins(10)).is_ok()
    }

    #[test]
    fn a_pass_that_panics_counts_until_its_object_asks_again_and_no_longer() {
        let all = SharedBudget::new(1, Leadership::alone(), Arc::new(Metrics::default()));
        let broken = catch_unwind(AssertUnwindSafe(|| {
            let pass = all.begin(&object("breaks"));
            assert!(asks(&pass, "breaks"));
            panic!("a defect");
        }));
        assert!(broken.is_err());
        let other = all.begin(&object("other"));
        assert!(!asks(&other, "other"), "it may have been done");
        other.end(None);
        all.leave_line("team/other");
        let again = all.begin(&object("breaks"));
        assert!(asks(&again, "breaks"));
        again.end(None);
        assert!(asks(&all.begin(&object("other")), "other"), "it was not done, and holds no place");
    }
}
