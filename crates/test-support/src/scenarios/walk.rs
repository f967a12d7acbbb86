//! Walks a sequence: declares each spec, passes over the pool until well after the grace, and tells the end.

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

/// Far enough apart that the third one is after the grace of five minutes.
const PASSES: i64 = 4;
const APART: i64 = 150;

/// How a sequence ended.
#[derive(Debug)]
pub struct Walk {
    /// The reason of Ready, and what kstatus makes of it.
    pub end: (String, Kstatus),
    /// The Sets that Cognito took after the first pass over each spec.
    pub steady_sets: usize,
    /// The Sets that Cognito took in all.
    pub sets: usize,
}

/// `pass` passes over the pool and tells how that ended.
pub fn walk(sequence: &Sequence, pool: &str, mut pass: impl FnMut(&UserPoolMfaConfig) -> Outcome) -> Walk {
    let mut object = object(&overwriting(&sequence.specs[0]));
    let mut sets = Vec::new();
    for (number, spec) in sequence.specs.iter().enumerate() {
        if number > 0 {
            object = edited(&object, &overwriting(spec));
        }
        object.spec.user_pool_id = pool.into();
        for time in 0..PASSES {
            let outcome = pass(&object);
            sets.push((time, matches!(outcome, Outcome::Written { .. })));
            object = after(
                &object,
                &outcome,
                at(APART * time + APART * PASSES * i64::try_from(number).unwrap_or(0)),
            );
        }
    }
    let ready = object.status.as_ref().and_then(|status| status.condition(ConditionType::Ready));
    Walk {
        end: (ready.map(|ready| ready.reason.clone()).unwrap_or_default(), kstatus(&object)),
        steady_sets: sets.iter().filter(|(time, set)| *time > 0 && *set).count(),
        sets: sets.iter().filter(|(_, set)| *set).count(),
    }
}

fn overwriting(spec: &Value) -> Value {
    let mut spec = spec.clone();
    spec["adoptionPolicy"] = json!("Overwrite");
    spec
}
