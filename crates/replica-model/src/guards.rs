//! The guards, each of which can be taken away.

/// What keeps a Set or a status write from doing harm. All are on in the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is there or not")]
pub struct Guards {
    /// The lease is asked before a Set, when its turn has come (`src/controller/reconcile/sync.rs`).
    pub asked_before: bool,
    /// The lease is asked at the moment a Set is sent (`src/aws/send_guard.rs`).
    pub asked_at_sending: bool,
    /// Nobody else has led between the second look at the object and the moment a Set is sent (`Candidate::term`).
    pub same_term: bool,
    /// The lease must outlast the Set (`Candidate::may_begin`), not only last (`Candidate::leads`).
    pub outlasts: bool,
    /// The object that the server has must be the one that was planned for: its UID...
    pub uid: bool,
    /// ...its generation...
    pub generation: bool,
    /// ...and what its status remembers (`status::next_status::planned_alike` of the core).
    pub memory: bool,
    /// A status is written over the version that it was made from (`src/controller/reconcile/write_status.rs`).
    pub swap: bool,
    /// The lease is asked before a status write (`finish` in `src/controller/reconcile/finish.rs`).
    pub asked_before_telling: bool,
    /// One pass over a pool at a time (`src/controller/pools/pool_lock.rs`).
    pub turns: bool,
    /// No pass over a pool while a Set of unknown outcome may still be done (`schedule::requeue::barred` of the core).
    pub bar: bool,
    /// The lease is released when no Set is under way or open (`src/controller/run.rs`).
    pub rest: bool,
}

impl Guards {
    /// As the operator has them.
    pub const ALL: Self = Self {
        asked_before: true,
        asked_at_sending: true,
        same_term: true,
        outlasts: true,
        uid: true,
        generation: true,
        memory: true,
        swap: true,
        asked_before_telling: true,
        turns: true,
        bar: true,
        rest: true,
    };
}
