//! `probe`, before pages of the test's own. tests/cluster/process.rs lets it ask a real operator.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use axum::{Router, http::StatusCode, routing::get};
use tokio::net::TcpListener;

use crate::sandbox::{Output, run_offline};

const BUILD: &str =
    concat!("cognito_mfa_operator_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1\n");

/// What the command says of an operator with these pages.
async fn probe(code: StatusCode, readyz: &'static str, metrics: &'static str) -> Output {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let pages = Router::new()
        .route("/readyz", get(async move || (code, readyz)))
        .route("/metrics", get(async move || metrics));
    let server = tokio::spawn(axum::serve(listener, pages).into_future());
    let output = ask(&["probe", &address]).await;
    server.abort();
    output
}

/// Runs the command beside the server, which needs this thread.
async fn ask(arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let command = move || run_offline(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), "");
    tokio::task::spawn_blocking(command).await.unwrap()
}

#[tokio::test]
async fn a_ready_operator_of_this_version_passes() {
    for readyz in ["ok\n", "ok\nobserve-only: nothing is written to AWS\n"] {
        let output = probe(StatusCode::OK, readyz, BUILD).await;
        assert!(output.code == 0 && output.stdout.contains("is ready"), "{output:?}");
    }
}

#[tokio::test]
async fn an_operator_that_is_not_ready_or_reports_a_failure_fails() {
    let unready = "not every watch has listed its objects yet\n";
    probe(StatusCode::SERVICE_UNAVAILABLE, unready, BUILD)
        .await
        .assert_failed("/readyz says: not every watch");
    let failing = "ok\nleader election: the Lease cannot be read\n";
    probe(StatusCode::OK, failing, BUILD).await.assert_failed("/readyz says: leader election: the Lease");
    probe(StatusCode::SERVICE_UNAVAILABLE, "", BUILD).await.assert_failed("/readyz says:");
}

#[tokio::test]
async fn another_version_or_another_program_fails() {
    let other = "cognito_mfa_operator_build_info{version=\"9.9.9\"} 1\n";
    probe(StatusCode::OK, "ok\n", other).await.assert_failed("is of version 9.9.9");
    probe(StatusCode::OK, "ok\n", "up 1\n").await.assert_failed("does not show the operator's version");
}

#[tokio::test]
async fn with_wait_it_asks_until_the_operator_is_ready() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let readyz = async move || if asked.fetch_add(1, Relaxed) == 0 { "not started\n" } else { "ok\n" };
    let pages = Router::new().route("/readyz", get(readyz)).route("/metrics", get(async || BUILD));
    let server = tokio::spawn(axum::serve(listener, pages).into_future());
    let output = ask(&["probe", "--wait", "1m", &address]).await;
    assert_eq!(output.code, 0, "{output:?}");
    server.abort();
}

#[tokio::test]
async fn an_operator_that_does_not_answer_fails_with_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    ask(&["probe", &address]).await.assert_failed("; is the operator running, and is this where it listens?");
}
