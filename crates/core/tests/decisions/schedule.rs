//! Jitter and confirming reads. The properties of the scheduled checks are beside their code.

use std::{collections::BTreeSet, time::Duration};

use cognito_mfa_core::schedule::{jitter::jittered, scheduled_check::until_confirmation};

fn uids() -> impl Iterator<Item = String> {
    (0..1_000).map(|number| format!("uid-{number}"))
}

#[test]
fn confirming_reads_are_spread_over_30_to_60_seconds() {
    let waits: BTreeSet<_> = uids().map(|uid| until_confirmation(&uid, 1)).collect();
    assert!(waits.iter().all(|wait| (30..60).contains(&wait.as_secs())));
    assert!(waits.len() > 900, "{}", waits.len());
}

#[test]
fn jitter_spreads_the_retries_of_many_objects_and_of_one() {
    let wait = Duration::from_mins(5);
    let waits: BTreeSet<_> = uids().map(|uid| jittered(wait, &uid, 3)).collect();
    assert!(waits.len() > 150, "{}", waits.len());
    let again: BTreeSet<_> = (0..10).map(|attempt| jittered(wait, "uid-1", attempt)).collect();
    assert!(again.len() > 5, "{}", again.len());
}
