//! The clients of the API server. All of them bound every wait; the one for watches waits longer, because an idle watch is
//! normal.

use std::{
    error::Error,
    hash::{BuildHasher, RandomState},
    io::{self, ErrorKind},
    iter::successors,
    time::Duration,
};

use axum::http::Response;
use cognito_mfa_core::schedule::requeue;
use hyper_util::client::legacy;
use kube::{Client, Config, client::ClientBuilder, runtime::utils::Backoff};
use tokio::time::Instant;
use tower::{BoxError, util::MapResultLayer};

use crate::ops::health::Pulse;

/// A call without an answer for this long fails. By default a GET on a hung connection never ends.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The API server ends each watch after this many seconds, so that even an idle watch gets answers.
pub const WATCH_SECONDS: u32 = 30;
/// A watch whose connection is silent for this long fails, and connects again. It is longer than an idle watch lasts, to
/// which kube-runtime adds 5 s.
const WATCH_TIMEOUT: Duration = Duration::from_secs(40);
/// The backoff starts over once a watch has worked for this time. That is longer than a request without an answer lasts.
const RESET_AFTER: Duration = Duration::from_secs(45);

/// A client for calls.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_calls(mut config: Config) -> kube::Result<Client> {
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    with_timeouts(config, CALL_TIMEOUT)
}

/// A client for the Lease. It shares no connection with the other clients, and its calls fail after `timeout`.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_lease(mut config: Config, timeout: Duration) -> kube::Result<Client> {
    config.connect_timeout = Some(timeout);
    with_timeouts(config, timeout)
}

fn with_timeouts(mut config: Config, timeout: Duration) -> kube::Result<Client> {
    // Retries inside a call would block its reconciliation for minutes. A failed reconciliation is retried as a whole.
    config.default_retry = false;
    config.read_timeout = Some(timeout);
    config.write_timeout = Some(timeout);
    config.reset_reader_on_write = true;
    Client::try_from(config)
}

/// A client for one watch, and the pulse that shows whether it is alive. `on_success` is called whenever the API server
/// accepts a request: the runtime's watcher reports no event for a watch that is opened again, until an object changes.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_watch(
    mut config: Config,
    on_success: impl Fn() + Clone + Send + Sync + 'static,
) -> kube::Result<(Client, Pulse)> {
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // The watcher has its own backoff, and the pulse would not notice an error that the client retries by itself.
    config.default_retry = false;
    config.read_timeout = Some(WATCH_TIMEOUT);
    // Otherwise the time for an answer would begin when the connection became idle, before the request.
    config.reset_reader_on_write = true;
    let pulse = Pulse::default();
    let answered = pulse.clone();
    let observe = MapResultLayer::new(move |result: Result<Response<_>, BoxError>| {
        if !result.as_ref().is_err_and(|error| is_silence(error.as_ref())) {
            answered.beat();
        }
        if result.as_ref().is_ok_and(|response| response.status().is_success()) {
            on_success();
        }
        result
    });
    Ok((ClientBuilder::try_from(config)?.with_layer(&observe).build(), pulse))
}

/// Turns the API server's own "NotFound" into `None`. Any other 404 stays an error: it may come from a proxy, or from a
/// server that does not serve the kind, and says nothing about the object.
///
/// # Errors
/// Any other error, or no answer.
pub fn found_or_none<T>(result: kube::Result<T>) -> kube::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(kube::Error::Api(status)) if status.reason == "NotFound" => Ok(None),
        Err(error) => Err(error),
    }
}

/// The backoff of a watch that fails: at most 30 s, where the runtime's default grows to a minute. Changed specs go
/// unnoticed until the watch is back.
#[must_use]
pub fn watch_backoff() -> impl Backoff + 'static {
    WatchBackoff { watch: format!("{:x}", RandomState::new().hash_one(())), attempt: 0, retry_at: None }
}

struct WatchBackoff {
    /// A random name that seeds the jitter, so that watches of all processes do not come back at the same time.
    watch: String,
    attempt: u32,
    /// When the watch is tried again after its last error.
    retry_at: Option<Instant>,
}

impl Iterator for WatchBackoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if self.retry_at.is_some_and(|retry_at| retry_at.elapsed() > RESET_AFTER) {
            self.attempt = 0;
        }
        self.attempt = self.attempt.saturating_add(1);
        let wait = requeue::after_api_error(&self.watch, self.attempt - 1);
        self.retry_at = Some(Instant::now() + wait);
        Some(wait)
    }
}

impl Backoff for WatchBackoff {
    /// Nothing: the runtime calls this at each event, and the first one comes without any request.
    fn reset(&mut self) {}
}

/// Whether the client's own timeout ended the wait.
#[must_use]
pub fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let timed_out = |io: &io::Error| io.kind() == ErrorKind::TimedOut;
    causes(error).any(|cause| cause.downcast_ref().is_some_and(timed_out))
}

/// Whether a request on an established connection got no answer in time. A connection that could not be established in time
/// is another matter, also when the server accepts it and then does not answer the TLS handshake.
fn is_silence(error: &(dyn Error + 'static)) -> bool {
    let is_connect = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect)
    };
    is_timeout(error) && !causes(error).any(is_connect)
}

/// The error and what it comes from.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};
    use kube::runtime::WatchStreamExt;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_not_found_status_means_that_the_object_is_gone() {
        let not_found = |reason: &str| {
            let status = json!({"status": "Failure", "message": "", "reason": reason, "code": 404});
            Err::<(), _>(kube::Error::Api(serde_json::from_value(status).unwrap()))
        };
        assert!(matches!(found_or_none(not_found("NotFound")), Ok(None)));
        // The reason that kube sets for a body that is not a Status, such as "404 page not found".
        assert!(found_or_none(not_found("Failed to parse error data")).is_err());
    }

    /// Each attempt begins with an event that comes without any request.
    #[tokio::test(start_paused = true)]
    async fn a_failing_watch_is_restarted_within_30s_and_soon_after_it_worked() {
        let attempts = stream::iter([Ok(()), Err(())].into_iter().cycle());
        let (mut events, mut waits) = (attempts.backoff(watch_backoff()).boxed(), Vec::new());
        for _ in 0..50 {
            let start = Instant::now();
            events.next().await.unwrap().unwrap();
            waits.push(start.elapsed());
            events.next().await.unwrap().unwrap_err();
        }
        assert!(waits[1] <= Duration::from_secs(2) && waits[30..].iter().all(|wait| wait.as_secs() >= 15));
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(31)), "{waits:?}");
        let mut backoff = watch_backoff();
        let first = backoff.next();
        backoff.by_ref().take(50).for_each(drop);
        tokio::time::advance(RESET_AFTER + Duration::from_secs(31)).await;
        assert_eq!(backoff.next(), first);
        assert_ne!(watch_backoff().take(5).collect::<Vec<_>>(), watch_backoff().take(5).collect::<Vec<_>>());
    }
}
