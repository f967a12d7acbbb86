//! A failing connection to the API server. /healthz fails only where a restart of the operator helps.

use std::time::Duration;

use kube::Config;
use test_support::cluster::{install, namespace::TestNamespace, operator::Access};

use crate::tcp_proxy::{Mode, TcpProxy};

/// Starts the operator with these flags and a proxy in front of its API server.
pub async fn behind_a_proxy(mut rig: TestNamespace, flags: &[&str]) -> (TestNamespace, TcpProxy) {
    let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
    let proxy = TcpProxy::start(server.authority().expect("an address").to_string()).await;
    let token = install::token(&rig.client).await;
    let access = Access { token, server: Some(format!("https://{}", proxy.address)) };
    rig.start_as(&access, flags).await;
    rig.until_idle().await;
    assert_eq!(rig.page("/healthz").await.0, 200);
    (rig, proxy)
}

async fn a_half_open_connection_fails_the_health_check() {
    let (rig, proxy) = behind_a_proxy(TestNamespace::without_operator().await, &[]).await;
    proxy.set_mode(Mode::HalfOpen);
    let polling = async {
        let mut interval = tokio::time::interval(Duration::from_secs(1));
        loop {
            interval.tick().await;
            let (code, page) = rig.page("/healthz").await;
            if code == 503 {
                return page;
            }
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(150), polling).await.expect("/healthz fails");
    assert!(page.contains("no answer from the API server"), "{page}");
}

async fn a_refused_connection_does_not_fail_the_health_check() {
    let (rig, proxy) = behind_a_proxy(TestNamespace::without_operator().await, &[]).await;
    proxy.set_mode(Mode::Refusing);
    proxy.until_refused_for(Duration::from_secs(95)).await;
    assert_eq!(rig.page("/healthz").await.0, 200);
}

/// Both wait longer than the 90 s after which the operator counts a silent watch as dead.
#[tokio::test]
async fn a_half_open_connection_fails_the_health_check_and_a_refused_one_does_not() {
    tokio::join!(
        a_half_open_connection_fails_the_health_check(),
        a_refused_connection_does_not_fail_the_health_check()
    );
}
