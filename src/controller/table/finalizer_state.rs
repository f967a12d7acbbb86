//! The retries of writing the finalizer of an object.

use std::time::Duration;

use cognito_mfa_core::schedule::requeue;

use super::Table;

/// The failures to add or remove the finalizer of an object.
#[derive(Clone, Copy, Default)]
pub(super) struct FinalizerState {
    /// How many there were in a row.
    failures: u32,
    /// Whether an event has reported a refusal.
    reported: bool,
}

impl Table {
    /// Records that the finalizer of an object, `namespace/name`, could not be written. Returns the refusal, if there was one
    /// and it is the first.
    pub fn record_finalizer_failure(&self, key: &str, refusal: Option<String>) -> Option<String> {
        let mut rows = self.rows();
        let finalizer = &mut rows.get_mut(key)?.finalizer;
        finalizer.failures = finalizer.failures.saturating_add(1);
        let news = refusal.filter(|_| !finalizer.reported);
        finalizer.reported |= news.is_some();
        news
    }

    /// Records that the finalizer of an object, `namespace/name`, was written.
    pub fn record_finalizer_written(&self, key: &str) {
        self.with_row(key, |row| row.finalizer = FinalizerState::default());
    }

    /// The wait before the finalizer of an object, `namespace/name`, is written again; None when it is as it should be.
    pub fn finalizer_retry(&self, key: &str) -> Option<Duration> {
        let rows = self.rows();
        let FinalizerState { failures, reported } = rows.get(key)?.finalizer;
        let attempt = failures.checked_sub(1)?;
        // Only a refusal may last for ever. An API server that does not answer is asked again as for any other call.
        let wait = if reported { requeue::after_finalizer_failure } else { requeue::after_api_error };
        Some(wait(key, attempt))
    }
}
