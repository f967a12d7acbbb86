//! The breaker of this process, for all passes: what is lowered, who waits, and what other processes lowered.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use cognito_mfa_core::{
    access::ownership::key,
    api::v1alpha1::UserPoolMfaConfig,
    plan::{
        budget::{Breaker, Sent},
        hold,
        step::Plan,
    },
    settings::observed::Live,
    status::outcome::{Outcome, settle},
};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{controller::leader_election::leadership::Leadership, locked::locked, ops::metrics::Metrics};

/// The breaker counts from before the start, so that the ages of lowerings before it fit.
const BEFORE: Duration = Duration::from_hours(1);

/// The lowerings of the fleet.
pub struct Lowerings {
    breaker: Mutex<Breaker>,
    leadership: Leadership,
    metrics: Arc<Metrics>,
    start: Instant,
}

/// A pass that may lower a pool, until it has ended. One that ends without a word, because it panicked, may have.
pub struct Pass<'a> {
    all: &'a Lowerings,
    object: String,
}

impl Lowerings {
    /// At most `limit` an hour.
    pub fn new(limit: u32, leadership: Leadership, metrics: Arc<Metrics>) -> Self {
        Self { breaker: Mutex::new(Breaker::new(limit)), leadership, metrics, start: Instant::now() }
    }

    /// Takes note of the lowering that an object's status tells of.
    pub fn note(&self, object: &UserPoolMfaConfig) {
        let told = object.status.as_ref().and_then(|status| status.last_lowering_time);
        if let Some(told) = told {
            let now = self.now();
            self.breaker().saw(&key(object), told, now.clock, now.since_start);
        }
    }

    /// Begins a pass over an object.
    pub fn begin(&self, object: &UserPoolMfaConfig) -> Pass<'_> {
        Pass { all: self, object: key(object) }
    }

    /// Takes an object, `namespace/name`, out of the line of those whose lowering is held.
    pub fn leave_line(&self, name: &str) {
        let mut breaker = self.breaker();
        breaker.leave(name);
        self.metrics.held(breaker.waiting());
    }

    /// Forgets an object, `namespace/name`, that is gone.
    pub fn forget(&self, name: &str) {
        self.breaker().forget(name);
        self.leave_line(name);
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        locked(&self.breaker)
    }

    fn now(&self) -> hold::Now {
        hold::Now { clock: Timestamp::now(), since_start: BEFORE + self.start.elapsed() }
    }
}

impl Pass<'_> {
    /// Whether a planned Set may be made now.
    ///
    /// # Errors
    /// Why it waits.
    pub fn gate(
        &self,
        object: &UserPoolMfaConfig,
        live: &Live,
        plan: &Plan,
        interval: Duration,
    ) -> Result<(), hold::Wait> {
        let mut breaker = self.all.breaker();
        breaker.in_term(self.all.leadership.term());
        hold::gate(object, live, plan, interval, &mut breaker, self.all.now())
    }

    /// Tells how the pass ended; None when it told nothing of the object.
    pub fn end(self, outcome: Option<&Outcome>) {
        let mut breaker = self.all.breaker();
        settle(&self.object, outcome, &mut breaker, self.all.now().since_start);
        self.all.metrics.held(breaker.waiting());
    }
}

impl Drop for Pass<'_> {
    /// After [`Pass::end`] nothing is left to tell.
    fn drop(&mut self) {
        self.all.breaker().settle(&self.object, Sent::Open, self.all.now().since_start);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use cognito_mfa_core::plan::planned;
    use serde_json::{Value, json};

    use super::*;

    fn object(name: &str) -> UserPoolMfaConfig {
        let spec =
            json!({"userPoolId": "eu-west-1_A", "mfaConfiguration": "OFF", "adoptionPolicy": "Overwrite"});
        let metadata = json!({"namespace": "team", "name": name, "generation": 1});
        serde_json::from_value(json!({"apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig", "metadata": metadata, "spec": spec}))
            .unwrap()
    }

    fn on() -> Live {
        let settings: Value =
            json!({"mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": true}});
        Live { settings: serde_json::from_value(settings).unwrap(), unknown: Vec::new() }
    }

    fn asks(pass: &Pass<'_>, name: &str) -> bool {
        let object = object(name);
        pass.gate(&object, &on(), &planned(&object, &on()), Duration::from_mins(10)).is_ok()
    }

    #[test]
    fn a_pass_that_panics_counts_until_its_object_asks_again_and_no_longer() {
        let all = Lowerings::new(1, Leadership::alone(), Arc::new(Metrics::default()));
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
