//! A failing connection to the API server. /healthz fails only where a restart of the operator helps.
//!
//! The watch runs in the test's process, so that a test can move its clock.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use cognito_mfa_operator::{
    controller::Watches,
    ops::{health::Health, server::routes},
};
use kube::{Config, ResourceExt, config::AuthInfo, runtime::watcher::Event};
use test_support::cluster::{
    deadline::DEADLINE,
    install,
    namespace::{TestNamespace, totp},
    operator::Access,
};
use tokio::{sync::watch, task::AbortHandle, time::Instant};
use tower::ServiceExt;

use crate::{
    faults::fault_proxy::{FaultProxy, Moment},
    tcp_proxy::{Mode, TcpProxy},
};

/// Starts a proxy in front of the API server. Returns the proxy and its URL.
async fn proxy() -> (TcpProxy, String) {
    let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
    let proxy = TcpProxy::start(server.authority().expect("an address").to_string()).await;
    let url = format!("https://{}", proxy.address);
    (proxy, url)
}

/// Starts the operator with these flags and a proxy in front of its API server.
pub async fn behind_a_proxy(mut rig: TestNamespace, flags: &[&str]) -> (TestNamespace, TcpProxy) {
    let (proxy, url) = proxy().await;
    let token = install::token(&rig.client).await;
    rig.start_as(&Access { token, server: Some(url) }, flags).await;
    rig.until_idle().await;
    assert_eq!(rig.page("/healthz").await.0, 200);
    (rig, proxy)
}

/// The operator's watch of a namespace.
struct Watch {
    health: Health,
    /// What the watch has shown: the names of objects, and "listed" after a list.
    shown: watch::Receiver<Vec<String>>,
    task: AbortHandle,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watch {
    async fn start(rig: &TestNamespace, server: &str) -> Self {
        let mut config = Config::infer().await.expect("KUBECONFIG can be used");
        config.cluster_url = server.parse().expect("an address");
        let token = Some(install::token(&rig.client).await.into());
        config.auth_info = AuthInfo { token, ..AuthInfo::default() };
        let (mut watches, health) =
            Watches::new(&config, std::slice::from_ref(&rig.namespace)).expect("a client");
        let (sender, shown) = watch::channel(Vec::new());
        let task = tokio::spawn(async move {
            while let Some((_, event)) = watches.next_event().await {
                let name = match event {
                    Ok(Event::InitDone) => Some("listed".into()),
                    Ok(Event::InitApply(object) | Event::Apply(object)) => Some(object.name_any()),
                    _ => None,
                };
                sender.send_modify(|shown| shown.extend(name));
            }
        });
        Self { health, shown, task: task.abort_handle() }
    }

    async fn until_shown(&self, what: &str) {
        let mut shown = self.shown.clone();
        let met = shown.wait_for(|shown| shown.iter().any(|name| name == what));
        tokio::time::timeout(DEADLINE, met).await.expect("it is shown").expect("the watch runs");
    }

    async fn healthz(&self) -> (u16, String) {
        let request = Request::get("/healthz").body(Body::empty()).unwrap();
        let response = routes(Arc::default(), self.health.clone()).oneshot(request).await.unwrap();
        let code = response.status().as_u16();
        let page = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (code, String::from_utf8(page.to_vec()).unwrap())
    }
}

/// Asserts that /healthz has this code during the time. The clock jumps to the next timer when nothing else happens, and a
/// second at most, so that connecting takes no time.
async fn assert_healthz_for(watch: &Watch, duration: Duration, code: u16) {
    tokio::time::pause();
    let end = Instant::now() + duration;
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let page = watch.healthz().await;
        assert!(page.0 == code, "{page:?}");
    }
    tokio::time::resume();
}

/// A test that waits for an answer in virtual time would time out before the answer arrives.
async fn advance(duration: Duration) {
    tokio::time::pause();
    tokio::time::advance(duration).await;
    tokio::time::resume();
}

async fn assert_an_outage_does_not_fail_the_health_check(mode: Mode) {
    let rig = TestNamespace::without_operator().await;
    let (proxy, url) = proxy().await;
    let watch = Watch::start(&rig, &url).await;
    watch.until_shown("listed").await;
    proxy.set_mode(mode);
    assert_healthz_for(&watch, Duration::from_mins(30), 200).await;
}

/// The proxy keeps the open connection and new ones, and answers none. So no new one is established: TLS comes first.
#[tokio::test]
async fn a_black_holed_api_server_does_not_fail_the_health_check() {
    assert_an_outage_does_not_fail_the_health_check(Mode::HalfOpen).await;
}

#[tokio::test]
async fn a_refused_connection_does_not_fail_the_health_check() {
    assert_an_outage_does_not_fail_the_health_check(Mode::Refusing).await;
}

#[tokio::test]
async fn requests_that_are_never_answered_fail_the_health_check() {
    let rig = TestNamespace::without_operator().await;
    let proxy = FaultProxy::of_kube().await;
    let request = proxy.pause(Moment::Before, |kind, _| kind == "LIST userpoolmfaconfigs");
    let watch = Watch::start(&rig, &proxy.url).await;
    request.reached().await;
    assert_healthz_for(&watch, Duration::from_secs(110), 200).await;
    advance(Duration::from_secs(10)).await;
    assert_healthz_for(&watch, Duration::from_mins(30), 503).await;
    assert!(watch.healthz().await.1.contains("no answer from the API server"));
}

#[tokio::test]
async fn a_request_on_a_half_open_connection_is_repeated_without_a_restart() {
    let rig = TestNamespace::without_operator().await;
    let proxy = FaultProxy::of_kube().await;
    let is_first = |kind: &str, number| kind == "WATCH userpoolmfaconfigs" && number == 1;
    let request = proxy.pause(Moment::Before, is_first);
    let watch = Watch::start(&rig, &proxy.url).await;
    request.reached().await;
    rig.apply("unseen", totp(&rig.pool())).await;
    advance(Duration::from_secs(41)).await;
    watch.until_shown("unseen").await;
    assert_eq!(watch.healthz().await.0, 200);
}

/// The API server ends each watch after 30 s. The client replaces one that is still open and silent after 35 s.
#[tokio::test]
async fn a_watch_on_a_half_open_connection_is_replaced_without_a_restart() {
    let rig = TestNamespace::without_operator().await;
    let (proxy, url) = proxy().await;
    let watch = Watch::start(&rig, &url).await;
    watch.until_shown("listed").await;
    rig.apply("seen", totp(&rig.pool())).await;
    watch.until_shown("seen").await;
    proxy.set_mode(Mode::HalfOpen);
    rig.apply("unseen", totp(&rig.pool())).await;
    proxy.set_mode(Mode::Open);
    assert!(!watch.shown.borrow().contains(&"unseen".into()), "the connection is half-open");
    advance(Duration::from_secs(36)).await;
    watch.until_shown("unseen").await;
    assert_eq!(watch.healthz().await.0, 200);
}
