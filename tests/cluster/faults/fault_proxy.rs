//! A proxy in front of an API that understands its requests. It counts them, and pauses those that a test chooses:
//! before it forwards them, or before it returns the response. It may answer others by itself.

use std::{
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use futures::stream;
use http_body_util::BodyExt;
use kube::{Client, Config, config::AuthInfo};
use serde_json::json;
use test_support::cluster::deadline::DEADLINE;
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};

use super::{
    list_watch_filter::ListWatchFilter,
    request_kind::{aws_request, kube_request},
};

/// When a request is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the server has seen it.
    Before,
    /// After the server has answered, and before the client sees the response.
    After,
}

/// An answer that the proxy gives in place of the server's. The server does not see the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 409, as if somebody else had written the object meanwhile.
    Conflict,
    /// The connection breaks within the answer.
    CutOff,
}

/// Whether a request is meant, by its kind and its number among those of the kind, from 1.
type Matches = Box<dyn Fn(&str, usize) -> bool + Send + Sync>;

/// Pauses the requests that match.
pub struct Pause {
    moment: Moment,
    matches: Matches,
    reached: watch::Sender<bool>,
    resumed: watch::Sender<bool>,
}

impl fmt::Debug for Pause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pause").field("moment", &self.moment).finish_non_exhaustive()
    }
}

impl Pause {
    /// Waits until a request is paused.
    pub async fn reached(&self) {
        let reached = self.reached.subscribe();
        let met =
            tokio::time::timeout(
                DEADLINE,
                async move { reached.clone().wait_for(|met| *met).await.map(|_| ()) },
            );
        met.await.expect("the request comes").expect("the pause lives");
    }

    /// Resumes the paused requests, and pauses no others.
    pub fn resume(&self) {
        self.resumed.send_replace(true);
    }

    async fn until_resumed(&self) {
        self.reached.send_replace(true);
        // The wait cannot fail: self owns the sender.
        let _ = self.resumed.subscribe().wait_for(|resumed| *resumed).await;
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
    request_kind: fn(&Parts, &[u8]) -> String,
    log: watch::Sender<Log>,
    pauses: Mutex<Vec<Arc<Pause>>>,
    answers: Mutex<Option<(Answer, Matches)>>,
    filter: Arc<ListWatchFilter>,
}

/// A running proxy. It accepts no new connections once it is dropped.
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
    /// Starts a proxy in front of the API server. Each request keeps its own token.
    pub async fn of_kube() -> Self {
        let mut config = Config::infer().await.expect("KUBECONFIG can be used");
        config.auth_info = AuthInfo::default();
        Self::start(config, kube_request).await
    }

    /// Starts a proxy in front of an emulator.
    pub async fn of_aws(url: &str) -> Self {
        Self::start(Config::new(url.parse().expect("an address")), aws_request).await
    }

    async fn start(mut config: Config, request_kind: fn(&Parts, &[u8]) -> String) -> Self {
        config.default_retry = false;
        let server = Client::try_from(config).expect("a client");
        let shared = Shared {
            server,
            request_kind,
            log: watch::Sender::default(),
            pauses: Mutex::default(),
            answers: Mutex::default(),
            filter: Arc::default(),
        };
        let shared = Arc::new(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let proxy = Router::new().fallback(forward).with_state(shared.clone());
        let task = tokio::spawn(axum::serve(listener, proxy).into_future()).abort_handle();
        Self { url, shared, task }
    }

    /// Changes the responses to lists and watches of the objects.
    pub fn filter(&self) -> &ListWatchFilter {
        &self.shared.filter
    }

    /// Pauses the requests that match, by kind and number.
    pub fn pause(
        &self,
        moment: Moment,
        matches: impl Fn(&str, usize) -> bool + Send + Sync + 'static,
    ) -> Arc<Pause> {
        let pause = Arc::new(Pause {
            moment,
            matches: Box::new(matches),
            reached: watch::Sender::new(false),
            resumed: watch::Sender::new(false),
        });
        self.shared.pauses.lock().unwrap_or_else(PoisonError::into_inner).push(pause.clone());
        pause
    }

    /// Answers the requests that match, by kind and number, in place of the server.
    pub fn answer(&self, answer: Answer, matches: impl Fn(&str, usize) -> bool + Send + Sync + 'static) {
        let matches: Matches = Box::new(matches);
        *self.shared.answers.lock().unwrap_or_else(PoisonError::into_inner) = Some((answer, matches));
    }

    /// Leaves all answers to the server again.
    pub fn answer_nothing(&self) {
        *self.shared.answers.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Clears the log, so that counts start again at 0.
    pub fn clear(&self) {
        self.shared.log.send_modify(|log| *log = Log::default());
    }

    /// The kinds of the requests since the log was cleared, in order.
    pub fn arrived(&self) -> Vec<String> {
        self.shared.log.borrow().arrived.clone()
    }

    /// The number of requests of a kind since the log was cleared.
    pub fn count(&self, kind: &str) -> usize {
        count(&self.shared.log.borrow().arrived, kind)
    }

    /// Waits until this many requests of a kind were answered.
    pub async fn until_answered(&self, kind: &str, times: usize) {
        let mut log = self.shared.log.subscribe();
        let met = log.wait_for(|log| count(&log.answered, kind) >= times);
        let met = tokio::time::timeout(DEADLINE, met).await.map(|met| drop(met.expect("the proxy lives")));
        assert!(met.is_ok(), "never answered {times} times: {kind}; only {:?}", self.arrived());
    }
}

fn count(log: &[String], kind: &str) -> usize {
    log.iter().filter(|logged| *logged == kind).count()
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Conflict => {
                let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "the object has been modified", "reason": "Conflict", "code": 409});
                (StatusCode::CONFLICT, status.to_string()).into_response()
            }
            Self::CutOff => {
                let broken = io::Error::from(io::ErrorKind::ConnectionReset);
                Body::from_stream(stream::iter([Ok(Bytes::from("{")), Err(broken)])).into_response()
            }
        }
    }
}

impl Shared {
    /// Logs a request, and returns the pauses that match it, and the proxy's own answer to it.
    fn log_arrival(&self, kind: &str) -> (Vec<Arc<Pause>>, Option<Answer>) {
        let mut number = 0;
        self.log.send_modify(|log| {
            log.arrived.push(kind.into());
            number = count(&log.arrived, kind);
        });
        let pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        let pauses = pauses.iter().filter(|pause| (pause.matches)(kind, number)).cloned().collect();
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.as_ref().filter(|(_, matches)| matches(kind, number)).map(|(answer, _)| *answer);
        (pauses, answer)
    }

    async fn answer(&self, kind: &str, request: Request<kube::client::Body>) -> kube::Result<Response> {
        let (mut head, body) = self.server.send(request).await?.into_parts();
        // The filter changes the length, and the proxy sends the body in its own encoding.
        head.headers.remove(CONTENT_LENGTH);
        head.headers.remove(TRANSFER_ENCODING);
        head.version = axum::http::Version::HTTP_11;
        let body = if kind == "WATCH userpoolmfaconfigs" && head.status == StatusCode::OK {
            self.filter.watch(body)
        } else {
            let whole = body.collect().await?.to_bytes();
            if kind == "LIST userpoolmfaconfigs" { self.filter.list(whole).into() } else { whole.into() }
        };
        Ok(Response::from_parts(head, body))
    }
}

/// Axum drops this future when the client disconnects.
async fn forward(State(proxy): State<Arc<Shared>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::BAD_REQUEST.into_response() };
    let kind = (proxy.request_kind)(&head, &body);
    let (pauses, own_answer) = proxy.log_arrival(&kind);
    until_resumed(&pauses, Moment::Before).await;
    // The client sets the server's own name instead.
    head.headers.remove(HOST);
    let request = Request::from_parts(head, body.to_vec().into());
    let answer = match own_answer {
        Some(answer) => Ok(answer.into_response()),
        None => proxy.answer(&kind, request).await,
    };
    until_resumed(&pauses, Moment::After).await;
    proxy.log.send_modify(|log| log.answered.push(kind));
    answer.unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

async fn until_resumed(pauses: &[Arc<Pause>], moment: Moment) {
    for pause in pauses.iter().filter(|pause| pause.moment == moment) {
        pause.until_resumed().await;
    }
}
