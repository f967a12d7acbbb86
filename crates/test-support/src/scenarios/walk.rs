//! Walks a sequence: applies each spec, reconciles the pool until well after the grace period, and returns the result.

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, UserPoolMfaConfig},
    status::outcome::Outcome,
};
use serde_json::{Value, json};

use super::sequences::Sequence;
use crate::{
    fixtures::{after, at, edited, object},
    kstatus::{Kstatus, kstatus},
};

/// How often each spec is reconciled.
const RECONCILIATIONS: i64 = 4;
/// The seconds between two reconciliations. The third one is after the grace period of five minutes.
const INTERVAL: i64 = 150;

/// The result of a sequence.
#[derive(Debug)]
pub struct Walk {
    /// The reason of Ready, and the object's kstatus.
    pub result: (String, Kstatus),
    /// The accepted writes after the first reconciliation of each spec.
    pub repeated_writes: usize,
    /// All accepted writes.
    pub writes: usize,
}

/// Walks the sequence; `reconcile` reconciles the pool once.
pub fn walk(
    sequence: &Sequence,
    pool: &str,
    mut reconcile: impl FnMut(&UserPoolMfaConfig) -> Outcome,
) -> Walk {
    let mut object = object(&overwriting(&sequence.specs[0]));
    let mut writes = Vec::new();
    for (number, spec) in sequence.specs.iter().enumerate() {
        if number > 0 {
            object = edited(&object, &overwriting(spec));
        }
        object.spec.user_pool_id = Some(pool.into());
        let start = INTERVAL * RECONCILIATIONS * i64::try_from(number).expect("few specs");
        for round in 0..RECONCILIATIONS {
            let outcome = reconcile(&object);
            writes.push((round, matches!(outcome, Outcome::Written { .. })));
            object = after(&object, &outcome, at(start + INTERVAL * round));
        }
    }
    let ready = object.status.as_ref().and_then(|status| status.condition(ConditionType::Ready));
    Walk {
        result: (ready.map(|ready| ready.reason.clone()).unwrap_or_default(), kstatus(&object)),
        repeated_writes: writes.iter().filter(|(round, written)| *round > 0 && *written).count(),
        writes: writes.iter().filter(|(_, written)| *written).count(),
    }
}

fn overwriting(spec: &Value) -> Value {
    let mut spec = spec.clone();
    spec["adoptionPolicy"] = json!("Overwrite");
    spec
}
