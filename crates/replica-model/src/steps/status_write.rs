//! The end of a reconciliation: its outcome is written into the status, or kept for a later run.

use super::Rules;
use crate::{
    election::LONGEST,
    guards::Guards,
    world::{Object, Outcome, Reconciliation, Replica, Stage, World},
};

impl World {
    pub(super) fn write_status(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        self.check_lease_for_status(replica, name, rules)?;
        self.finish_status_write(replica, name, rules)
    }

    pub(super) fn begin_status_write(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        self.allowed.slow_status_writes = self.allowed.slow_status_writes.checked_sub(1)?;
        self.check_lease_for_status(replica, name, rules)
    }

    fn check_lease_for_status(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[replica];
        let reconciliation = replica.reconciliations[name]?;
        let Stage::Finished(outcome) = reconciliation.stage else { return None };
        if rules.guards.checks_lease_before_status && !replica.election.leads() {
            return None;
        }
        replica.reconciliations[name] = Some(reconciliation.at(Stage::WritingStatus(outcome)));
        Some(())
    }

    /// The replica does not lead any more, or the API server fails. The next read finds again what the other outcomes say.
    pub(super) fn keep_status(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[replica];
        let reconciliation = replica.reconciliations[name].filter(|one| one.reserves_pool)?;
        let Stage::Finished(outcome) = reconciliation.stage else { return None };
        replica.end_run(reconciliation, outcome, rules.guards);
        let may_have_written = matches!(outcome, Outcome::Written(..) | Outcome::Unknown(_));
        replica.reconciliations[name] =
            may_have_written.then_some(Reconciliation { reserves_pool: false, ..reconciliation });
        Some(())
    }

    /// A replica that does not lead cannot write a kept status. It keeps the outcome only until its term ends.
    pub(super) fn drop_status(&mut self, replica: usize, name: usize) -> Option<()> {
        let replica = &mut self.replicas[replica];
        let drops = !replica.reconciliations[name]?.is_running() && !replica.election.leads();
        replica.reconciliations[name].take_if(|_| drops).map(drop)
    }

    /// After a conflict the object is read again, and the status is computed for its current version.
    pub(super) fn finish_status_write(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[replica];
        let reconciliation = replica.reconciliations[name]?;
        let Stage::WritingStatus(outcome) = reconciliation.stage else { return None };
        replica.end_run(reconciliation, outcome, rules.guards);
        replica.reconciliations[name] = None;
        let planned = reconciliation.planned;
        let current = self.objects[name].filter(|it| it.declaration.uid == planned.declaration.uid);
        let Some(current) = current else { return Some(()) };
        let base = if rules.guards.compare_and_swap { current } else { planned };
        if let Some(memory) = rules.decisions.status(planned, base, outcome) {
            self.objects[name] = Some(Object { memory, ..current });
            let declaration = Some(current.declaration);
            let newest = memory.applied == declaration && self.newest == declaration;
            let reported = newest && memory.observed == Some(self.pool);
            self.reported = if reported { declaration } else { self.reported };
        }
        Some(())
    }
}

impl Replica {
    /// From the end of a run that sent a write of unknown result, its pool is blocked for as long as a write can last.
    fn end_run(&mut self, reconciliation: Reconciliation, outcome: Outcome, guards: Guards) {
        let unknown = reconciliation.reserves_pool && matches!(outcome, Outcome::Unknown(_));
        if unknown && guards.block_pool {
            self.blocked = LONGEST;
        }
    }
}

impl Reconciliation {
    /// Whether a run of it goes on. Without one, its status is kept for a later run.
    pub(super) fn is_running(&self) -> bool {
        self.reserves_pool || matches!(self.stage, Stage::WritingStatus(_))
    }
}
