//! The state: the API server, the pool, two replicas, what is on its way between them, and what has gone wrong.

use crate::election::Election;

/// A declaration: an object's UID and generation. An older object has the lower UID, and authority over the pool goes
/// from the older to the younger only, so the order of declarations is the order in which they come into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decl {
    /// The object's UID.
    pub uid: u8,
    /// Its generation.
    pub generation: u8,
}

/// What the pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Live {
    /// What it had before any Set.
    Start,
    /// What a hand left.
    Hand,
    /// What a declaration says.
    As(Decl),
    /// What a declaration says, and something that Cognito keeps beside it.
    Beside(Decl),
}

/// The reason of the condition Synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Cognito equals the spec.
    InSync,
    /// An accepted Set left a difference.
    NotTaken,
    /// A call failed.
    Failed,
}

/// The condition Synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Synced {
    /// The generation it speaks of.
    pub generation: u8,
    /// Why.
    pub reason: Reason,
    /// Its status: true, false or unknown.
    pub equal: Option<bool>,
}

/// What a status remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// `appliedHash`.
    pub applied: Option<Decl>,
    /// `observed`.
    pub observed: Option<Live>,
    /// The condition Synced.
    pub synced: Option<Synced>,
}

/// An object. Its content stands for its resourceVersion: a write over equal content does as much as one over the same
/// version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// UID and generation.
    pub decl: Decl,
    /// Its status.
    pub memory: Memory,
}

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The pool was read and not set.
    Checked(Live),
    /// A Set was accepted: what was live before and after.
    Set(Live, Live),
    /// A Set failed that may have been done: what was live before.
    Open(Live),
    /// The pool could not be read.
    Unread,
}

/// Where a pass stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The pool was read, and a Set is planned.
    Planned(Live),
    /// The object was read again and is still the one that was planned for.
    Again(Live),
    /// The guards let the Set through.
    Cleared(Live),
    /// The Set is sent.
    Sent(Live),
    /// The outcome is to be told.
    Ended(Outcome),
    /// The outcome is being told, and the process stands still before its status write.
    Telling(Outcome),
}

/// A pass over an object, planned for what the cache had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reconciliation {
    /// The object as it was planned for.
    pub planned: Object,
    /// Where it stands.
    pub stage: Stage,
    /// Whether what it is to set was set and told before the object was read again.
    pub repeats: bool,
}

/// A write of the Lease on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pending {
    /// How long ago it began.
    pub age: u8,
    /// Whether the server has still the version that it replaces.
    pub valid: bool,
    /// Whether it frees the Lease.
    pub release: bool,
}

/// A process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replica {
    /// Its candidate.
    pub election: Election,
    /// Its write of the Lease.
    pub pending: Option<Pending>,
    /// The objects as its watch has shown them, by name.
    pub cache: [Option<Object>; 2],
    /// Its passes, by the object's name.
    pub passes: [Option<Reconciliation>; 2],
    /// For how long it passes over the pool no more.
    pub bar: u8,
    /// Whether it was asked to stop.
    pub leaving: bool,
}

/// The process of replica 0 or 1, or one that is no more.
pub type Process = u8;
/// One that is no more.
pub const DEAD: Process = 2;

/// A Set that Cognito has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InFlight {
    /// What it declares.
    pub decl: Decl,
    /// Who sent it.
    pub by: Process,
    /// Whether its pass waits for the answer.
    pub awaited: bool,
    /// What it left, once it is done.
    pub left: Option<Live>,
    /// For how long it may still be done.
    pub ticks: u8,
}

/// What must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Broken {
    /// A Set was done after one of a newer declaration.
    OlderOverNewer,
    /// A Set was sent by a process whose lease has passed.
    SentWithoutLease,
    /// A Set was done while the Lease was another's.
    DoneUnderAnother,
    /// A Set was sent although it had been accepted and told, and nobody had touched the pool since.
    Repeated,
}

/// How often what is outside the operator may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allowed {
    /// Edits of a spec.
    pub edits: u8,
    /// Deletions of an object.
    pub deletions: u8,
    /// Objects made.
    pub creations: u8,
    /// Changes of the pool by hand.
    pub drifts: u8,
    /// Processes that end at once.
    pub crashes: u8,
    /// Processes that are asked to stop.
    pub stops: u8,
    /// Sets whose answer is lost while they may still be done.
    pub losses: u8,
    /// Gets that fail.
    pub failures: u8,
    /// Writes of the Lease that take their time, or whose answer is lost.
    pub slow_leases: u8,
    /// Processes that stand still before they write a status.
    pub slow_tellings: u8,
}

/// All of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct World {
    /// The processes.
    pub replicas: [Replica; 2],
    /// Who holds the Lease at the server.
    pub lease: Option<Process>,
    /// The objects that the server has, by name.
    pub objects: [Option<Object>; 2],
    /// The UID of the next object.
    pub next_uid: u8,
    /// What the pool has.
    pub live: Live,
    /// The Sets that Cognito has got.
    pub sets: [Option<InFlight>; 3],
    /// The newest declaration that was set.
    pub newest: Option<Decl>,
    /// The declaration that was set and told, while nobody else touched the pool.
    pub told: Option<Decl>,
    /// What has gone wrong.
    pub broken: Option<Broken>,
    /// What may still happen.
    pub allowed: Allowed,
}
