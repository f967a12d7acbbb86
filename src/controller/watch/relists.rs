//! Requests to list all objects again, for example after the API server has gone back in time.
//!
//! When etcd is restored from a backup, a watch that saw no error may still hold a version newer than any in etcd. Then it gets
//! neither an event nor an error.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use futures::{Stream, stream};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::controller::table::parse_version;

/// The shortest time between two lists. Until a list is complete, each read may request another one.
const INTERVAL: Duration = Duration::from_mins(1);

/// Requests to list all objects again.
#[derive(Clone, Debug)]
pub struct Relists {
    requests: mpsc::Sender<RelistReason>,
}

/// Why all objects are listed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelistReason {
    /// An answer about the Lease is older than the previous one.
    OldLease,
    /// An answer about an object is older than what was seen of it, or again and again differs from what its watch shows.
    WatchMisses,
    /// An event of a watch panicked.
    Panic,
}

/// The version in the last answer about one object.
#[derive(Debug, Default)]
pub struct LastVersion(AtomicU64);

impl Relists {
    /// The requests, and a stream that has an item whenever a list is due. Requests that come together are one.
    pub fn new() -> (Self, impl Stream<Item = RelistReason> + Send) {
        let (requests, requested) = mpsc::channel(1);
        let due = stream::unfold(
            (requested, None),
            async |(mut requested, last): (mpsc::Receiver<_>, Option<Instant>)| {
                let reason = requested.recv().await?;
                if let Some(last) = last {
                    sleep_until(last + INTERVAL).await;
                }
                Some((reason, (requested, Some(Instant::now()))))
            },
        );
        (Self { requests }, due)
    }

    /// Requests a list.
    pub fn request(&self, reason: RelistReason) {
        // Sending fails only while another request waits, or after the controller ended.
        let _ = self.requests.try_send(reason);
    }
}

impl RelistReason {
    /// Logs why all objects are listed again.
    pub fn log(self) {
        match self {
            Self::OldLease => tracing::warn!(
                "the Lease is older than it was before: was etcd restored? All objects are listed again"
            ),
            Self::WatchMisses => tracing::warn!(
                "the watches miss what the API server has: was etcd restored? All objects are listed again"
            ),
            Self::Panic => tracing::warn!(
                "an event of a watch panicked, so an object may be out of date. All objects are listed again"
            ),
        }
    }
}

impl LastVersion {
    /// Records the version of an answer. Returns whether it is older than the previous one.
    pub fn record(&self, resource_version: Option<&str>) -> bool {
        let version = parse_version(resource_version);
        version.is_some_and(|version| self.0.swap(version, Ordering::SeqCst) > version)
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    #[test]
    fn a_version_older_than_the_previous_one_is_reported() {
        let last = LastVersion::default();
        let versions = [Some("5"), Some("5"), None, Some("7"), Some("opaque"), Some("6"), Some("6")];
        let older: Vec<_> = versions.into_iter().map(|version| last.record(version)).collect();
        assert_eq!(older, [false, false, false, false, false, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_within_a_minute_are_one_and_the_last_is_not_lost() {
        let ((relists, due), start) = (Relists::new(), Instant::now());
        let mut due = Box::pin(due);
        relists.request(RelistReason::OldLease);
        assert_eq!(due.next().await, Some(RelistReason::OldLease));
        relists.request(RelistReason::Panic);
        relists.request(RelistReason::WatchMisses);
        assert_eq!(due.next().await, Some(RelistReason::Panic));
        assert_eq!(start.elapsed().as_secs(), 60);
        tokio::time::timeout(Duration::from_hours(1), due.next()).await.unwrap_err();
    }
}
