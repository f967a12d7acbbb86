//! The Lease: how a process becomes leader, and how it ends.

use super::{Rules, process};
use crate::{
    election::Holder,
    world::{DEAD, LeaseWrite, Reconciliation, Replica, World},
};

impl World {
    pub(super) fn try_lease(&mut self, replica: usize, rules: &Rules) -> Option<()> {
        self.read_and_claim(replica)?;
        self.replicas[replica].lease_write.map_or(Some(()), |_| self.store_lease(replica, true, rules))
    }

    pub(super) fn begin_try_lease(&mut self, replica: usize) -> Option<()> {
        self.allowed.slow_lease_writes = self.allowed.slow_lease_writes.checked_sub(1)?;
        self.read_and_claim(replica)?;
        self.replicas[replica].lease_write.map(drop)
    }

    fn read_and_claim(&mut self, replica: usize) -> Option<()> {
        let holder = self.holder(replica);
        let replica = &mut self.replicas[replica];
        if replica.lease_write.is_some() || replica.stopping && replica.election.renewed.is_none() {
            return None;
        }
        if !replica.election.fresh {
            replica.election.observe(holder);
        }
        if replica.election.claim() {
            let valid = replica.election.observed.is_some_and(|observed| observed.current);
            replica.lease_write = Some(LeaseWrite { age: 0, valid, release: false });
        }
        Some(())
    }

    pub(super) fn holder(&self, replica: usize) -> Holder {
        match self.lease {
            None => Holder::Nobody,
            Some(process) if usize::from(process) == replica => Holder::Me,
            Some(_) => Holder::Other,
        }
    }

    pub(super) fn store_lease(&mut self, writer: usize, answered: bool, rules: &Rules) -> Option<()> {
        let write = self.replicas[writer].lease_write.take()?;
        if write.valid {
            self.lease = (!write.release).then(|| process(writer));
            for (number, replica) in self.replicas.iter_mut().enumerate() {
                replica.election.same_term &= number == writer;
                replica.election.observed.iter_mut().for_each(|observed| observed.current = false);
                replica.lease_write.iter_mut().for_each(|write| write.valid = false);
            }
            if answered && !write.release && self.replicas[writer].election.wrote(write.age) {
                self.replicas[writer].begin_term(rules.guards);
            }
        }
        if write.release {
            self.restart(writer);
        }
        Some(())
    }

    pub(super) fn crash(&mut self, replica: usize) -> Option<()> {
        self.allowed.crashes = self.allowed.crashes.checked_sub(1)?;
        self.restart(replica);
        Some(())
    }

    /// Starts a new process with its own identity in the place of one that ended. Its first list may be as old as the
    /// cache of the previous process.
    pub(super) fn restart(&mut self, replica: usize) {
        let cache = self.replicas[replica].cache;
        self.replicas[replica] = Replica { cache, ..Replica::default() };
        let holder = self.lease.iter_mut().filter(|holder| **holder == process(replica));
        holder.for_each(|holder| *holder = DEAD);
        for slot in &mut self.writes {
            for write in slot.iter_mut().filter(|write| write.by == process(replica)) {
                (write.by, write.awaited) = (DEAD, false);
            }
            slot.take_if(|write| !write.awaited && write.applied.is_some());
        }
    }

    pub(super) fn stop(&mut self, replica: usize) -> Option<()> {
        self.allowed.stops = self.allowed.stops.checked_sub(1)?;
        self.replicas[replica].stopping = true;
        Some(())
    }

    /// A process releases the Lease when its runs have ended; a kept status is lost. If the result of a write is unknown,
    /// it also waits until the allowed work is over.
    pub(super) fn release(&mut self, number: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[number];
        let idle = !replica.reconciliations.iter().flatten().any(Reconciliation::is_running)
            && (replica.blocked == 0 || replica.election.busy == 0);
        if !replica.stopping || replica.lease_write.is_some() || (rules.guards.release_when_idle && !idle) {
            return None;
        }
        if !replica.election.release() {
            self.restart(number);
            return Some(());
        }
        let valid = replica.election.observed.is_some_and(|observed| observed.current);
        replica.reconciliations = [None; 2];
        replica.lease_write = Some(LeaseWrite { age: 0, valid, release: true });
        Some(())
    }
}
