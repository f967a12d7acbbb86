//! The hourly limit on weakening writes, shared by all reconciliations of this process.

use std::time::Duration;

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::UserPoolMfaConfig,
    plan::{
        budget::{WeakeningBudget, WriteResult},
        hold,
        step::Plan,
    },
    settings::observed::Observed,
    status::outcome::record_outcome,
};
use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::{aws::read_plan_write::Ended, controller::leader_election::leadership::Leadership};

/// The budget's clock starts an hour before this process, so that earlier writes have times that are not negative.
const BEFORE_START: Duration = Duration::from_hours(1);

/// The budget for weakening writes to all pools.
pub struct SharedBudget {
    budget: Mutex<WeakeningBudget>,
    leadership: Leadership,
    start: Instant,
}

/// A reconciliation that may weaken its pool. If it panics, its write counts as sent.
pub struct BudgetRequest<'a> {
    shared: &'a SharedBudget,
    object: String,
    keeps_place: bool,
}

impl SharedBudget {
    /// A budget of `limit` weakening writes an hour.
    pub fn new(limit: u32, leadership: Leadership) -> Self {
        Self { budget: Mutex::new(WeakeningBudget::new(limit)), leadership, start: Instant::now() }
    }

    /// Records from an object's status whether it is on hold, and its last weakening write: another process may have made
    /// it.
    pub fn record_status(&self, object: &UserPoolMfaConfig) {
        let now = self.now();
        self.budget().record_status(object, now);
    }

    /// Starts a request for the reconciliation of an object.
    pub fn begin(&self, object: &UserPoolMfaConfig) -> BudgetRequest<'_> {
        self.budget().enter_term(self.leadership.term(), self.now().since_start);
        BudgetRequest { shared: self, object: object_key(object), keeps_place: false }
    }

    /// Removes an object, `namespace/name`, from the line of objects on hold, and its write that was allowed and not sent.
    pub fn leave_line(&self, key: &str) {
        let now = self.now().since_start;
        let mut budget = self.budget();
        budget.record_result(key, WriteResult::NotWritten, now);
        budget.leave_line(key);
    }

    /// Removes an object, `namespace/name`, that was deleted.
    pub fn remove(&self, key: &str) {
        self.budget().remove(key);
    }

    /// How many objects are on hold.
    pub fn waiting(&self) -> usize {
        self.budget().waiting()
    }

    fn budget(&self) -> MutexGuard<'_, WeakeningBudget> {
        self.budget.lock()
    }

    fn now(&self) -> hold::Now {
        hold::Now { wall_clock: Timestamp::now(), since_start: BEFORE_START + self.start.elapsed() }
    }
}

impl BudgetRequest<'_> {
    /// Checks whether the planned write may be sent now.
    ///
    /// # Errors
    /// The reason why it is on hold.
    pub fn check_hold(
        &self,
        object: &UserPoolMfaConfig,
        observed: &Observed,
        plan: &Plan,
        interval: Duration,
    ) -> Result<(), hold::Hold> {
        let mut budget = self.shared.budget();
        hold::check_hold(object, observed, plan, interval, &mut budget, self.shared.now())
    }

    /// Records how the reconciliation ended. A write that is due keeps its place: the object asks again soon.
    pub fn end(mut self, ended: &Ended) {
        let outcome = match ended {
            Ended::With(outcome) => Some(&**outcome),
            Ended::Cancelled => None,
            Ended::WriteDue => {
                self.keeps_place = true;
                return;
            }
        };
        let mut budget = self.shared.budget();
        record_outcome(&self.object, outcome, &mut budget, self.shared.now().since_start);
    }
}

impl Drop for BudgetRequest<'_> {
    /// After [`BudgetRequest::end`] no result is pending, so this changes nothing.
    fn drop(&mut self) {
        if !self.keeps_place {
            let now = self.shared.now().since_start;
            self.shared.budget().record_result(&self.object, WriteResult::Unknown, now);
        }
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

    fn is_allowed(request: &BudgetRequest<'_>, name: &str) -> bool {
        let object = object(name);
        request.check_hold(&object, &on(), &plan_for(&object, &on()), Duration::from_mins(10)).is_ok()
    }

    #[test]
    fn a_panicked_write_counts_until_its_object_asks_again() {
        let budget = SharedBudget::new(1, Leadership::alone());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let request = budget.begin(&object("panics"));
            assert!(is_allowed(&request, "panics"));
            panic!("a bug");
        }));
        assert!(panicked.is_err());
        let other = budget.begin(&object("other"));
        assert!(!is_allowed(&other, "other"), "the write may have been sent");
        other.end(&Ended::Cancelled);
        budget.leave_line("team/other");
        let again = budget.begin(&object("panics"));
        assert!(is_allowed(&again, "panics"));
        again.end(&Ended::Cancelled);
        assert!(
            is_allowed(&budget.begin(&object("other")), "other"),
            "the write was not sent and does not count"
        );
    }
}
