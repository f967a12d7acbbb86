//! The environment of the operator: time, people, Cognito.

use super::Rules;
use crate::{
    election::DURATION,
    world::{Declaration, InFlight, Memory, Object, PoolState, Violation, World},
};

impl World {
    /// Time cannot pass beyond the client's timeout while an awaited write is not applied.
    pub(super) fn tick(&mut self, rules: &Rules) -> Option<()> {
        let mut writes = self.writes.iter().flatten();
        if writes.any(|write| write.awaited && write.applied.is_none() && write.ticks == 1) {
            return None;
        }
        for replica in &mut self.replicas {
            replica.election.tick();
            replica.blocked = replica.blocked.saturating_sub(1);
            replica.reconciliations = replica.reconciliations.map(|one| one?.after_tick(rules.guards));
            replica.lease_write.iter_mut().for_each(|write| write.age = (write.age + 1).min(DURATION));
        }
        for slot in &mut self.writes {
            if let Some(write) = slot {
                write.ticks = write.ticks.saturating_sub(1);
            }
            slot.take_if(|write| write.ticks == 0 && !write.awaited);
        }
        Some(())
    }

    pub(super) fn edit(&mut self, name: usize) -> Option<()> {
        self.allowed.edits = self.allowed.edits.checked_sub(1)?;
        self.objects[name].as_mut()?.declaration.generation += 1;
        Some(())
    }

    pub(super) fn delete(&mut self, name: usize) -> Option<()> {
        self.allowed.deletions = self.allowed.deletions.checked_sub(1)?;
        self.reported = None;
        self.objects[name].take().map(drop)
    }

    pub(super) fn create(&mut self, name: usize) -> Option<()> {
        self.allowed.creations = self.allowed.creations.checked_sub(1)?;
        let declaration = Declaration { uid: self.next_uid, generation: 1 };
        self.next_uid += 1;
        let old = self.objects[name].replace(Object { declaration, memory: Memory::default() });
        old.is_none().then_some(())
    }

    pub(super) fn drift(&mut self) -> Option<()> {
        self.allowed.drifts = self.allowed.drifts.checked_sub(1)?;
        (self.pool, self.reported) = (PoolState::Drifted, None);
        let running = self.replicas.iter_mut().flat_map(|replica| &mut replica.reconciliations);
        for one in running.flatten().filter(|one| one.stage.is_before_send()) {
            one.look.outdated = true;
        }
        Some(())
    }

    pub(super) fn apply(&mut self, write: usize, rules: &Rules) -> Option<()> {
        let InFlight { declaration, by, awaited, .. } =
            self.writes[write].filter(|write| write.applied.is_none() && write.ticks > 0)?;
        self.pool = if rules.keeps_more {
            PoolState::DeclaredAndMore(declaration)
        } else {
            PoolState::Declared(declaration)
        };
        self.writes[write].iter_mut().for_each(|done| (done.applied, done.ticks) = (Some(self.pool), 0));
        self.writes[write].take_if(|_| !awaited);
        self.violation = match () {
            () if self.newest.is_some_and(|newest| newest > declaration) => Some(Violation::OlderOverNewer),
            () if self.lease.is_some_and(|holder| holder != by) => Some(Violation::AppliedUnderAnotherLeader),
            () => self.violation,
        };
        self.newest = self.newest.max(Some(declaration));
        self.reported = self.reported.filter(|reported| *reported == declaration);
        Some(())
    }
}
