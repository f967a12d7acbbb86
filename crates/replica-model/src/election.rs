//! The core's `leader_election::Candidate` in numbers: the same questions and answers, in ticks and ages, so that a
//! state can be compared and hashed. `tests/ties.rs` runs both side by side.

/// How long the others leave a Lease alone, how old a leader's renewal may be, how long a Set may last: in ticks.
/// As with the operator's defaults (15 s, 10 s, 10 s) a leader may lead too late to begin a Set.
pub const DURATION: u8 = 4;
/// See [`DURATION`].
pub const DEADLINE: u8 = 3;
/// See [`DURATION`].
pub const LONGEST: u8 = 3;

/// Whose a Lease is to who looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// Nobody's.
    Nobody,
    /// Its own.
    Me,
    /// Another's.
    Other,
}

/// The Lease as it was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObservedLease {
    /// Whose it was.
    pub holder: Holder,
    /// Whether the server has still that version.
    pub current: bool,
    /// For how long it has looked so, where that matters: when it is another's.
    pub age: u8,
}

/// A candidate. Ages stop at [`DURATION`]: beyond it nothing changes any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Election {
    /// What it saw last.
    pub seen: Option<ObservedLease>,
    /// Whether it may write without another look.
    pub fresh: bool,
    /// How long ago its last confirmed write began.
    pub renewed: Option<u8>,
    /// Whether the Lease was taken by nobody else since that write.
    pub held: bool,
    /// How long the work that was allowed may still go on.
    pub busy: u8,
}

impl Election {
    /// A tick of its clock.
    pub fn tick(&mut self) {
        let older = |age: &mut u8| *age = (*age + 1).min(DURATION);
        self.seen
            .iter_mut()
            .filter(|seen| seen.holder == Holder::Other)
            .for_each(|seen| older(&mut seen.age));
        self.renewed.iter_mut().for_each(older);
        self.busy = self.busy.saturating_sub(1);
    }

    /// It looked, and the Lease is the one that the server has.
    pub fn saw(&mut self, holder: Holder) {
        if holder != Holder::Me {
            self.renewed = None;
        }
        let age = self.seen.filter(|seen| seen.current && holder == Holder::Other).map_or(0, |seen| seen.age);
        self.seen = Some(ObservedLease { holder, current: true, age });
        self.fresh = true;
    }

    /// Whether it writes now, over what it saw.
    pub fn claim(&mut self) -> bool {
        let looked = std::mem::take(&mut self.fresh);
        self.seen.filter(|_| looked).is_some_and(|seen| seen.holder != Holder::Other || seen.age >= DURATION)
    }

    /// The server took the write that began `age` ticks ago. Returns whether a term began with it.
    pub fn wrote(&mut self, age: u8) -> bool {
        self.seen = Some(ObservedLease { holder: Holder::Me, current: true, age: 0 });
        self.fresh = true;
        self.renewed = Some(age);
        !std::mem::replace(&mut self.held, true)
    }

    /// Whether it leads.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.renewed.is_some_and(|age| age < DEADLINE)
    }

    /// Whether a Set may begin that its lease outlasts.
    pub fn may_begin(&mut self) -> bool {
        let may = self.leads() && self.renewed.is_some_and(|age| age + LONGEST <= DURATION);
        if may {
            self.busy = self.busy.max(LONGEST);
        }
        may
    }

    /// Stops leading; whether there is a Lease to hand over.
    pub fn release(&mut self) -> bool {
        let fresh = std::mem::take(&mut self.fresh);
        self.renewed.take().is_some() && fresh
    }
}
