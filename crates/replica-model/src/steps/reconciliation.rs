//! A reconciliation, step by step.

use super::{Rules, process};
use crate::{
    election::{DURATION, LONGEST},
    guards::Guards,
    world::{
        Declaration, InFlight, Memory, Object, Outcome, PoolState, Reconciliation, Replica, Stage, Violation,
        World,
    },
};

impl World {
    pub(super) fn observe(&mut self, replica: usize, name: usize) -> Option<()> {
        let (cached, current) = (&mut self.replicas[replica].cache[name], self.objects[name]);
        (*cached != current).then(|| *cached = current)
    }

    /// The cached object, if a reconciliation of it may begin.
    pub(super) fn may_reconcile(&self, replica: usize, name: usize, rules: &Rules) -> Option<Object> {
        let replica = &self.replicas[replica];
        let object = replica.cache[name]?;
        let has_lock =
            |one: &Reconciliation| !matches!(one.stage, Stage::Finished(_) | Stage::WritingStatus(_));
        let locked = rules.guards.one_run_per_pool && replica.reconciliations.iter().flatten().any(has_lock);
        let may =
            replica.reconciliations[name].is_none() && !locked && replica.blocked == 0 && !replica.stopping;
        (may && replica.election.leads() && replica.owns(name)).then_some(object)
    }

    pub(super) fn read(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let planned = self.may_reconcile(replica, name, rules)?;
        let checked = Outcome::Checked(self.pool);
        let stage = match rules.decisions.plans_write(planned, self.pool) {
            true => Stage::Planned(self.pool),
            // Such a reconciliation would change nothing.
            false if rules.decisions.status(planned, planned, checked).is_none() => return None,
            false => Stage::Finished(checked),
        };
        self.replicas[replica].reconciliations[name] =
            Some(Reconciliation { planned, stage, repeats: false });
        Some(())
    }

    pub(super) fn fail_read(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        self.allowed.failed_reads = self.allowed.failed_reads.checked_sub(1)?;
        let planned = self.may_reconcile(replica, name, rules)?;
        let stage = Stage::Finished(Outcome::ReadFailed);
        self.replicas[replica].reconciliations[name] =
            Some(Reconciliation { planned, stage, repeats: false });
        Some(())
    }

    pub(super) fn recheck(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let reconciliation = &mut self.replicas[replica].reconciliations[name];
        let Reconciliation { planned, stage: Stage::Planned(pool), .. } = (*reconciliation)? else {
            return None;
        };
        let valid = still_planned(planned, self.objects[name], rules.guards);
        let repeats = self.reported == Some(planned.declaration);
        *reconciliation = valid.then_some(Reconciliation { planned, stage: Stage::Rechecked(pool), repeats });
        Some(())
    }

    pub(super) fn check_guards(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[replica];
        let reconciliation = replica.reconciliations[name]?;
        let Stage::Rechecked(pool) = reconciliation.stage else { return None };
        let leads = !rules.guards.checks_lease_early || replica.may_send(rules.guards);
        let may = leads && replica.owns(name);
        replica.reconciliations[name] =
            may.then_some(Reconciliation { stage: Stage::Cleared(pool), ..reconciliation });
        Some(())
    }

    pub(super) fn send(&mut self, number: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[number];
        let reconciliation = replica.reconciliations[name]?;
        let Stage::Cleared(pool) = reconciliation.stage else { return None };
        if rules.guards.checks_lease_at_send && !replica.may_send(rules.guards) {
            replica.reconciliations[name] = None;
            return Some(());
        }
        let has_lease = replica.election.renewed.is_some_and(|age| age < DURATION);
        replica.reconciliations[name] =
            Some(Reconciliation { stage: Stage::Sent(pool), repeats: false, ..reconciliation });
        let (declaration, by) = (reconciliation.planned.declaration, process(number));
        let free = self.writes.iter_mut().find(|slot| slot.is_none())?;
        *free = Some(InFlight { declaration, by, awaited: true, applied: None, ticks: LONGEST });
        if reconciliation.repeats {
            self.violation = Some(Violation::RepeatedWrite);
        }
        if !has_lease || self.lease != Some(by) {
            self.violation = Some(Violation::SentWithoutLease);
        }
        Some(())
    }

    pub(super) fn receive_response(&mut self, replica: usize, name: usize) -> Option<()> {
        let (planned, before) = self.sent(replica, name)?;
        let slot = self.awaited(replica, planned.declaration)?;
        let after = self.writes[slot].take_if(|write| write.applied.is_some())?.applied?;
        let stage = Stage::Finished(Outcome::Written(before, after));
        self.replicas[replica].reconciliations[name] =
            Some(Reconciliation { planned, stage, repeats: false });
        Some(())
    }

    pub(super) fn lose_response(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let (planned, before) = self.sent(replica, name)?;
        let slot = self.awaited(replica, planned.declaration)?;
        let write = self.writes[slot].as_mut()?;
        write.awaited = false;
        self.allowed.lost_responses = self.allowed.lost_responses.checked_sub(1)?;
        self.writes[slot].take_if(|write| write.applied.is_some());
        let replica = &mut self.replicas[replica];
        replica.blocked = if rules.guards.block_pool { LONGEST } else { 0 };
        let stage = Stage::Finished(Outcome::Unknown(before));
        replica.reconciliations[name] = Some(Reconciliation { planned, stage, repeats: false });
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
        let Reconciliation { planned, stage: Stage::Finished(outcome), .. } = replica.reconciliations[name]?
        else {
            return None;
        };
        if rules.guards.checks_lease_before_status && !replica.election.leads() {
            return None;
        }
        let stage = Stage::WritingStatus(outcome);
        replica.reconciliations[name] = Some(Reconciliation { planned, stage, repeats: false });
        Some(())
    }

    /// A replica that does not lead cannot write the status. It keeps the outcome only until its term ends.
    pub(super) fn drop_status(&mut self, replica: usize, name: usize) -> Option<()> {
        let replica = &mut self.replicas[replica];
        let unwritten = matches!(replica.reconciliations[name]?.stage, Stage::Finished(_));
        let drops = unwritten && !replica.election.leads();
        replica.reconciliations[name].take_if(|_| drops).map(drop)
    }

    /// After a conflict the object is read again, and the status is computed for its current version.
    pub(super) fn finish_status_write(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let reconciliation = &mut self.replicas[replica].reconciliations[name];
        let Reconciliation { planned, stage: Stage::WritingStatus(outcome), .. } = (*reconciliation)? else {
            return None;
        };
        *reconciliation = None;
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
    /// Whether an object owns the pool: it is the oldest one in the cache.
    #[must_use]
    pub fn owns(&self, name: usize) -> bool {
        let uid = |object: &Object| object.declaration.uid;
        let oldest = self.cache.iter().flatten().map(uid).min();
        self.cache[name].as_ref().map(uid) == oldest
    }

    fn may_send(&mut self, guards: Guards) -> bool {
        if guards.lease_outlasts_write { self.election.may_begin() } else { self.election.leads() }
    }

    /// A write that was planned in an earlier term is not sent.
    pub(super) fn begin_term(&mut self, guards: Guards) {
        for reconciliation in &mut self.reconciliations {
            reconciliation.take_if(|reconciliation| match reconciliation.stage {
                Stage::Planned(_) | Stage::Rechecked(_) | Stage::Cleared(_) => guards.same_term,
                Stage::Sent(_) | Stage::Finished(_) | Stage::WritingStatus(_) => false,
            });
        }
    }
}

/// Whether the plan for `planned` is valid for the object that the API server has now.
#[must_use]
pub fn still_planned(planned: Object, fresh: Option<Object>, guards: Guards) -> bool {
    let reason = |object: Object| object.memory.synced.map(|synced| synced.reason);
    let remembered = |object: Object| {
        let Memory { applied, attempted, observed, .. } = object.memory;
        (applied, attempted, observed, reason(object))
    };
    let (uid, generation) = (planned.declaration.uid, planned.declaration.generation);
    fresh.map_or(!guards.uid, |fresh| {
        (!guards.uid || fresh.declaration.uid == uid)
            && (!guards.generation || fresh.declaration.generation == generation)
            && (!guards.memory || remembered(fresh) == remembered(planned))
    })
}
