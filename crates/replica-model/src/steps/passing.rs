//! A pass, step by step.

use super::{Rules, process};
use crate::{
    election::{DURATION, LONGEST},
    guards::Guards,
    world::{Broken, Decl, InFlight, Object, Outcome, Reconciliation, Replica, Stage, World},
};

impl World {
    pub(super) fn observe(&mut self, who: usize, name: usize) -> Option<()> {
        let (cached, now) = (&mut self.replicas[who].cache[name], self.objects[name]);
        (*cached != now).then(|| *cached = now)
    }

    /// Whether a pass over the cached object may begin; the object.
    pub(super) fn may_pass(&self, who: usize, name: usize, rules: &Rules) -> Option<Object> {
        let replica = &self.replicas[who];
        let object = replica.cache[name]?;
        let busy = |pass: &Reconciliation| !matches!(pass.stage, Stage::Ended(_) | Stage::Telling(_));
        let turn = !rules.guards.turns || !replica.passes.iter().flatten().any(busy);
        let may = replica.passes[name].is_none() && turn && replica.bar == 0 && !replica.leaving;
        (may && replica.election.leads() && replica.owns(name)).then_some(object)
    }

    pub(super) fn read(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        let planned = self.may_pass(who, name, rules)?;
        let checked = Outcome::Checked(self.live);
        let stage = match rules.decisions.sets(planned, self.live) {
            true => Stage::Planned(self.live),
            // There is nothing new to write.
            false if rules.decisions.status(planned, planned, checked).is_none() => return None,
            false => Stage::Ended(checked),
        };
        self.replicas[who].passes[name] = Some(Reconciliation { planned, stage, repeats: false });
        Some(())
    }

    pub(super) fn fail(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        self.allowed.failures = self.allowed.failures.checked_sub(1)?;
        let planned = self.may_pass(who, name, rules)?;
        self.replicas[who].passes[name] =
            Some(Reconciliation { planned, stage: Stage::Ended(Outcome::Unread), repeats: false });
        Some(())
    }

    pub(super) fn again(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        let pass = &mut self.replicas[who].passes[name];
        let Reconciliation { planned, stage: Stage::Planned(live), .. } = (*pass)? else { return None };
        let alike = still_planned(planned, self.objects[name], rules.guards);
        let repeats = self.told == Some(planned.decl);
        *pass = alike.then_some(Reconciliation { planned, stage: Stage::Again(live), repeats });
        Some(())
    }

    pub(super) fn clear(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[who];
        let pass = replica.passes[name]?;
        let Stage::Again(live) = pass.stage else { return None };
        let asked = !rules.guards.asked_before || replica.may_send(rules.guards);
        let may = asked && replica.owns(name);
        replica.passes[name] = may.then_some(Reconciliation { stage: Stage::Cleared(live), ..pass });
        Some(())
    }

    pub(super) fn send(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[who];
        let pass = replica.passes[name]?;
        let Stage::Cleared(live) = pass.stage else { return None };
        if rules.guards.asked_at_sending && !replica.may_send(rules.guards) {
            replica.passes[name] = None;
            return Some(());
        }
        let lasts = replica.election.renewed.is_some_and(|age| age < DURATION);
        replica.passes[name] = Some(Reconciliation { stage: Stage::Sent(live), repeats: false, ..pass });
        let (decl, by) = (pass.planned.decl, process(who));
        let free = self.sets.iter_mut().find(|set| set.is_none())?;
        *free = Some(InFlight { decl, by, awaited: true, left: None, ticks: LONGEST });
        if pass.repeats {
            self.broken = Some(Broken::Repeated);
        }
        if !lasts || self.lease != Some(by) {
            self.broken = Some(Broken::SentWithoutLease);
        }
        Some(())
    }

    pub(super) fn hear(&mut self, who: usize, name: usize) -> Option<()> {
        let Reconciliation { planned, stage: Stage::Sent(before), .. } = self.replicas[who].passes[name]?
        else {
            return None;
        };
        let slot = self.awaited(who, planned.decl)?;
        let after = self.sets[slot].take_if(|set| set.left.is_some())?.left?;
        let stage = Stage::Ended(Outcome::Set(before, after));
        self.replicas[who].passes[name] = Some(Reconciliation { planned, stage, repeats: false });
        Some(())
    }

    pub(super) fn lose(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        let Reconciliation { planned, stage: Stage::Sent(before), .. } = self.replicas[who].passes[name]?
        else {
            return None;
        };
        let slot = self.awaited(who, planned.decl)?;
        let set = self.sets[slot].as_mut()?;
        set.awaited = false;
        self.allowed.losses = self.allowed.losses.checked_sub(1)?;
        self.sets[slot].take_if(|set| set.left.is_some());
        let replica = &mut self.replicas[who];
        replica.bar = if rules.guards.bar { LONGEST } else { 0 };
        replica.passes[name] =
            Some(Reconciliation { planned, stage: Stage::Ended(Outcome::Open(before)), repeats: false });
        Some(())
    }

    pub(super) fn awaited(&self, who: usize, decl: Decl) -> Option<usize> {
        self.sets
            .iter()
            .position(|set| set.is_some_and(|set| set.awaited && set.by == process(who) && set.decl == decl))
    }

    pub(super) fn tell(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        self.begin_telling(who, name, rules)?;
        self.write(who, name, rules)
    }

    pub(super) fn tell_slowly(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        self.allowed.slow_tellings = self.allowed.slow_tellings.checked_sub(1)?;
        self.begin_telling(who, name, rules)
    }

    fn begin_telling(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        let replica = &mut self.replicas[who];
        let Reconciliation { planned, stage: Stage::Ended(outcome), .. } = replica.passes[name]? else {
            return None;
        };
        if rules.guards.asked_before_telling && !replica.election.leads() {
            return None;
        }
        replica.passes[name] =
            Some(Reconciliation { planned, stage: Stage::Telling(outcome), repeats: false });
        Some(())
    }

    /// What could not be told is kept for the process's own term.
    pub(super) fn forget(&mut self, who: usize, name: usize) -> Option<()> {
        let replica = &mut self.replicas[who];
        let untold = matches!(replica.passes[name]?.stage, Stage::Ended(_)) && !replica.election.leads();
        replica.passes[name].take_if(|_| untold).map(drop)
    }

    /// After a conflict the object is read again and the outcome written over what it is by then.
    pub(super) fn write(&mut self, who: usize, name: usize, rules: &Rules) -> Option<()> {
        let pass = &mut self.replicas[who].passes[name];
        let Reconciliation { planned, stage: Stage::Telling(outcome), .. } = (*pass)? else { return None };
        *pass = None;
        let server = self.objects[name].filter(|server| server.decl.uid == planned.decl.uid);
        let Some(server) = server else { return Some(()) };
        let base = if rules.guards.swap { server } else { planned };
        if let Some(memory) = rules.decisions.status(planned, base, outcome) {
            self.objects[name] = Some(Object { memory, ..server });
            let newest = memory.applied == Some(server.decl) && self.newest == Some(server.decl);
            let told = newest && memory.observed == Some(self.live);
            self.told = if told { Some(server.decl) } else { self.told };
        }
        Some(())
    }
}

impl Replica {
    /// Whether an object is the oldest of those that the watch has shown: it speaks for the pool.
    #[must_use]
    pub fn owns(&self, name: usize) -> bool {
        let uid = |object: &Object| object.decl.uid;
        let oldest = self.cache.iter().flatten().map(uid).min();
        self.cache[name].as_ref().map(uid) == oldest
    }

    fn may_send(&mut self, guards: Guards) -> bool {
        if guards.outlasts { self.election.may_begin() } else { self.election.leads() }
    }

    /// What was begun under an earlier term is not sent.
    pub(super) fn begin_term(&mut self, guards: Guards) {
        for pass in &mut self.passes {
            pass.take_if(|pass| match pass.stage {
                Stage::Planned(_) | Stage::Again(_) | Stage::Cleared(_) => guards.same_term,
                Stage::Sent(_) | Stage::Ended(_) | Stage::Telling(_) => false,
            });
        }
    }
}

/// Whether the object that the server has is the one that the pass was planned for.
#[must_use]
pub fn still_planned(planned: Object, fresh: Option<Object>, guards: Guards) -> bool {
    let reason = |object: Object| object.memory.synced.map(|synced| synced.reason);
    let remembered = |object: Object| (object.memory.applied, object.memory.observed, reason(object));
    fresh.map_or(!guards.uid, |fresh| {
        (!guards.uid || fresh.decl.uid == planned.decl.uid)
            && (!guards.generation || fresh.decl.generation == planned.decl.generation)
            && (!guards.memory || remembered(fresh) == remembered(planned))
    })
}
