//! When a pool is looked at next: what the properties beside the code leave out.

use std::{collections::BTreeSet, time::Duration};

use cognito_mfa_core::schedule::{jitter::jittered, scheduled_check::until_confirmation};

fn uids() -> impl Iterator<Item = String> {
    (0..1_000).map(|number| format!("uid-{number}"))
}

#[test]
fn the_confirming_get_comes_within_30_to_60_seconds_and_spread() {
    let waits: BTreeSet<_> = uids().map(|uid| until_confirmation(&uid, 1)).collect();
    assert!(waits.iter().all(|wait| (30..60).contains(&wait.as_secs())));
    assert!(waits.len() > 900, "{}", waits.len());
}

#[test]
fn what_failed_together_does_not_come_back_together() {
    let wait = Duration::from_mins(5);
    let waits: BTreeSet<_> = uids().map(|uid| jittered(wait, &uid, 3)).collect();
    assert!(waits.len() > 150, "{}", waits.len());
    let again: BTreeSet<_> = (0..10).map(|attempt| jittered(wait, "uid-1", attempt)).collect();
    assert!(again.len() > 5, "{}", again.len());
}
