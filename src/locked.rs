//! Locks that a panic does not close.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the mutex holds, whether or not a pass panicked that held it: one bad object never stops the rest.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
