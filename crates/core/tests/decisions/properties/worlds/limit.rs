//! The oracle for the hourly limit on weakening writes.

use std::time::Duration;

use cognito_mfa_core::{api::v1alpha1::ALLOW_LOWERING, status::outcome::Outcome};
use test_support::simulated_world::{Pass, World};

use super::edits::{Edits, lowers, restores, took_away};

const HOUR: Duration = Duration::from_hours(1);

/// The weakening writes that this process made and that count.
#[derive(Debug, Default)]
pub struct Limit {
    /// When they were made, and the generation of one whose answer was lost.
    writes: Vec<(Duration, Option<i64>)>,
    restarts: usize,
}

impl Limit {
    /// Counts the write of a pass. Returns whether it is within the limit.
    pub fn allows(&mut self, world: &World, pass: &Pass, edits: &Edits, limit: usize) -> bool {
        if std::mem::replace(&mut self.restarts, world.restarts) != world.restarts {
            self.writes.clear();
        }
        // A process that crashes before it writes the status takes the count with it.
        let counted = pass
            .sent
            .as_ref()
            .filter(|sent| lowers(sent) && took_away(world, pass, sent) && sent.lands && !pass.crashed);
        let Some(sent) = counted else { return true };
        if is_approved(pass) || edits.gives_mode_back(sent) || (edits.is_correction(pass) && restores(sent)) {
            return true;
        }
        let generation = pass.planned.metadata.generation;
        // A lost write that is asked for again counts once: the pool was read in between, and did not show it.
        self.writes.retain(|(made, lost)| {
            pass.elapsed.saturating_sub(*made) < HOUR && (lost.is_none() || *lost != generation)
        });
        let is_lost = matches!(pass.outcome, Outcome::Failed(..));
        self.writes.push((pass.elapsed, generation.filter(|_| is_lost)));
        self.writes.len() <= limit
    }
}

fn is_approved(pass: &Pass) -> bool {
    let meta = &pass.planned.metadata;
    let approved = meta.annotations.as_ref().and_then(|annotations| annotations.get(ALLOW_LOWERING));
    approved.cloned() == meta.generation.map(|generation| generation.to_string())
}
