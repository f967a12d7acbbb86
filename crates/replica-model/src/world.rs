//! The state: the API server, the pool, two replicas, the messages between them, and the first violation.

pub use cognito_mfa_core::api::v1alpha1::Reason;

use crate::election::Election;

/// The greatest age of a read, in ticks, at which a write that is planned on it may be sent. The operator's 5 s are a tick
/// and a third, and an age of one tick stands for anything below two.
pub const LONGEST_LOOK: u8 = 1;

/// An object's UID and generation, and thereby its declared settings. An older object has the lower UID, and ownership
/// of the pool passes only from an older object to a younger one. So the order of declarations is the order in which
/// they come into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Declaration {
    /// The object's UID as a number.
    pub uid: u8,
    /// The object's `metadata.generation`.
    pub generation: u8,
}

/// The settings of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolState {
    /// The settings before any write.
    Initial,
    /// The settings after drift.
    Drifted,
    /// The settings of a declaration.
    Declared(Declaration),
    /// The settings of a declaration, and one that Cognito keeps although it is not declared.
    DeclaredAndMore(Declaration),
}

/// The condition Synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Synced {
    /// The condition's `observedGeneration`.
    pub generation: u8,
    /// InSync, NotTaken or, after a failed call, CognitoUnavailable.
    pub reason: Reason,
    /// The condition's status; None is Unknown.
    pub status: Option<bool>,
}

/// The part of a status that later plans depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// `status.appliedHash`, as the declaration with that hash.
    pub applied: Option<Declaration>,
    /// `status.attemptedHash`, as the declaration with that hash.
    pub attempted: Option<Declaration>,
    /// `status.observed`.
    pub observed: Option<PoolState>,
    /// The condition Synced.
    pub synced: Option<Synced>,
}

/// An object. Its content stands for its resourceVersion, because a write over equal content has the same result as a
/// write over the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// UID and generation.
    pub declaration: Declaration,
    /// The memory in the status.
    pub memory: Memory,
}

/// The outcome of a reconciliation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The pool was read and not written.
    Checked(PoolState),
    /// A write was accepted: the pool before and after it.
    Written(PoolState, PoolState),
    /// A write failed that Cognito may have applied: the pool before it.
    Unknown(PoolState),
    /// The pool could not be read.
    ReadFailed,
}

/// The stage of a reconciliation. The pool's state is the one that was read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The pool was read, and a write is planned.
    Planned(PoolState),
    /// The object was read again, and the plan is still valid.
    Rechecked(PoolState),
    /// The early guards allow the write, which waits for its turn.
    Cleared(PoolState),
    /// The turn of the write has come.
    Granted(PoolState),
    /// The write is sent.
    Sent(PoolState),
    /// The outcome is known and not in the status yet.
    Finished(Outcome),
    /// The process is suspended between the check of the lease and the write of the status.
    WritingStatus(Outcome),
}

/// A reconciliation of an object, planned for the cached version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reconciliation {
    /// The object as it was when the plan was made.
    pub planned: Object,
    /// The stage that it has reached.
    pub stage: Stage,
    /// Whether the planned write was already accepted and reported when the object was read again.
    pub repeats: bool,
    /// The read of the pool, until the write is sent.
    pub look: Look,
    /// Whether its run has reserved the pool. The run ends once the status is written or kept. A kept status is written
    /// by a later run, which reserves nothing.
    pub reserves_pool: bool,
}

/// What has happened since the read of the pool that a write is planned on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Look {
    /// The ticks since the answer; they stop growing where the read is too old.
    pub age: u8,
    /// Whether somebody else has changed the pool.
    pub outdated: bool,
}

/// A write of the Lease that is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseWrite {
    /// The ticks since it began.
    pub age: u8,
    /// Whether the server still has the version that it replaces.
    pub valid: bool,
    /// Whether it releases the Lease.
    pub release: bool,
}

/// A process of the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replica {
    /// Its candidate for the leader election.
    pub election: Election,
    /// Its write of the Lease.
    pub lease_write: Option<LeaseWrite>,
    /// The objects as its watch has shown them, by name.
    pub cache: [Option<Object>; 2],
    /// Its reconciliations, by the object's name.
    pub reconciliations: [Option<Reconciliation>; 2],
    /// The ticks for which it does not reconcile the pool.
    pub blocked: u8,
    /// Whether it has received SIGTERM.
    pub stopping: bool,
}

/// The process of replica 0 or 1, or [`DEAD`].
pub type Process = u8;
/// A process that has ended.
pub const DEAD: Process = 2;

/// A write of the pool that Cognito has received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InFlight {
    /// The declaration that it writes.
    pub declaration: Declaration,
    /// The process that sent it.
    pub by: Process,
    /// Whether its reconciliation waits for the response.
    pub awaited: bool,
    /// The pool's state after it, once it is applied.
    pub applied: Option<PoolState>,
    /// The ticks for which it may still be applied.
    pub ticks: u8,
}

/// A violation of what the operator promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Violation {
    /// A write was applied after one of a newer declaration.
    OlderOverNewer,
    /// A write was sent by a process whose lease had expired.
    SentWithoutLease,
    /// A write was applied while another process was the holder of the Lease.
    AppliedUnderAnotherLeader,
    /// A write was sent although it had been accepted and reported, and nobody had changed the pool since.
    RepeatedWrite,
    /// A write was sent that was planned before somebody else changed the pool, on a read older than [`LONGEST_LOOK`].
    SentOnOldLook,
}

/// How often each event outside the operator may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allowed {
    /// Edits of a spec.
    pub edits: u8,
    /// Deletions of an object.
    pub deletions: u8,
    /// Creations of an object.
    pub creations: u8,
    /// Changes of the pool by somebody else.
    pub drifts: u8,
    /// Crashes of a process.
    pub crashes: u8,
    /// SIGTERMs to a process.
    pub stops: u8,
    /// Lost responses of writes that may still be applied.
    pub lost_responses: u8,
    /// Failed reads of the pool.
    pub failed_reads: u8,
    /// Writes of the Lease that are slow or whose response is lost.
    pub slow_lease_writes: u8,
    /// Suspensions of a process right before it writes a status.
    pub slow_status_writes: u8,
}

/// The whole state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct World {
    /// The processes.
    pub replicas: [Replica; 2],
    /// The holder of the Lease at the API server.
    pub lease: Option<Process>,
    /// The objects at the API server, by name.
    pub objects: [Option<Object>; 2],
    /// The UID of the next object.
    pub next_uid: u8,
    /// The settings of the pool.
    pub pool: PoolState,
    /// The writes that Cognito has received.
    pub writes: [Option<InFlight>; 3],
    /// The newest declaration that was applied.
    pub newest: Option<Declaration>,
    /// The declaration that was applied and reported; None once somebody else has changed the pool.
    pub reported: Option<Declaration>,
    /// The first violation.
    pub violation: Option<Violation>,
    /// The events that may still happen.
    pub allowed: Allowed,
}
