//! The response to a write, or its loss.

use super::process;
use crate::world::{Declaration, InFlight, Object, Outcome, PoolState, Reconciliation, Stage, World};

impl World {
    pub(super) fn receive_response(&mut self, replica: usize, name: usize) -> Option<()> {
        let (planned, before) = self.sent(replica, name)?;
        let slot = self.awaited(replica, planned.declaration)?;
        let after = self.writes[slot].take_if(|write| write.applied.is_some())?.applied?;
        let stage = Stage::Finished(Outcome::Written(before, after));
        self.replicas[replica].reconciliations[name] = Some(Reconciliation::new(planned, stage));
        Some(())
    }

    pub(super) fn lose_response(&mut self, replica: usize, name: usize) -> Option<()> {
        let (planned, before) = self.sent(replica, name)?;
        let slot = self.awaited(replica, planned.declaration)?;
        let write = self.writes[slot].as_mut()?;
        write.awaited = false;
        self.allowed.lost_responses = self.allowed.lost_responses.checked_sub(1)?;
        self.writes[slot].take_if(|write| write.applied.is_some());
        let stage = Stage::Finished(Outcome::Unknown(before));
        self.replicas[replica].reconciliations[name] = Some(Reconciliation::new(planned, stage));
        Some(())
    }

    /// The planned object of a reconciliation whose write is sent, and the pool before the write.
    fn sent(&self, replica: usize, name: usize) -> Option<(Object, PoolState)> {
        let Reconciliation { planned, stage, .. } = self.replicas[replica].reconciliations[name]?;
        let Stage::Sent(before) = stage else { return None };
        Some((planned, before))
    }

    fn awaited(&self, replica: usize, declaration: Declaration) -> Option<usize> {
        let is_awaited = |write: InFlight| {
            write.awaited && write.by == process(replica) && write.declaration == declaration
        };
        self.writes.iter().position(|write| write.is_some_and(is_awaited))
    }
}
