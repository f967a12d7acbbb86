//! `cognito_mfa_core::leader_election::Candidate` in numbers. It answers the same questions in ticks and ages, so that a
//! state can be compared and hashed. `tests/matches_core.rs` runs both side by side.

/// The lease's duration in ticks: how long other candidates leave a Lease alone. The three values stand for the
/// operator's defaults of 15 s, 10 s and 10 s, with which a leader may still lead and yet be too late to send a write.
pub const DURATION: u8 = 4;
/// The ticks after its last renewal for which a leader leads.
pub const DEADLINE: u8 = 3;
/// The ticks that a write may take at most.
pub const LONGEST: u8 = 3;

/// The holder of a Lease from the view of one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// The Lease has no holder.
    Nobody,
    /// The candidate itself.
    Me,
    /// Another candidate.
    Other,
}

/// The Lease as the candidate last saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObservedLease {
    /// Its holder.
    pub holder: Holder,
    /// Whether the server still has that version.
    pub current: bool,
    /// The ticks for which another holder's Lease has not changed; 0 for any other Lease.
    pub age: u8,
}

/// A candidate. Ages stop at [`DURATION`], because a greater age makes no difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Election {
    /// The Lease that it last saw.
    pub observed: Option<ObservedLease>,
    /// Whether it may write the Lease without reading it first.
    pub fresh: bool,
    /// The ticks since its last confirmed write began.
    pub renewed: Option<u8>,
    /// Whether no other candidate has taken the Lease since that write.
    pub same_term: bool,
    /// The ticks for which allowed work may still go on.
    pub busy: u8,
}

impl Election {
    /// Advances its clock by one tick.
    pub fn tick(&mut self) {
        let older = |age: &mut u8| *age = (*age + 1).min(DURATION);
        let other = self.observed.iter_mut().filter(|observed| observed.holder == Holder::Other);
        other.for_each(|observed| older(&mut observed.age));
        self.renewed.iter_mut().for_each(older);
        self.busy = self.busy.saturating_sub(1);
    }

    /// It reads the Lease that the server has.
    pub fn observe(&mut self, holder: Holder) {
        if holder != Holder::Me {
            self.renewed = None;
        }
        let unchanged = self.observed.filter(|observed| observed.current && holder == Holder::Other);
        let age = unchanged.map_or(0, |observed| observed.age);
        self.observed = Some(ObservedLease { holder, current: true, age });
        self.fresh = true;
    }

    /// Whether it writes now, over the version that it saw.
    pub fn claim(&mut self) -> bool {
        let fresh = std::mem::take(&mut self.fresh);
        let observed = self.observed.filter(|_| fresh);
        observed.is_some_and(|observed| observed.holder != Holder::Other || observed.age >= DURATION)
    }

    /// The server accepted the write that began `age` ticks ago. Returns whether a new term began with it.
    pub fn wrote(&mut self, age: u8) -> bool {
        self.observed = Some(ObservedLease { holder: Holder::Me, current: true, age: 0 });
        self.fresh = true;
        self.renewed = Some(age);
        !std::mem::replace(&mut self.same_term, true)
    }

    /// Whether it leads.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.renewed.is_some_and(|age| age < DEADLINE)
    }

    /// Whether the lease outlasts a write that begins now. If so, the candidate is busy for that time.
    pub fn may_begin(&mut self) -> bool {
        let may = self.leads() && self.renewed.is_some_and(|age| age + LONGEST <= DURATION);
        if may {
            self.busy = self.busy.max(LONGEST);
        }
        may
    }

    /// Stops leading. Returns whether there is a Lease to release.
    pub fn release(&mut self) -> bool {
        let fresh = std::mem::take(&mut self.fresh);
        self.renewed.take().is_some() && fresh
    }
}
