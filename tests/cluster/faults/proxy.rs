//! A proxy in front of an API that knows its requests: it counts them, and stops one that it is told to stop, before
//! it is forwarded or when it was and nobody has heard the answer yet.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use kube::{Client, Config, config::AuthInfo};
use test_support::cluster::namespace::DEADLINE;
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};

use super::{call, view::View};

/// When a request is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It has come, and the server has not seen it.
    Before,
    /// The server has answered, and nobody has heard it.
    After,
}

/// Whether a request is covered, by its kind and its number among those of the kind, from 1.
type Covers = Box<dyn Fn(&str, usize) -> bool + Send + Sync>;

/// Requests that are stopped.
pub struct Hold {
    moment: Moment,
    covers: Covers,
    reached: watch::Sender<bool>,
    released: watch::Sender<bool>,
}

impl fmt::Debug for Hold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Hold").field("moment", &self.moment).finish_non_exhaustive()
    }
}

impl Hold {
    /// Waits until a request is stopped.
    pub async fn reached(&self) {
        let reached = self.reached.subscribe();
        let met =
            tokio::time::timeout(
                DEADLINE,
                async move { reached.clone().wait_for(|met| *met).await.map(|_| ()) },
            );
        met.await.expect("the request comes").expect("the hold lives");
    }

    /// Lets the stopped requests go on, and stops no other.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    async fn stop(&self) {
        self.reached.send_replace(true);
        // The sender lives in self.
        let _ = self.released.subscribe().wait_for(|released| *released).await;
    }
}

/// The requests since the log was cleared.
#[derive(Debug, Default)]
struct Log {
    arrived: Vec<String>,
    answered: Vec<String>,
}

struct Shared {
    server: Client,
    describe: fn(&Parts, &[u8]) -> String,
    log: watch::Sender<Log>,
    holds: Mutex<Vec<Arc<Hold>>>,
    view: Arc<View>,
}

/// A running proxy; it takes no new connection once it is dropped.
pub struct FaultProxy {
    pub url: String,
    shared: Arc<Shared>,
    task: AbortHandle,
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FaultProxy {
    /// In front of the API server. Each request keeps its own token.
    pub async fn of_kube() -> Self {
        let mut config = Config::infer().await.expect("KUBECONFIG can be used");
        config.auth_info = AuthInfo::default();
        Self::start(config, call::of_kube).await
    }

    /// In front of an emulator.
    pub async fn of_aws(url: &str) -> Self {
        Self::start(Config::new(url.parse().expect("an address")), call::of_aws).await
    }

    async fn start(mut config: Config, describe: fn(&Parts, &[u8]) -> String) -> Self {
        config.default_retry = false;
        let server = Client::try_from(config).expect("a client");
        let shared = Shared {
            server,
            describe,
            log: watch::Sender::default(),
            holds: Mutex::default(),
            view: Arc::default(),
        };
        let shared = Arc::new(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let proxy = Router::new().fallback(forward).with_state(shared.clone());
        let task = tokio::spawn(axum::serve(listener, proxy).into_future()).abort_handle();
        Self { url, shared, task }
    }

    /// What lists and watches of the objects show.
    pub fn view(&self) -> &View {
        &self.shared.view
    }

    /// Stops the requests that are covered, by kind and number.
    pub fn hold(
        &self,
        moment: Moment,
        covers: impl Fn(&str, usize) -> bool + Send + Sync + 'static,
    ) -> Arc<Hold> {
        let hold = Arc::new(Hold {
            moment,
            covers: Box::new(covers),
            reached: watch::Sender::new(false),
            released: watch::Sender::new(false),
        });
        self.shared.holds.lock().unwrap_or_else(PoisonError::into_inner).push(hold.clone());
        hold
    }

    /// Begins to count anew.
    pub fn clear(&self) {
        self.shared.log.send_modify(|log| *log = Log::default());
    }

    /// The requests so far.
    pub fn arrived(&self) -> Vec<String> {
        self.shared.log.borrow().arrived.clone()
    }

    /// How many requests of a kind have come so far.
    pub fn count(&self, what: &str) -> usize {
        count(&self.shared.log.borrow().arrived, what)
    }

    /// Waits until so many requests of a kind were answered.
    pub async fn until_answered(&self, what: &str, times: usize) {
        let mut log = self.shared.log.subscribe();
        let met = log.wait_for(|log| count(&log.answered, what) >= times);
        let met = tokio::time::timeout(DEADLINE, met).await.map(|met| drop(met.expect("the proxy lives")));
        assert!(met.is_ok(), "never answered {times} times: {what}; only {:?}", self.arrived());
    }
}

fn count(log: &[String], what: &str) -> usize {
    log.iter().filter(|other| *other == what).count()
}

impl Shared {
    /// Enters a request, and returns the holds that cover it.
    fn enter(&self, what: &str) -> Vec<Arc<Hold>> {
        self.log.send_modify(|log| log.arrived.push(what.into()));
        let number = count(&self.log.borrow().arrived, what);
        let holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        holds.iter().filter(|hold| (hold.covers)(what, number)).cloned().collect()
    }

    async fn answer(&self, what: &str, request: Request<kube::client::Body>) -> kube::Result<Response> {
        let (mut head, body) = self.server.send(request).await?.into_parts();
        // What is sent on may have another length and another form.
        head.headers.remove(CONTENT_LENGTH);
        head.headers.remove(TRANSFER_ENCODING);
        head.version = axum::http::Version::HTTP_11;
        let body = if what == "WATCH userpoolmfaconfigs" && head.status == StatusCode::OK {
            self.view.watch(body)
        } else {
            let whole = body.collect().await?.to_bytes();
            if what == "LIST userpoolmfaconfigs" { self.view.list(whole).into() } else { whole.into() }
        };
        Ok(Response::from_parts(head, body))
    }
}

/// When whoever asked is gone, this ends wherever it stands.
async fn forward(State(proxy): State<Arc<Shared>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::BAD_REQUEST.into_response() };
    let what = (proxy.describe)(&head, &body);
    let holds = proxy.enter(&what);
    stop(&holds, Moment::Before).await;
    // The server's own name takes its place.
    head.headers.remove(HOST);
    let request = Request::from_parts(head, body.to_vec().into());
    let answer = proxy.answer(&what, request).await;
    stop(&holds, Moment::After).await;
    proxy.log.send_modify(|log| log.answered.push(what));
    answer.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

async fn stop(holds: &[Arc<Hold>], moment: Moment) {
    for hold in holds.iter().filter(|hold| hold.moment == moment) {
        hold.stop().await;
    }
}
