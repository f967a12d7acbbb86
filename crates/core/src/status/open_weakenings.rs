//! Weakening writes whose end is open, so that a retry of one is not counted as another.

use std::collections::HashMap;

use super::outcome::Outcome;
use crate::plan::step::{Cause, Plan};

/// The last weakening write of each object (`namespace/name`) that Cognito may have accepted, while no check has ended
/// since.
#[derive(Debug, Default)]
pub struct OpenWeakenings(HashMap<String, OpenWeakening>);

#[derive(Debug, PartialEq, Eq)]
struct OpenWeakening {
    generation: i64,
    losses: Vec<&'static str>,
}

impl OpenWeakenings {
    /// Records the outcome of an object's reconciliation. Returns the cause of its weakening write, if it has one that is
    /// not the retry of an earlier one.
    pub fn record(&mut self, object: &str, generation: i64, outcome: &Outcome) -> Option<Cause> {
        let weakening =
            outcome.may_have_written().and_then(|plan| weakening(plan, outcome.weakened(), generation));
        match outcome {
            Outcome::Written { .. } => {
                let open = self.0.remove(object);
                weakening.filter(|(_, write)| open.as_ref() != Some(write)).map(|(cause, _)| cause)
            }
            Outcome::Failed(..) => {
                let (cause, write) = weakening?;
                let is_retry = self.0.get(object) == Some(&write);
                self.0.insert(object.to_owned(), write);
                (!is_retry).then_some(cause)
            }
            Outcome::Checked(..) => {
                self.remove(object);
                None
            }
            Outcome::OnHold(..)
            | Outcome::Suspended
            | Outcome::Unresolved(_)
            | Outcome::Denied { .. }
            | Outcome::NotOwner(_) => None,
        }
    }

    /// Forgets a deleted object.
    pub fn remove(&mut self, object: &str) {
        self.0.remove(object);
    }
}

fn weakening(plan: &Plan, losses: Vec<&'static str>, generation: i64) -> Option<(Cause, OpenWeakening)> {
    let cause = plan.step.cause()?;
    (!losses.is_empty()).then_some((cause, OpenWeakening { generation, losses }))
}
