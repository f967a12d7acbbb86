//! The guards of the operator, each of which can be switched off.

/// The checks that keep a write of the pool or of a status from doing harm. The operator has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each guard is on or off")]
pub struct Guards {
    /// The lease is checked before a write waits for its turn (`controller/reconcile/sync.rs`).
    pub checks_lease_early: bool,
    /// The lease is checked at the moment when a write is sent (`aws/send_guard.rs`).
    pub checks_lease_at_send: bool,
    /// No other replica has led since the reconciliation began (`Candidate::term`).
    pub same_term: bool,
    /// The lease must outlast the write (`Candidate::may_begin`); that it is valid now is not enough.
    pub lease_outlasts_write: bool,
    /// The object at the API server has the planned object's UID.
    pub uid: bool,
    /// The object at the API server has the planned object's generation.
    pub generation: bool,
    /// The object at the API server has the planned object's memory in its status (`plan::memory::has_same_plan`).
    pub memory: bool,
    /// A status replaces only the version that it was computed from (`controller/reconcile/write_status.rs`).
    pub compare_and_swap: bool,
    /// The lease is checked before a status is written (`controller/reconcile/finish.rs`).
    pub checks_lease_before_status: bool,
    /// The turn of a write comes at most [`LONGEST_LOOK`](crate::world::LONGEST_LOOK) after the read that the write is
    /// planned on (`aws/client.rs`).
    pub fresh_look: bool,
    /// A write is sent right after its turn has come (`aws/send_guard.rs`).
    pub fresh_turn: bool,
    /// A pool has one reconciliation at a time (`core/src/schedule/queue/pools.rs`).
    pub one_run_per_pool: bool,
    /// A pool is not reconciled while a write of unknown result may still be applied (`requeue::block_pool_for`).
    pub block_pool: bool,
    /// The Lease is released only when no write is in flight or of unknown result (`controller/run.rs`).
    pub release_when_idle: bool,
}

impl Guards {
    /// All guards on, as in the operator.
    pub const ALL: Self = Self {
        checks_lease_early: true,
        checks_lease_at_send: true,
        same_term: true,
        lease_outlasts_write: true,
        uid: true,
        generation: true,
        memory: true,
        compare_and_swap: true,
        checks_lease_before_status: true,
        fresh_look: true,
        fresh_turn: true,
        one_run_per_pool: true,
        block_pool: true,
        release_when_idle: true,
    };
}
