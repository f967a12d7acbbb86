//! The two clients of the API server: one for calls, whose every wait is bounded, and one for watches, whose
//! silence is normal.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kube::{Client, Config, client::ClientBuilder};
use tower::{BoxError, util::MapResultLayer};

/// A call that hears nothing for this long fails: by default a GET on a hung connection never ends.
const CALL: Duration = Duration::from_secs(15);
/// A watch is asked again after this many seconds, so that one that hears nothing is told from one that is dead.
pub const WATCH_SECONDS: u32 = 30;
/// A watch that got no answer, not even an error, for this long hangs.
const HUNG: Duration = Duration::from_secs(90);

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
    let pulse = Pulse(Arc::new(Mutex::new(Instant::now())));
    let felt = pulse.clone();
    let feel = MapResultLayer::new(move |answer: Result<_, BoxError>| {
        felt.beat();
        answer
    });
    Ok((ClientBuilder::try_from(config)?.with_layer(&feel).build(), pulse))
}

/// When a client last had an answer. A refusal counts: restarting the operator does not bring the API server back,
/// but it does mend a connection that is only half open.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether there was an answer lately.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < HUNG
    }
}
