//! Serves `/metrics`, `/healthz` and `/readyz`.

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    routing::get,
};

use super::{
    health::{Health, Pulse},
    metrics::Metrics,
};

/// The media type of the OpenMetrics text format.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The routes of the three pages.
pub fn routes(metrics: Arc<Metrics>, health: Health) -> Router {
    let pulses = health.pulses.clone();
    Router::new()
        .route("/metrics", get(async move || ([(CONTENT_TYPE, OPEN_METRICS)], metrics.page())))
        .route("/healthz", get(async move || healthz(&pulses)))
        .route("/readyz", get(async move || readyz(&health)))
}

fn healthz(pulses: &[Pulse]) -> (StatusCode, &'static str) {
    if pulses.iter().all(Pulse::is_alive) {
        return (StatusCode::OK, "ok\n");
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "a watch has had no answer from the API server for too long: its connection is dead\n",
    )
}

fn readyz(health: &Health) -> (StatusCode, String) {
    let (code, mut body) = readiness(health);
    // A failing Lease leaves the code as it is. No Service sends work to the operator, so an unready replica would protect
    // nothing, and it would stop the rollout that may be the fix.
    if let Some(reason) = health.lease_failure() {
        body = format!("{body}leader election: {reason}\n");
    }
    if health.observe_only {
        body.push_str("observe-only: nothing is written to AWS\n");
    }
    (code, body)
}

fn readiness(health: &Health) -> (StatusCode, String) {
    if let Some(reason) = health.blocked() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("not started: {reason}\n"));
    }
    let (code, state) = if health.watches.are_ready() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not every watch has listed its objects yet\n")
    };
    let failures = health.watches.failures().into_iter().map(|failure| failure + "\n");
    (code, state.to_owned() + &failures.collect::<String>())
}
