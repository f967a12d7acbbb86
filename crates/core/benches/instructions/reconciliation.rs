//! The cost of one object: from the API server's JSON and Cognito's response to the status and the requeue.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::{decode, failure::Operation},
    digest::digest,
    plan::plan_for,
    schedule::{interval, requeue, scheduled_check},
    settings::{diff, observed::Observed},
    status::{event::for_outcome, next_status::next_status, outcome::Outcome, passing_failure::RecentChecks},
};
use kube::core::DeserializeGuard;

use crate::{
    case::{Case, leaked, one},
    inputs::{edited, now, object_json, observed, outcome, response, settled},
};

/// The length of a usual message, and of the longest that a spec may have.
const USUAL: usize = 400;
const LONGEST: usize = 19_900;
const INTERVAL: Duration = Duration::from_mins(10);

pub fn cases() -> Vec<Case> {
    [decoding(), planning(), reporting(), scheduling()].into_iter().flatten().collect()
}

fn decoding() -> Vec<Case> {
    let (usual, longest) = (leaked(object_json(USUAL)), leaked(object_json(LONGEST)));
    let (object, body) = (leaked(settled(USUAL)), leaked(response(USUAL)));
    vec![
        one("an object, decoded from JSON", || decode_object(usual)),
        one("an object of 20 kB, decoded from JSON", || decode_object(longest)),
        one("an object, encoded as JSON", || serde_json::to_vec(object)),
        one("decode::decode", || decode::decode(Operation::Get, body)),
    ]
}

/// Decodes an object as the watch does.
fn decode_object(json: &[u8]) -> Result<DeserializeGuard<UserPoolMfaConfig>, serde_json::Error> {
    serde_json::from_slice(json)
}

fn planning() -> Vec<Case> {
    let (settled, edited, observed) =
        (leaked(settled(USUAL)), leaked(edited(USUAL)), leaked(observed(USUAL)));
    let (declared, changed) = (&settled.spec.settings, &edited.spec.settings);
    vec![
        one("diff::to_write", || diff::to_write(declared)),
        one("diff::hash", || diff::hash(declared)),
        one("diff::differences, none", || diff::differences(declared, &observed.settings)),
        one("diff::differences, some", || diff::differences(changed, &observed.settings)),
        one("digest::digest of 1 kB", || digest(&[7; 1024])),
        one("plan::plan_for, settled", || plan_for(settled, observed)),
        one("plan::plan_for, changed", || plan_for(edited, observed)),
    ]
}

fn reporting() -> Vec<Case> {
    let (settled, edited) = (leaked(settled(USUAL)), leaked(edited(USUAL)));
    let (checked, written) =
        (leaked(outcome(settled, observed(USUAL))), leaked(outcome(edited, observed(USUAL))));
    assert!(
        matches!(checked, Outcome::Checked(..)) && matches!(written, Outcome::Written { .. }),
        "the outcomes are as their names say"
    );
    let observed = leaked(observed(USUAL));
    vec![
        one("next_status::next_status, settled", || {
            next_status(settled, checked, RecentChecks::first(INTERVAL), now())
        }),
        one("next_status::next_status, changed", || {
            next_status(edited, written, RecentChecks::first(INTERVAL), now())
        }),
        one("event::for_outcome, changed", || for_outcome(edited, written, true)),
        one("a reconciliation, settled", || reconcile(settled, observed)),
        one("a reconciliation, changed", || reconcile(edited, observed)),
    ]
}

/// All decisions of a reconciliation in their order. The copy of the observed settings is the benchmark's own.
fn reconcile(object: &UserPoolMfaConfig, observed: &Observed) -> Option<Duration> {
    let outcome = outcome(object, observed.clone());
    let written = next_status(object, &outcome, RecentChecks::first(INTERVAL), now());
    let status = written.as_ref().or(object.status.as_ref())?;
    requeue::requeue_after(object, status, &outcome, 0, INTERVAL, now())
}

fn scheduling() -> Vec<Case> {
    let object = leaked(settled(USUAL));
    vec![
        one("requeue::wait_until_due", || requeue::wait_until_due(object, None, INTERVAL, now())),
        one("scheduled_check::until_scheduled_check", || {
            scheduled_check::until_scheduled_check("5a1c6a4e-0000-4000-8000-000000000001", INTERVAL, now())
        }),
        one("interval::parse_interval", || interval::parse_interval("1h30m")),
    ]
}
