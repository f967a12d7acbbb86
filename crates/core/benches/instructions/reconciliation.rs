//! What one object costs: from the API server's JSON and Cognito's answer to the status and the next pass.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::{decode, failure::Operation},
    digest::digest,
    plan::plan_for,
    schedule::{requeue, slots},
    settings::{diff, observed::Observed},
    status::{event::for_outcome, next_status::next_status, outcome::Outcome},
};
use kube::core::DeserializeGuard;

use crate::{
    case::{Case, kept, one},
    given::{answer, edited, live, now, passed, sent, settled},
};

/// A usual message, and the longest that an object may have.
const USUAL: usize = 400;
const LONGEST: usize = 19_900;
const INTERVAL: Duration = Duration::from_mins(10);

pub fn cases() -> Vec<Case> {
    [read(), decided(), told(), timed()].into_iter().flatten().collect()
}

fn read() -> Vec<Case> {
    let (usual, longest) = (kept(sent(USUAL)), kept(sent(LONGEST)));
    let (object, body) = (kept(settled(USUAL)), kept(answer(USUAL)));
    vec![
        one("an object, read from JSON", || parsed(usual)),
        one("an object of 20 kB, read from JSON", || parsed(longest)),
        one("an object, written as JSON", || serde_json::to_vec(object)),
        one("aws::decode", || decode::decode(Operation::Get, body)),
    ]
}

/// As the watch reads it.
fn parsed(json: &[u8]) -> Result<DeserializeGuard<UserPoolMfaConfig>, serde_json::Error> {
    serde_json::from_slice(json)
}

fn decided() -> Vec<Case> {
    let (same, other, found) = (kept(settled(USUAL)), kept(edited(USUAL)), kept(live(USUAL)));
    let (declared, changed) = (&same.spec.settings, &other.spec.settings);
    vec![
        one("diff::to_send", || diff::to_write(declared)),
        one("diff::hash", || diff::hash(declared)),
        one("diff::differences, none", || diff::differences(declared, &found.settings)),
        one("diff::differences, some", || diff::differences(changed, &found.settings)),
        one("digest::digest of 1 kB", || digest(&[7; 1024])),
        one("plan::planned, settled", || plan_for(same, found)),
        one("plan::planned, changed", || plan_for(other, found)),
    ]
}

fn told() -> Vec<Case> {
    let (same, other, found) = (kept(settled(USUAL)), kept(edited(USUAL)), kept(live(USUAL)));
    let (nothing, set) = (kept(passed(same, live(USUAL))), kept(passed(other, live(USUAL))));
    assert!(
        matches!(nothing, Outcome::Checked(..)) && matches!(set, Outcome::Written { .. }),
        "as they are named"
    );
    vec![
        one("status::next_status, settled", || next_status(same, nothing, now())),
        one("status::next_status, changed", || next_status(other, set, now())),
        one("notice::notice, changed", || for_outcome(other, set, true)),
        one("a pass, settled", || pass(same, found)),
        one("a pass, changed", || pass(other, found)),
    ]
}

/// All decisions of a pass, in their order; with one copy of what was found, which the pass itself does not make.
fn pass(object: &UserPoolMfaConfig, found: &Observed) -> Option<Duration> {
    let outcome = passed(object, found.clone());
    let status = next_status(object, &outcome, now());
    let told = status.as_ref().or(object.status.as_ref())?;
    requeue::requeue_after(object, told, &outcome, 0, INTERVAL, now())
}

fn timed() -> Vec<Case> {
    let object = kept(settled(USUAL));
    vec![
        one("requeue::due", || requeue::wait_until_due(object, None, INTERVAL, now())),
        one("slots::until_slot", || {
            slots::until_scheduled_check("5a1c6a4e-0000-4000-8000-000000000001", INTERVAL, now())
        }),
        one("slots::interval", || slots::parse_interval("1h30m")),
    ]
}
