//! The HTTP server. It adds transport and delays to [`EmulatorState`], which decides the answers.

use std::{future::pending, io, net::SocketAddr, sync::MutexGuard, time::Duration};

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
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{
    admin,
    call_log::Call,
    error::ApiError,
    faults::When,
    shared::Shared,
    state::{EmulatorState, Reply},
    wire::{self, Protocol},
};

/// Larger than any request within the lengths of the service model.
const BODY_LIMIT: usize = 4 << 20;

/// A running emulator. Dropping it stops it and closes every connection.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    shared: Shared,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Starts on a free port of 127.0.0.1, without pools.
    ///
    /// # Errors
    /// The error of the operating system when no port is free.
    pub async fn start() -> io::Result<Self> {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0)), EmulatorState::default()).await
    }

    /// Starts on an address with a prepared state. Port 0 selects a free port.
    ///
    /// # Errors
    /// The error of the operating system when the address is not available.
    pub async fn listen(address: SocketAddr, state: EmulatorState) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Shared::new(state);
        let server = tokio::spawn(accept(listener, router(shared.clone())));
        Ok(Self { address, shared, server })
    }

    /// The address that it listens on, with the port that was selected.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The value for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Locks the state, to script and to read it. Drop the guard before the next await: no call is answered meanwhile.
    pub fn state(&self) -> MutexGuard<'_, EmulatorState> {
        self.shared.state()
    }

    /// A copy of the calls since the log was last cleared.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().log.calls().to_vec()
    }

    /// Waits until the call log satisfies a condition, and returns the calls. There is no time limit.
    pub async fn calls_until(&self, condition: impl Fn(&[Call]) -> bool) -> Vec<Call> {
        let mut changes = self.shared.subscribe();
        loop {
            let calls = self.calls();
            if condition(&calls) {
                return calls;
            }
            // This cannot fail: self owns the sender.
            let _ = changes.changed().await;
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

/// Dropping this task drops the set, which aborts all connections.
async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, router.clone()));
        }
    }
}

/// An extension of a response in whose place the connection is closed.
#[derive(Clone)]
struct HangUp;

async fn serve(stream: TcpStream, router: Router) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let response = router.call(request);
        async move {
            let Ok(response) = response.await;
            if response.extensions().get::<HangUp>().is_some() {
                return Err(io::Error::from(io::ErrorKind::ConnectionReset));
            }
            Ok(response)
        }
    });
    // An error means that the client closed the connection, or that a fault did.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn handle_aws_call(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let protocol = wire::protocol(&headers);
    let request = match wire::read(&headers, &body) {
        Ok(request) => request,
        Err(error) => return result_response(protocol, 0, "", Err(error)),
    };
    let call = shared.state().receive(&request, shared.uptime());
    shared.notify();
    pause(call.delay(When::Before)).await;
    let reply = shared.state().answer(&request, &call, shared.uptime());
    shared.notify();
    pause(call.delay(When::After)).await;
    reply_response(protocol, call.sequence, &request.operation, reply).await
}

async fn reply_response(protocol: Protocol, sequence: u64, operation: &str, reply: Reply) -> Response {
    match reply {
        Reply::Answer(result) => result_response(protocol, sequence, operation, result),
        Reply::Truncated(result) => {
            let body = match result {
                Ok(value) => wire::success_body(protocol, operation, &value),
                Err(error) => wire::error_parts(protocol, error).2,
            };
            let half = body.chars().take(body.chars().count() / 2).collect();
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

fn result_response(
    protocol: Protocol,
    sequence: u64,
    operation: &str,
    result: Result<Value, ApiError>,
) -> Response {
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

/// Even a sleep of zero waits for the timer's next tick, which takes a millisecond or two.
async fn pause(delay: Duration) {
    if !delay.is_zero() {
        sleep(delay).await;
    }
}
