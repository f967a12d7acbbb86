//! The connection to the API server fails: /healthz is for what a restart of the operator mends.

use std::time::Duration;

use kube::Config;
use test_support::cluster::{install, namespace::TestNamespace, operator::Access};

use crate::proxy::{Mode, Proxy};

/// The operator with these flags and a proxy before its API server.
pub async fn behind_a_proxy(mut rig: TestNamespace, flags: &[&str]) -> (TestNamespace, Proxy) {
    let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
    let proxy = Proxy::start(server.authority().expect("an address").to_string()).await;
    let token = install::token(&rig.client).await;
    let access = Access { token, server: Some(format!("https://{}", proxy.address)) };
    rig.start_as(&access, flags).await;
    rig.until_idle().await;
    assert_eq!(rig.page("/healthz").await.0, 200);
    (rig, proxy)
}

async fn a_half_open_connection_shows() {
    let (rig, proxy) = behind_a_proxy(TestNamespace::without_operator().await, &[]).await;
    proxy.turn(Mode::HalfOpen);
    let look = async {
        let mut beat = tokio::time::interval(Duration::from_secs(1));
        loop {
            beat.tick().await;
            let (code, page) = rig.page("/healthz").await;
            if code == 503 {
                return page;
            }
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(150), look).await.expect("it shows");
    assert!(page.contains("no answer from the API server"), "{page}");
}

async fn a_refused_connection_is_no_reason_to_restart() {
    let (rig, proxy) = behind_a_proxy(TestNamespace::without_operator().await, &[]).await;
    proxy.turn(Mode::Refusing);
    proxy.until_refused_for(Duration::from_secs(95)).await;
    assert_eq!(rig.page("/healthz").await.0, 200);
}

/// Both take longer than the 90 s after which a watch without an answer counts as dead.
#[tokio::test]
async fn a_half_open_connection_fails_the_health_check_and_a_refused_one_does_not() {
    tokio::join!(a_half_open_connection_shows(), a_refused_connection_is_no_reason_to_restart());
}
