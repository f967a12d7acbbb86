//! The two clients of the API server: one for calls, whose every wait is bounded, and one for watches, whose
//! silence is normal.

use std::time::Duration;

use kube::{Client, Config, client::ClientBuilder};
use tower::{BoxError, util::MapResultLayer};

use crate::ops::health::Pulse;

/// A call that hears nothing for this long fails: by default a GET on a hung connection never ends.
const CALL: Duration = Duration::from_secs(15);
/// A watch is asked again after this many seconds, so that one that hears nothing is told from one that is dead.
pub const WATCH_SECONDS: u32 = 30;

/// The client for calls.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_calls(mut config: Config) -> kube::Result<Client> {
    config.read_timeout = Some(CALL);
    config.write_timeout = Some(CALL);
    config.reset_reader_on_write = true;
    Client::try_from(config)
}

/// A client for one watch, and the pulse that shows whether it is alive.
///
/// # Errors
/// When the configuration cannot be used.
pub fn for_watch(config: Config) -> kube::Result<(Client, Pulse)> {
    let pulse = Pulse::default();
    let felt = pulse.clone();
    let feel = MapResultLayer::new(move |answer: Result<_, BoxError>| {
        felt.beat();
        answer
    });
    Ok((ClientBuilder::try_from(config)?.with_layer(&feel).build(), pulse))
}
