//! Locking that a panic does not break.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks the mutex even if a reconciliation panicked while it had the lock: one bad object never stops the rest.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
