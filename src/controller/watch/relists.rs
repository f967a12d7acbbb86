//! Lists all objects again after the API server has gone back in time.
//!
//! When etcd is restored from a backup, a watch resumes from a version newer than any in etcd: it gets neither an event nor an
//! error.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{Stream, stream};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// The shortest time between two lists. Answers that are older than what is known come until the first one is complete.
const INTERVAL: Duration = Duration::from_mins(1);

/// Requests to list all objects again.
#[derive(Clone, Debug, Default)]
pub struct Relists {
    requested: Arc<Notify>,
}

/// The version in the last answer about one object. Resource versions grow (KEP-5504).
#[derive(Debug, Default)]
pub struct LastVersion(AtomicU64);

impl Relists {
    /// Requests a list, because the answer about `what` shows that the watches miss what the API server has.
    pub fn request(&self, what: &str) {
        tracing::debug!(what, "an answer of the API server does not fit what its watch has shown");
        self.requested.notify_one();
    }

    /// Has an item whenever a list is due. Requests that come together are one.
    pub fn due(self) -> impl Stream<Item = ()> + Send {
        stream::unfold((self, None), async |(relists, last): (Self, Option<Instant>)| {
            relists.requested.notified().await;
            if let Some(last) = last {
                sleep_until(last + INTERVAL).await;
            }
            tracing::warn!(
                "the watches miss what the API server has: was etcd restored? All objects are listed again"
            );
            Some(((), (relists, Some(Instant::now()))))
        })
    }
}

impl LastVersion {
    /// Records the version of an answer. Returns whether it is older than an earlier one.
    pub fn record(&self, resource_version: Option<&str>) -> bool {
        let version = resource_version.and_then(|version| version.parse().ok());
        version.is_some_and(|version| self.0.swap(version, Ordering::SeqCst) > version)
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    #[test]
    fn only_a_version_that_goes_back_record_answer() {
        let newest = LastVersion::default();
        let older = [Some("5"), Some("5"), None, Some("7"), Some("opaque"), Some("6"), Some("6")];
        let older: Vec<_> = older.into_iter().map(|version| newest.record(version)).collect();
        assert_eq!(older, [false, false, false, false, false, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_within_a_minute_are_one_and_the_last_is_not_lost() {
        let (relists, start) = (Relists::default(), Instant::now());
        let mut due = Box::pin(relists.clone().due());
        relists.request("Lease");
        due.next().await;
        relists.request("team/any");
        relists.request("team/other");
        due.next().await;
        assert_eq!(start.elapsed().as_secs(), 60);
        tokio::time::timeout(Duration::from_hours(1), due.next()).await.unwrap_err();
    }
}
