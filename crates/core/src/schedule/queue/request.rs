//! What waits in the queue, and what the queue answers.

use std::{sync::Arc, time::Duration};

pub use crate::access::ownership::ObjectKey;
use crate::schedule::quota::QuotaScope;

/// The number of a call or a start that waits. No two have the same.
pub type Ticket = u64;

/// The priority of a reconciliation and of its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// A write was planned, and could not be sent before the pool had to be read again. Its read goes first, unless a check's
    /// turn has come. Where reads are slow, it takes turns with changed specs.
    WriteDue,
    /// The spec changed.
    Changed,
    /// A user requested a check, or a failed call is retried. It goes ahead within its namespace only: otherwise a
    /// namespace could slow the others by requesting many checks.
    Requested,
    /// A scheduled check.
    Routine,
}

impl Priority {
    /// Whether calls of this priority go ahead of all checks.
    #[must_use]
    pub fn is_urgent(self) -> bool {
        match self {
            Self::WriteDue | Self::Changed => true,
            Self::Requested | Self::Routine => false,
        }
    }
}

/// What waits for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A call of a reconciliation that runs, or of a command.
    Call,
    /// The read of a command whose write is due.
    ReadBeforeWrite,
    /// The start of a reconciliation that only observes its pool.
    Start,
    /// The start of a reconciliation that may write its pool, and so runs alone.
    StartExclusive,
}

/// A request for a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRequest {
    /// The namespace of the object. Namespaces take turns.
    pub namespace: String,
    /// The id of the user pool. Calls for one pool keep a gap.
    pub pool: String,
    /// How urgent the call is.
    pub priority: Priority,
    /// What waits.
    pub kind: Kind,
}

/// The quota scope of a reconciliation; None when it makes no call to AWS.
pub type Scope = Option<Arc<QuotaScope>>;

/// The start of a reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The scope in which its first read may be sent now, if it makes calls.
    pub scope: Scope,
    /// The pool that no other reconciliation may write meanwhile.
    pub pool: Option<String>,
    /// How long it has waited.
    pub waited: Duration,
}

/// What the queue asks of its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The object is due. The caller calls [`Queue::begin_dispatch`](super::Queue::begin_dispatch), and then
    /// [`Queue::ready`](super::Queue::ready) or [`Queue::plan`](super::Queue::plan), or skips the object.
    Due(ObjectKey),
    /// The reconciliation of this object starts.
    Start(ObjectKey, Start),
    /// The call with this ticket may be made now.
    Call(Ticket),
    /// Nothing before this time.
    Wait(Duration),
    /// Nothing until something is added or ends.
    Idle,
}
