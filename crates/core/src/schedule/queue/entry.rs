//! Where an object stands in the queue.

use std::time::Duration;

use super::{Priority, Scope, Ticket};

/// Where an object stands in the queue. An object without an entry waits for a change.
#[derive(Debug)]
pub(super) enum Entry {
    /// It is due at this time.
    Due(Duration),
    /// The queue has answered that it is due, and the controller has not begun its dispatch.
    Dispatched,
    /// Its reconciliation waits for its start, since this time.
    Ready(Scope, Ticket, Duration),
    /// Its pool is being reconciled for another object.
    Parked(String),
    /// Its reconciliation runs.
    Running(Run),
}

/// A running reconciliation.
#[derive(Debug)]
pub(super) struct Run {
    pub scope: Scope,
    /// The pool that no other object may write meanwhile; None when it only observes.
    pub pool: Option<String>,
    pub priority: Priority,
    /// Whether the object was woken since the start.
    pub woken: bool,
}
