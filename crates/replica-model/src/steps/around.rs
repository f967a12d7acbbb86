//! What happens around the operator: time, people, Cognito.

use super::Rules;
use crate::{
    election::DURATION,
    world::{Broken, Decl, InFlight, Live, Memory, Object, World},
};

impl World {
    /// What Cognito has got and the client waits for is done within the time that the client waits.
    pub(super) fn tick(&mut self) -> Option<()> {
        if self.sets.iter().flatten().any(|set| set.awaited && set.left.is_none() && set.ticks == 1) {
            return None;
        }
        for replica in &mut self.replicas {
            replica.election.tick();
            replica.bar = replica.bar.saturating_sub(1);
            replica.pending.iter_mut().for_each(|write| write.age = (write.age + 1).min(DURATION));
        }
        for set in &mut self.sets {
            if let Some(set) = set {
                set.ticks = set.ticks.saturating_sub(1);
            }
            set.take_if(|set| set.ticks == 0 && !set.awaited);
        }
        Some(())
    }

    pub(super) fn edit(&mut self, name: usize) -> Option<()> {
        self.allowed.edits = self.allowed.edits.checked_sub(1)?;
        self.objects[name].as_mut()?.decl.generation += 1;
        Some(())
    }

    pub(super) fn delete(&mut self, name: usize) -> Option<()> {
        self.allowed.deletions = self.allowed.deletions.checked_sub(1)?;
        self.told = None;
        self.objects[name].take().map(drop)
    }

    pub(super) fn create(&mut self, name: usize) -> Option<()> {
        self.allowed.creations = self.allowed.creations.checked_sub(1)?;
        let decl = Decl { uid: self.next_uid, generation: 1 };
        self.next_uid += 1;
        let old = self.objects[name].replace(Object { decl, memory: Memory::default() });
        old.is_none().then_some(())
    }

    pub(super) fn drift(&mut self) -> Option<()> {
        self.allowed.drifts = self.allowed.drifts.checked_sub(1)?;
        (self.live, self.told) = (Live::Hand, None);
        Some(())
    }

    pub(super) fn done(&mut self, set: usize, rules: &Rules) -> Option<()> {
        let InFlight { decl, by, awaited, .. } =
            self.sets[set].filter(|set| set.left.is_none() && set.ticks > 0)?;
        self.live = if rules.keeps { Live::Beside(decl) } else { Live::As(decl) };
        self.sets[set].iter_mut().for_each(|done| (done.left, done.ticks) = (Some(self.live), 0));
        self.sets[set].take_if(|_| !awaited);
        self.broken = match () {
            () if self.newest.is_some_and(|newest| newest > decl) => Some(Broken::OlderOverNewer),
            () if self.lease.is_some_and(|holder| holder != by) => Some(Broken::DoneUnderAnother),
            () => self.broken,
        };
        self.newest = self.newest.max(Some(decl));
        self.told = self.told.filter(|told| *told == decl);
        Some(())
    }
}
