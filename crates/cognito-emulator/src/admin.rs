//! The admin path: unsigned JSON under `/_admin`, to script the emulator from outside its process.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, put},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    callers::Verdict,
    faults::Fault,
    pool::{Facts, Pool, merge},
    server::Shared,
    switches::Switches,
};

type Answer = Result<Response, Refusal>;

/// The admin path of an emulator.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/pools", get(list_pools))
        .route("/pools/{id}", get(show_pool).put(put_pool).patch(patch_pool).delete(delete_pool))
        .route("/calls", get(calls).delete(clear_calls))
        .route("/switches", get(switches).patch(patch_switches).delete(reset_switches))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/quotas", put(quotas))
        .route("/access-keys/{id}", put(access_key))
        .with_state(shared)
}

/// Why an admin request is refused.
enum Refusal {
    /// The body is not what the path takes.
    BadBody(String),
    /// There is no such pool.
    NoSuchPool(String),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::BadBody(why) => answer(StatusCode::BAD_REQUEST, &json!({"error": why})),
            Self::NoSuchPool(id) => answer(StatusCode::NOT_FOUND, &json!({"error": format!("no pool {id}")})),
        }
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(format!("{body:#}\n"))).expect("status and header are valid")
}

fn ok(body: &Value) -> Response {
    answer(StatusCode::OK, body)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::BadBody(error.to_string()))
}

/// Applies a merge patch to a value by way of its JSON.
fn patched<T: serde::Serialize + DeserializeOwned>(value: &T, patch: &Value) -> Result<T, Refusal> {
    let bad = |error: serde_json::Error| Refusal::BadBody(error.to_string());
    let mut json = serde_json::to_value(value).map_err(bad)?;
    merge(&mut json, patch);
    serde_json::from_value(json).map_err(bad)
}

/// A pool as the admin path takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolPatch {
    #[serde(default)]
    facts: Value,
    #[serde(default)]
    live: Value,
}

fn change(pool: &mut Pool, patch: &PoolPatch) -> Result<(), Refusal> {
    if !patch.facts.is_null() {
        pool.facts = patched(&pool.facts, &patch.facts)?;
    }
    if !patch.live.is_null() {
        pool.edit_live(&patch.live);
    }
    Ok(())
}

async fn list_pools(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.world().pools.iter().collect::<Vec<_>>()))
}

async fn show_pool(State(shared): State<Shared>, Path(id): Path<String>) -> Answer {
    let world = shared.world();
    let pool = world.pools.get(&id).ok_or(Refusal::NoSuchPool(id))?;
    Ok(ok(&json!(pool)))
}

async fn put_pool(State(shared): State<Shared>, Path(id): Path<String>, body: Bytes) -> Answer {
    let mut pool = Pool::new(&id, Facts::default());
    change(&mut pool, &read(&body)?)?;
    Ok(ok(&json!(shared.world().pools.insert(pool))))
}

async fn patch_pool(State(shared): State<Shared>, Path(id): Path<String>, body: Bytes) -> Answer {
    let patch = read(&body)?;
    let mut world = shared.world();
    let pool = world.pools.find(&id).map_err(|_| Refusal::NoSuchPool(id))?;
    change(pool, &patch)?;
    Ok(ok(&json!(pool)))
}

async fn delete_pool(State(shared): State<Shared>, Path(id): Path<String>) -> Answer {
    let removed = shared.world().pools.remove(&id).ok_or(Refusal::NoSuchPool(id))?;
    Ok(ok(&json!(removed)))
}

async fn calls(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.world().log.calls()))
}

async fn clear_calls(State(shared): State<Shared>) -> Response {
    shared.world().log.clear();
    ok(&json!([]))
}

async fn switches(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.world().switches))
}

async fn patch_switches(State(shared): State<Shared>, body: Bytes) -> Answer {
    let patch: Value = read(&body)?;
    let mut world = shared.world();
    world.switches = patched(&world.switches, &patch)?;
    Ok(ok(&json!(world.switches)))
}

async fn reset_switches(State(shared): State<Shared>) -> Response {
    shared.world().switches = Switches::default();
    ok(&json!(Switches::default()))
}

async fn faults(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.world().faults.waiting()))
}

async fn add_fault(State(shared): State<Shared>, body: Bytes) -> Answer {
    let fault: Fault = read(&body)?;
    let mut world = shared.world();
    world.faults.push(fault);
    Ok(ok(&json!(world.faults.waiting())))
}

async fn clear_faults(State(shared): State<Shared>) -> Response {
    shared.world().faults.clear();
    ok(&json!([]))
}

/// Body of `/_admin/quotas`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quotas {
    enabled: bool,
}

async fn quotas(State(shared): State<Shared>, body: Bytes) -> Answer {
    let Quotas { enabled } = read(&body)?;
    shared.world().quota.enabled = enabled;
    Ok(ok(&json!({"enabled": enabled})))
}

/// Body of `/_admin/access-keys/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessKey {
    verdict: Verdict,
}

async fn access_key(State(shared): State<Shared>, Path(id): Path<String>, body: Bytes) -> Answer {
    let AccessKey { verdict } = read(&body)?;
    shared.world().callers.judge(&id, verdict);
    Ok(ok(&json!({"accessKeyId": id, "verdict": verdict})))
}
