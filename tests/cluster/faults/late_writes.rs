//! Planned writes that cannot be sent within 5 s of the read of their pool.

use std::{sync::Arc, time::Instant};

use cognito_emulator::Call;
use cognito_mfa_operator::aws::LONGEST_LOOK;
use futures::future::join_all;
use serde_json::{Value, json};
use test_support::cluster::namespace::{totp, with};

use super::{
    fault_proxy::{Moment, Pause},
    proxied_rig::{ProxiedRig, SET},
};
use crate::eventually::eventually;

const GET: &str = "GetUserPoolMfaConfig";
/// The read of the object that precedes a write.
const READ_OBJECT: &str = "GET userpoolmfaconfigs any";

/// The n-th spec, with MFA optional.
fn optional(proxied: &ProxiedRig, number: usize) -> Value {
    with(proxied.spec(number), "mfaConfiguration", json!("OPTIONAL"))
}

/// Starts the operator on a pool that equals its first spec. No read confirms a write later.
async fn start_in_sync(flags: &[&str]) -> ProxiedRig {
    let proxied = ProxiedRig::new(None).await;
    proxied.edit_pool(1);
    proxied.rig.edit(&proxied.pool, &json!({"MfaConfiguration": "OPTIONAL"}));
    proxied.start(flags).await;
    proxied.rig.apply("any", optional(&proxied, 1)).await;
    proxied.rig.until_reason("any", "InSync").await;
    proxied.kube.clear();
    proxied
}

/// Pauses the n-th read of the object.
fn pause_object_read(proxied: &ProxiedRig, number: usize) -> Arc<Pause> {
    proxied.kube.pause(Moment::Before, move |kind, counted| kind == READ_OBJECT && counted == number)
}

/// Applies the second spec, and pauses the read of the object between the read of its pool and the write. Runs `meanwhile`,
/// and resumes once the write may not be sent any more.
async fn change_too_late(proxied: &ProxiedRig, meanwhile: impl AsyncFnOnce()) {
    let paused = pause_object_read(proxied, 1);
    proxied.rig.apply("any", optional(proxied, 2)).await;
    paused.reached().await;
    let after_read = Instant::now();
    meanwhile().await;
    eventually("the read is too old", async || after_read.elapsed() > LONGEST_LOOK).await;
    paused.resume();
}

#[tokio::test]
async fn a_pool_that_was_raised_before_a_late_write_is_read_again_and_not_lowered() {
    let proxied = start_in_sync(&[]).await;
    proxied.rig.aws.state().log.clear();
    let again = pause_object_read(&proxied, 2);
    let raise = async || proxied.rig.edit(&proxied.pool, &json!({"MfaConfiguration": "ON"}));
    change_too_late(&proxied, raise).await;
    again.reached().await;
    assert_eq!(proxied.rig.call_counts(&proxied.pool), (1, 0), "the object is read before its pool");
    again.resume();
    proxied.rig.until_reason("any", "StrongerThanDeclared").await;
    let calls = proxied.rig.aws.calls();
    let write = calls.iter().position(|call| call.operation == SET).expect("the spec was written");
    assert!(write >= 2, "the pool was read again: {calls:?}");
    assert_eq!((&calls[write].request["MfaConfiguration"], proxied.written_specs()), (&json!("ON"), vec![2]));
    assert_eq!(proxied.rig.mode(&proxied.pool), json!("ON"));
}

#[tokio::test]
async fn a_pool_whose_write_is_due_is_read_before_changed_specs_that_wait() {
    // One read a second, so that most of the new objects still wait when the write is due.
    let proxied = start_in_sync(&["--quota-share", "0.05"]).await;
    let others: Vec<_> = (0..30).map(|_| proxied.rig.pool()).collect();
    let apply_other = async |(number, pool): (usize, &String)| {
        let observe = with(totp(pool), "managementPolicy", json!("Observe"));
        proxied.rig.apply(&format!("other-{number}"), observe).await
    };
    change_too_late(&proxied, async || drop(join_all(others.iter().enumerate().map(apply_other)).await))
        .await;
    proxied.aws.until_answered(SET, 1).await;
    let calls = proxied.rig.aws.calls();
    let is_own = |call: &Call| call.pool.as_ref() == Some(&proxied.pool);
    let read = calls.iter().rposition(|call| is_own(call) && call.operation == GET).expect("it was read");
    let ahead = calls[..read].iter().filter(|call| !is_own(call)).count();
    assert!(ahead < others.len(), "all others were read first");
}
