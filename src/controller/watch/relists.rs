//! Lists all objects anew after the API server has gone back in time.
//!
//! When etcd is put back from a backup, a watch resumes from a version of the future: it gets neither an event nor an error.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

/// The shortest time between two lists. Answers that are older than what is known come until the list is complete.
const INTERVAL: Duration = Duration::from_secs(10);

/// Requests to list all objects anew.
#[derive(Clone, Debug, Default)]
pub struct Relists {
    requested: Arc<Notify>,
    last: Arc<Mutex<Option<Instant>>>,
}

/// The newest version of one object that was seen. Resource versions grow (KEP-5504).
#[derive(Debug, Default)]
pub struct NewestVersion(AtomicU64);

impl Relists {
    /// Requests a list, because the answer about `what` shows that the API server has gone back in time.
    pub fn request(&self, what: &str) {
        let mut last = self.last.lock();
        if last.is_none_or(|last| last.elapsed() >= INTERVAL) {
            *last = Some(Instant::now());
            tracing::warn!(
                what,
                "the API server has an older version than this operator has seen: was etcd restored? All objects are listed again"
            );
            self.requested.notify_one();
        }
    }

    /// Waits for a request.
    pub async fn requested(&self) {
        self.requested.notified().await;
    }
}

impl NewestVersion {
    /// Records the version of an answer. Returns whether it is older than an earlier one.
    pub fn record(&self, resource_version: Option<&str>) -> bool {
        let version = resource_version.and_then(|version| version.parse().ok());
        version.is_some_and(|version| self.0.swap(version, Ordering::SeqCst) > version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_that_goes_back_is_older() {
        let newest = NewestVersion::default();
        let older = [Some("5"), Some("5"), None, Some("7"), Some("opaque"), Some("6"), Some("6")];
        let older: Vec<_> = older.into_iter().map(|version| newest.record(version)).collect();
        assert_eq!(older, [false, false, false, false, false, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_within_ten_seconds_are_one() {
        let relists = Relists::default();
        relists.request("Lease");
        relists.requested().await;
        relists.request("team/any");
        tokio::time::timeout(Duration::from_mins(1), relists.requested()).await.unwrap_err();
        relists.request("team/any");
        relists.requested().await;
    }
}
