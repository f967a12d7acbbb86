//! The edge: HTTP, time and delays. Nothing here decides.

use std::{
    future::pending,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::HeaderMap,
    response::Response,
    routing::post,
};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{
    admin,
    error::ApiError,
    faults::When,
    call_log::Call,
    wire::{self, Protocol},
    state::{Reply, EmulatorState},
};

/// Bigger than any request that the model's lengths allow.
const BODY_LIMIT: usize = 4 << 20;

/// What every connection shares.
#[derive(Clone, Debug)]
pub struct Shared {
    state: Arc<Mutex<EmulatorState>>,
    changed: watch::Sender<()>,
    started: Instant,
}

impl Shared {
    fn new(world: EmulatorState) -> Self {
        Self { state: Arc::new(Mutex::new(world)), changed: watch::Sender::new(()), started: Instant::now() }
    }

    /// The state. A panic elsewhere while it was held does not take it away.
    pub fn state(&self) -> MutexGuard<'_, EmulatorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running emulator. It stops, with every connection, when it is dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    shared: Shared,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Starts on a free port of 127.0.0.1 with an empty world.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0)), EmulatorState::default()).await
    }

    /// Starts on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn listen(address: SocketAddr, world: EmulatorState) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Shared::new(world);
        let server = tokio::spawn(accept(listener, router(shared.clone())));
        Ok(Self { address, shared, server })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The state, to script and to read. Let go of it before the next await, or no call is answered.
    pub fn state(&self) -> MutexGuard<'_, EmulatorState> {
        self.shared.state()
    }

    /// The calls since the log was last cleared.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().log.calls().to_vec()
    }

    /// Waits until the log satisfies a condition, and returns it. It has no time limit: put one around it.
    pub async fn calls_until(&self, condition: impl Fn(&[Call]) -> bool) -> Vec<Call> {
        let mut changed = self.shared.changed.subscribe();
        loop {
            let calls = self.calls();
            if condition(&calls) {
                return calls;
            }
            // The sender lives in self, so this only ends with a change.
            let _ = changed.changed().await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(shared: Shared) -> Router {
    let aws = Router::new().route("/", post(handle_aws_call)).with_state(shared.clone());
    aws.nest("/_admin", admin::router(shared)).layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// Connections end with this task: the set aborts them when it is dropped.
async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, router.clone()));
        }
    }
}

/// Marks a response that must not be sent.
#[derive(Clone)]
struct HangUp;

async fn serve(stream: TcpStream, router: Router) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answer = router.call(request);
        async move {
            let Ok(response) = answer.await;
            if response.extensions().get::<HangUp>().is_some() {
                return Err(io::Error::from(io::ErrorKind::ConnectionReset));
            }
            Ok(response)
        }
    });
    // An error here is the client's end of the connection, or a scripted hang-up.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn handle_aws_call(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let protocol = wire::protocol(&headers);
    let request = match wire::read(&headers, &body) {
        Ok(request) => request,
        Err(error) => return result_response(protocol, 0, "", Err(error)),
    };
    let arrival = shared.state().receive(&request, shared.started.elapsed());
    shared.changed.send_replace(());
    pause(arrival.delay(When::Before)).await;
    let reply = shared.state().answer(&request, &arrival, shared.started.elapsed());
    shared.changed.send_replace(());
    pause(arrival.delay(When::After)).await;
    reply_response(protocol, arrival.sequence, &request.operation, reply).await
}

async fn reply_response(protocol: Protocol, sequence: u64, operation: &str, reply: Reply) -> Response {
    match reply {
        Reply::Answer(result) => result_response(protocol, sequence, operation, result),
        Reply::Truncated(result) => {
            let whole = match result {
                Ok(value) => wire::success_body(protocol, operation, &value),
                Err(error) => wire::error_parts(protocol, error).2,
            };
            let half = whole.chars().take(whole.chars().count() / 2).collect();
            wire::response(protocol, sequence, 200, None, half)
        }
        Reply::Raw(status, body) => wire::response(protocol, sequence, status, None, body),
        Reply::Hang => pending().await,
        Reply::HangUp => {
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(HangUp);
            response
        }
    }
}

fn result_response(protocol: Protocol, sequence: u64, operation: &str, result: Result<Value, ApiError>) -> Response {
    match result {
        Ok(value) => {
            wire::response(protocol, sequence, 200, None, wire::success_body(protocol, operation, &value))
        }
        Err(error) => {
            let (status, code, body) = wire::error_parts(protocol, error);
            wire::response(protocol, sequence, status, Some(&code), body)
        }
    }
}

/// A sleep of no time takes the timer's next tick, a millisecond or two.
async fn pause(delay: Duration) {
    if !delay.is_zero() {
        sleep(delay).await;
    }
}
