//! A reconciliation, step by step.

use super::{Rules, process};
use crate::{
    election::{DURATION, LONGEST},
    guards::Guards,
    world::{
        InFlight, LONGEST_LOOK, Look, Memory, Object, Outcome, Reconciliation, Replica, Stage, Violation,
        World,
    },
};

impl World {
    pub(super) fn observe(&mut self, replica: usize, name: usize) -> Option<()> {
        let (cached, current) = (&mut self.replicas[replica].cache[name], self.objects[name]);
        (*cached != current).then(|| *cached = current)
    }

    /// The cached object, if a reconciliation of it may have begun by now. It begins only while the replica leads. As its
    /// read may take any time, the lease may have expired before the answer.
    fn may_reconcile(&self, replica: usize, name: usize, rules: &Rules) -> Option<Object> {
        let replica = &self.replicas[replica];
        let object = replica.cache[name]?;
        let mut others = replica.reconciliations.iter().flatten();
        let reserved = rules.guards.one_run_per_pool && others.any(|other| other.reserves_pool);
        let free = replica.reconciliations[name].is_none() && !reserved && replica.blocked == 0;
        let led = replica.election.renewed.is_some();
        (free && led && !replica.stopping && replica.owns(name)).then_some(object)
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
        self.replicas[replica].reconciliations[name] = Some(Reconciliation::new(planned, stage));
        Some(())
    }

    pub(super) fn fail_read(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        self.allowed.failed_reads = self.allowed.failed_reads.checked_sub(1)?;
        let planned = self.may_reconcile(replica, name, rules)?;
        let stage = Stage::Finished(Outcome::ReadFailed);
        self.replicas[replica].reconciliations[name] = Some(Reconciliation::new(planned, stage));
        Some(())
    }

    pub(super) fn recheck(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let reconciliation = self.replicas[replica].reconciliations[name]?;
        let (planned, Stage::Planned(pool)) = (reconciliation.planned, reconciliation.stage) else {
            return None;
        };
        let valid = still_planned(planned, self.objects[name], rules.guards);
        let repeats = self.reported == Some(planned.declaration);
        let rechecked = Reconciliation { repeats, ..reconciliation.at(Stage::Rechecked(pool)) };
        self.replicas[replica].reconciliations[name] = valid.then_some(rechecked);
        Some(())
    }

    pub(super) fn check_guards(&mut self, replica: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[replica];
        let reconciliation = replica.reconciliations[name]?;
        let Stage::Rechecked(pool) = reconciliation.stage else { return None };
        let leads = !rules.guards.checks_lease_early || replica.may_send(rules.guards);
        let may = leads && replica.owns(name);
        replica.reconciliations[name] = may.then_some(reconciliation.at(Stage::Cleared(pool)));
        Some(())
    }

    pub(super) fn grant_turn(&mut self, replica: usize, name: usize) -> Option<()> {
        let reconciliation = self.replicas[replica].reconciliations[name].as_mut()?;
        let Stage::Cleared(pool) = reconciliation.stage else { return None };
        reconciliation.stage = Stage::Granted(pool);
        Some(())
    }

    /// Nothing is sent and nothing is recorded. The pool is read again by another reconciliation.
    pub(super) fn end_write_due(&mut self, replica: usize, name: usize) -> Option<()> {
        let waits = |one: &mut Reconciliation| matches!(one.stage, Stage::Cleared(_));
        self.replicas[replica].reconciliations[name].take_if(waits).map(drop)
    }

    pub(super) fn send(&mut self, number: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[number];
        let reconciliation = replica.reconciliations[name]?;
        let Stage::Granted(pool) = reconciliation.stage else { return None };
        if rules.guards.checks_lease_at_send && !replica.may_send(rules.guards) {
            replica.reconciliations[name] = None;
            return Some(());
        }
        let has_lease = replica.election.renewed.is_some_and(|age| age < DURATION);
        replica.reconciliations[name] = Some(Reconciliation::new(reconciliation.planned, Stage::Sent(pool)));
        let (declaration, by) = (reconciliation.planned.declaration, process(number));
        let free = self.writes.iter_mut().find(|slot| slot.is_none())?;
        *free = Some(InFlight { declaration, by, awaited: true, applied: None, ticks: LONGEST });
        if reconciliation.repeats {
            self.violation = Some(Violation::RepeatedWrite);
        }
        if reconciliation.look.outdated && reconciliation.look.is_too_old() {
            self.violation = Some(Violation::SentOnOldLook);
        }
        if !has_lease || self.lease != Some(by) {
            self.violation = Some(Violation::SentWithoutLease);
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
            reconciliation.take_if(|one| guards.same_term && one.stage.is_before_send());
        }
    }
}

impl Reconciliation {
    /// A reconciliation that runs.
    pub(super) fn new(planned: Object, stage: Stage) -> Self {
        Self { planned, stage, repeats: false, look: Look::default(), reserves_pool: true }
    }

    /// The same reconciliation at another stage.
    pub(super) fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    /// The same reconciliation a tick later; None when it has ended as write due. Once its read is too old it sends
    /// nothing, so it ends here at once. If it ended later, it would only keep others waiting.
    ///
    /// A turn lasts for less than a tick. After it another one is awaited, and the object is read again first.
    pub(super) fn after_tick(mut self, guards: Guards) -> Option<Self> {
        if !self.stage.is_before_send() {
            return Some(self);
        }
        self.look.age = (self.look.age + 1).min(LONGEST_LOOK + 1);
        match self.stage {
            Stage::Granted(_) if !guards.fresh_turn => return Some(self),
            Stage::Granted(pool) => self.stage = Stage::Planned(pool),
            _ => {}
        }
        (!guards.fresh_look || !self.look.is_too_old()).then_some(self)
    }
}

impl Stage {
    /// Whether a write is planned and not sent.
    pub(super) fn is_before_send(self) -> bool {
        match self {
            Self::Planned(_) | Self::Rechecked(_) | Self::Cleared(_) | Self::Granted(_) => true,
            Self::Sent(_) | Self::Finished(_) | Self::WritingStatus(_) => false,
        }
    }
}

impl Look {
    fn is_too_old(self) -> bool {
        self.age > LONGEST_LOOK
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
