//! The two clients of the API server: one for calls, whose every wait is bounded, and one for watches, whose
//! silence is normal.

use std::{
    error::Error,
    io::{self, ErrorKind},
    time::Duration,
};

use kube::{Client, Config, client::ClientBuilder};
use tower::{BoxError, util::MapResultLayer};

use crate::ops::health::Pulse;

/// A call that hears nothing for this long fails: by default a GET on a hung connection never ends.
const CALL: Duration = Duration::from_secs(15);
/// A connection that is not there after this long fails.
const CONNECT: Duration = Duration::from_secs(10);
/// A watch is asked again after this many seconds, so that one that hears nothing is told from one that is dead.
pub const WATCH_SECONDS: u32 = 30;

/// The client for calls.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_calls(mut config: Config) -> kube::Result<Client> {
    config.connect_timeout = Some(CONNECT);
    // A retry inside a call would hold its pass for minutes; a pass that fails is tried again as a whole.
    config.default_retry = false;
    config.read_timeout = Some(CALL);
    config.write_timeout = Some(CALL);
    config.reset_reader_on_write = true;
    Client::try_from(config)
}

/// A client for one watch, and the pulse that shows whether it is alive.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_watch(mut config: Config) -> kube::Result<(Client, Pulse)> {
    config.connect_timeout = Some(CONNECT);
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

/// Whether nobody answered at all: a connection that is taken and then silent ends in the client's own timeout.
fn is_silence(error: &(dyn Error + 'static)) -> bool {
    let timed_out = |io: &io::Error| io.kind() == ErrorKind::TimedOut;
    error.downcast_ref().is_some_and(timed_out) || error.source().is_some_and(is_silence)
}
