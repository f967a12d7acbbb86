//! The admin path `/_admin`: unsigned JSON requests that script the emulator from another process.

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
    faults::Fault,
    iam::KeyStatus,
    pool::{Facts, Pool, merge},
    shared::Shared,
    switches::Switches,
};

type AdminResult = Result<Response, AdminError>;

/// The routes below `/_admin`.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/pools", get(list_pools))
        .route("/pools/{id}", get(show_pool).put(put_pool).patch(patch_pool).delete(delete_pool))
        .route("/calls", get(list_calls).delete(clear_calls))
        .route("/switches", get(show_switches).patch(patch_switches).delete(reset_switches))
        .route("/switches/each-alone", get(list_deviations))
        .route("/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/quotas", put(put_quotas))
        .route("/access-keys/{id}", put(put_access_key))
        .with_state(shared)
}

/// Why an admin request failed.
enum AdminError {
    /// The body does not have the form that the path expects.
    BadBody(String),
    /// No pool has this id.
    NoSuchPool(String),
}

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        match self {
            Self::BadBody(error) => answer(StatusCode::BAD_REQUEST, &json!({"error": error})),
            Self::NoSuchPool(id) => {
                answer(StatusCode::NOT_FOUND, &json!({"error": format!("User pool {id} does not exist.")}))
            }
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

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AdminError> {
    serde_json::from_slice(body).map_err(|error| AdminError::BadBody(error.to_string()))
}

/// Applies a JSON merge patch to a value. Unknown members are refused by the value's own deserializer.
fn patched<T: serde::Serialize + DeserializeOwned>(value: &T, patch: &Value) -> Result<T, AdminError> {
    let bad_body = |error: serde_json::Error| AdminError::BadBody(error.to_string());
    let mut json = serde_json::to_value(value).map_err(bad_body)?;
    merge(&mut json, patch);
    serde_json::from_value(json).map_err(bad_body)
}

/// The body of `/_admin/pools/{id}`. Both members are merge patches.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolPatch {
    #[serde(default)]
    facts: Value,
    #[serde(default)]
    live: Value,
}

fn apply_patch(pool: &mut Pool, patch: &PoolPatch) -> Result<(), AdminError> {
    if !patch.facts.is_null() {
        pool.facts = patched(&pool.facts, &patch.facts)?;
    }
    if !patch.live.is_null() {
        pool.edit_live(&patch.live);
    }
    Ok(())
}

async fn list_pools(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.state().pools.iter().collect::<Vec<_>>()))
}

async fn show_pool(State(shared): State<Shared>, Path(id): Path<String>) -> AdminResult {
    let state = shared.state();
    let pool = state.pools.get(&id).ok_or(AdminError::NoSuchPool(id))?;
    Ok(ok(&json!(pool)))
}

async fn put_pool(State(shared): State<Shared>, Path(id): Path<String>, body: Bytes) -> AdminResult {
    let mut pool = Pool::new(&id, Facts::default());
    apply_patch(&mut pool, &parse(&body)?)?;
    Ok(ok(&json!(shared.state().pools.insert(pool))))
}

async fn patch_pool(State(shared): State<Shared>, Path(id): Path<String>, body: Bytes) -> AdminResult {
    let patch = parse(&body)?;
    let mut state = shared.state();
    let pool = state.pools.find(&id).map_err(|_| AdminError::NoSuchPool(id))?;
    apply_patch(pool, &patch)?;
    Ok(ok(&json!(pool)))
}

async fn delete_pool(State(shared): State<Shared>, Path(id): Path<String>) -> AdminResult {
    let removed = shared.state().pools.remove(&id).ok_or(AdminError::NoSuchPool(id))?;
    Ok(ok(&json!(removed)))
}

async fn list_calls(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.state().log.calls()))
}

async fn clear_calls(State(shared): State<Shared>) -> Response {
    shared.state().log.clear();
    ok(&json!([]))
}

async fn show_switches(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.state().switches))
}

async fn patch_switches(State(shared): State<Shared>, body: Bytes) -> AdminResult {
    let patch: Value = parse(&body)?;
    let mut state = shared.state();
    state.switches = patched(&state.switches, &patch)?;
    Ok(ok(&json!(state.switches)))
}

async fn reset_switches(State(shared): State<Shared>) -> Response {
    shared.state().switches = Switches::default();
    ok(&json!(Switches::default()))
}

/// Every deviation from the default switches, each alone, so that another process can test under each of them.
async fn list_deviations() -> Response {
    let deviations = Switches::each_alone().into_iter();
    ok(&deviations.map(|(name, switches)| json!({"name": name, "switches": switches})).collect())
}

async fn list_faults(State(shared): State<Shared>) -> Response {
    ok(&json!(shared.state().faults.queued()))
}

async fn add_fault(State(shared): State<Shared>, body: Bytes) -> AdminResult {
    let fault: Fault = parse(&body)?;
    let mut state = shared.state();
    state.faults.push(fault);
    Ok(ok(&json!(state.faults.queued())))
}

async fn clear_faults(State(shared): State<Shared>) -> Response {
    shared.state().faults.clear();
    ok(&json!([]))
}

/// The body of `/_admin/quotas`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quotas {
    enabled: bool,
}

async fn put_quotas(State(shared): State<Shared>, body: Bytes) -> AdminResult {
    let Quotas { enabled } = parse(&body)?;
    shared.state().quota.enabled = enabled;
    Ok(ok(&json!({"enabled": enabled})))
}

/// The body of `/_admin/access-keys/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessKey {
    status: KeyStatus,
}

async fn put_access_key(State(shared): State<Shared>, Path(id): Path<String>, body: Bytes) -> AdminResult {
    let AccessKey { status } = parse(&body)?;
    shared.state().iam.set_key_status(&id, status);
    Ok(ok(&json!({"accessKeyId": id, "status": status})))
}
