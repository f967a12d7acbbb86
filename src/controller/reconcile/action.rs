//! When an object is reconciled again.

use std::time::Duration;

/// When an object is reconciled again. A change of the object always makes it due at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// After this time.
    Requeue(Duration),
    /// When it has changed.
    AwaitChange,
    /// As soon as its planned write may be sent: the pool must be read again first.
    WriteDue,
}
