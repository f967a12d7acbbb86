//! What is known in advance about a write.

mod findings;
mod properties;
mod remedies;

use cognito_emulator::{Facts, Pool};
use cognito_mfa_core::{
    api::v1alpha1::MfaSettings,
    calls::failure::{Failure, FailureClass, Operation},
    doctor::{Finding, PlannedWrite, PoolDescription, PoolView, examine},
};
use test_support::{
    fixtures::{POOL, settings},
    simulated_pool::{in_aws_names, in_our_names},
};

/// A pool with these facts and MFA settings.
fn pool(facts: Facts, live: &MfaSettings) -> Pool {
    let mut pool = Pool::new(POOL, facts);
    pool.edit_live(&in_aws_names(live));
    pool
}

/// What the operator reads of the pool.
fn view(pool: &Pool) -> PoolView {
    let body = cognito_emulator::describe(pool).to_string();
    PoolView::Known(Box::new(PoolDescription::decode(body.as_bytes()).expect("an answer")))
}

/// The findings about a write to a pool of which this much is known.
fn findings_of(pool: &Pool, view: &PoolView, sent: &MfaSettings) -> Vec<Finding> {
    let observed =
        in_our_names(&cognito_emulator::get(pool, &cognito_emulator::Switches::default())).settings;
    examine(&PlannedWrite { pool_id: POOL, sent, observed: &observed, pool: view })
}

fn findings(pool: &Pool, sent: &MfaSettings) -> Vec<Finding> {
    findings_of(pool, &view(pool), sent)
}

/// The settings with these members, under the names of the spec.
fn sent(value: &serde_json::Value) -> MfaSettings {
    settings(value)
}

/// The refusal of the emulator, as the operator sees it.
fn failure(error: &cognito_emulator::ApiError) -> Failure {
    Failure::new(FailureClass::InvalidParameter, Operation::Set, &error.code, &error.message)
}
