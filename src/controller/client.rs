//! The clients of the API server: for calls and for the Lease, whose every wait is bounded, and for watches, whose
//! silence is normal.

use std::{
    error::Error,
    hash::{BuildHasher, RandomState},
    io::{self, ErrorKind},
    time::Duration,
};

use cognito_mfa_core::schedule::requeue;
use kube::{
    Client, Config,
    client::ClientBuilder,
    runtime::utils::{Backoff, ResetTimerBackoff},
};
use tower::{BoxError, util::MapResultLayer};

use crate::ops::health::Pulse;

/// A call that hears nothing for this long fails: by default a GET on a hung connection never ends.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// A connection that is not there after this long fails.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A watch is asked again after this many seconds, so that one that hears nothing is told from one that is dead.
pub const WATCH_SECONDS: u32 = 30;

/// The client for calls.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_calls(mut config: Config) -> kube::Result<Client> {
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    with_timeouts(config, CALL_TIMEOUT)
}

/// A client for the Lease, which shares no connection with the others and gives up sooner.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_lease(mut config: Config, patience: Duration) -> kube::Result<Client> {
    config.connect_timeout = Some(patience);
    with_timeouts(config, patience)
}

fn with_timeouts(mut config: Config, patience: Duration) -> kube::Result<Client> {
    // A retry inside a call would hold its pass for minutes; a pass that fails is tried again as a whole.
    config.default_retry = false;
    config.read_timeout = Some(patience);
    config.write_timeout = Some(patience);
    config.reset_reader_on_write = true;
    Client::try_from(config)
}

/// A client for one watch, and the pulse that shows whether it is alive.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_watch(mut config: Config) -> kube::Result<(Client, Pulse)> {
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // The watcher backs off by itself, and a refusal that is retried in secret would not be felt.
    config.default_retry = false;
    let pulse = Pulse::default();
    let felt = pulse.clone();
    let feel = MapResultLayer::new(move |answer: Result<_, BoxError>| {
        if !answer.as_ref().is_err_and(|error| is_silence(error.as_ref())) {
            felt.beat();
        }
        answer
    });
    Ok((ClientBuilder::try_from(config)?.with_layer(&feel).build(), pulse))
}

/// What was asked for, None when the API server says that it is not there. A server that does not serve the kind, for a
/// moment or at all, and a proxy on the way say 404, too: that is a failure, and says nothing of any object.
///
/// # Errors
/// Any other refusal, or no answer.
pub fn found_or_none<T>(answer: kube::Result<T>) -> kube::Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(kube::Error::Api(refusal)) if refusal.reason == "NotFound" => Ok(None),
        Err(error) => Err(error),
    }
}

/// The waits of a watch that fails. The runtime's own grow to a minute, and until a watch is back a changed spec is not
/// seen.
#[must_use]
pub fn watch_backoff() -> impl Backoff + 'static {
    let watch = format!("{:x}", RandomState::new().hash_one(()));
    ResetTimerBackoff::new(WatchWaits { watch, attempt: 0 }, Duration::from_mins(2))
}

struct WatchWaits {
    /// A name that no other watch has, here or in another process: they are not to come back together.
    watch: String,
    attempt: u32,
}

impl Iterator for WatchWaits {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.attempt = self.attempt.saturating_add(1);
        Some(requeue::after_api_error(&self.watch, self.attempt - 1))
    }
}

impl Backoff for WatchWaits {
    fn reset(&mut self) {
        self.attempt = 0;
    }
}

/// Whether nobody answered at all: a connection that is taken and then silent ends in the client's own timeout.
fn is_silence(error: &(dyn Error + 'static)) -> bool {
    let timed_out = |io: &io::Error| io.kind() == ErrorKind::TimedOut;
    error.downcast_ref().is_some_and(timed_out) || error.source().is_some_and(is_silence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_server_that_knows_the_kind_says_that_an_object_is_not_there() {
        let refused = |reason: &str| {
            let status = json!({"status": "Failure", "message": "", "reason": reason, "code": 404});
            Err::<(), _>(kube::Error::Api(serde_json::from_value(status).unwrap()))
        };
        assert!(matches!(found_or_none(refused("NotFound")), Ok(None)));
        // What kube makes of a body that is no Status, such as "404 page not found".
        assert!(found_or_none(refused("Failed to parse error data")).is_err());
    }

    #[test]
    fn a_watch_that_fails_is_begun_again_within_half_a_minute_and_at_once_after_it_was_well() {
        let mut waits = watch_backoff();
        let first = waits.next().unwrap();
        let later: Vec<_> = waits.by_ref().take(50).collect();
        assert!(first <= Duration::from_secs(2) && later.iter().all(|wait| *wait <= Duration::from_secs(30)));
        waits.reset();
        assert_eq!(waits.next(), Some(first));
        assert_ne!(watch_backoff().take(5).collect::<Vec<_>>(), watch_backoff().take(5).collect::<Vec<_>>());
    }
}
