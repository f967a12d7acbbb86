//! How a process comes to lead, and how it ends.

use super::{Rules, process};
use crate::{
    election::Holder,
    world::{DEAD, Pending, Replica, World},
};

impl World {
    pub(super) fn try_lease(&mut self, who: usize, rules: &Rules) -> Option<()> {
        self.begin_try(who)?;
        self.replicas[who].pending.map_or(Some(()), |_| self.arrive(who, true, rules))
    }

    pub(super) fn try_lease_slowly(&mut self, who: usize) -> Option<()> {
        self.allowed.slow_leases = self.allowed.slow_leases.checked_sub(1)?;
        self.begin_try(who)?;
        self.replicas[who].pending.map(drop)
    }

    fn begin_try(&mut self, who: usize) -> Option<()> {
        let holder = self.holder(who);
        let replica = &mut self.replicas[who];
        if replica.pending.is_some() || replica.leaving && replica.election.renewed.is_none() {
            return None;
        }
        if !replica.election.fresh {
            replica.election.saw(holder);
        }
        if replica.election.claim() {
            let valid = replica.election.seen.is_some_and(|seen| seen.current);
            replica.pending = Some(Pending { age: 0, valid, release: false });
        }
        Some(())
    }

    pub(super) fn holder(&self, who: usize) -> Holder {
        match self.lease {
            None => Holder::Nobody,
            Some(process) if usize::from(process) == who => Holder::Me,
            Some(_) => Holder::Other,
        }
    }

    pub(super) fn arrive(&mut self, who: usize, heard: bool, rules: &Rules) -> Option<()> {
        let write = self.replicas[who].pending.take()?;
        if write.valid {
            self.lease = (!write.release).then(|| process(who));
            for (other, replica) in self.replicas.iter_mut().enumerate() {
                replica.election.held &= other == who;
                replica.election.seen.iter_mut().for_each(|seen| seen.current = false);
                replica.pending.iter_mut().for_each(|write| write.valid = false);
            }
            if heard && !write.release && self.replicas[who].election.wrote(write.age) {
                self.replicas[who].begin_term(rules.guards);
            }
        }
        if write.release {
            self.begin_again(who);
        }
        Some(())
    }

    pub(super) fn crash(&mut self, who: usize) -> Option<()> {
        self.allowed.crashes = self.allowed.crashes.checked_sub(1)?;
        self.begin_again(who);
        Some(())
    }

    /// A new process, with a name of its own, in the place of one that is no more. Its list may be as old as what the
    /// other had seen.
    pub(super) fn begin_again(&mut self, who: usize) {
        let cache = self.replicas[who].cache;
        self.replicas[who] = Replica { cache, ..Replica::default() };
        self.lease.iter_mut().filter(|holder| **holder == process(who)).for_each(|holder| *holder = DEAD);
        for slot in &mut self.sets {
            for set in slot.iter_mut().filter(|set| set.by == process(who)) {
                (set.by, set.awaited) = (DEAD, false);
            }
            slot.take_if(|set| !set.awaited && set.left.is_some());
        }
    }

    pub(super) fn stop(&mut self, who: usize) -> Option<()> {
        self.allowed.stops = self.allowed.stops.checked_sub(1)?;
        self.replicas[who].leaving = true;
        Some(())
    }

    /// The passes are over, and where a Set is open all work that was allowed is.
    pub(super) fn release(&mut self, who: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[who];
        let over =
            replica.passes.iter().all(Option::is_none) && (replica.bar == 0 || replica.election.busy == 0);
        if !replica.leaving || replica.pending.is_some() || (rules.guards.rest && !over) {
            return None;
        }
        if !replica.election.release() {
            self.begin_again(who);
            return Some(());
        }
        let valid = replica.election.seen.is_some_and(|seen| seen.current);
        (replica.passes, replica.pending) = ([None; 2], Some(Pending { age: 0, valid, release: true }));
        Some(())
    }
}
