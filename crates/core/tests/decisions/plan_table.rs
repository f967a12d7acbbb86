//! The plan table, row by row.

use cognito_mfa_core::{
    api::v1alpha1::MfaSettings,
    plan::{
        memory::Memory,
        step::{Cause, Step},
        table::plan,
    },
    settings::{diff::hash, observed::Observed, truncate::truncated},
};
use serde_json::{Value, json};
use test_support::fixtures::{observed, off, on_email, on_totp, settings, spec, with, with_sms};

/// What the status remembers of a declaration that Cognito accepted.
fn accepted(applied: &str) -> Memory<'_> {
    Memory { applied_hash: Some(applied), settled: true, ..Memory::default() }
}

/// The same after an accepted Set that left `seen`.
fn not_taken<'a>(applied: &'a str, seen: &'a MfaSettings) -> Memory<'a> {
    Memory { not_taken: true, observed: Some(seen), ..accepted(applied) }
}

fn step(declared: &Value, found: &Value, memory: &Memory) -> Step {
    plan(&spec(declared), &observed(found), memory).step
}

fn hash_of(declared: &Value) -> String {
    hash(&settings(declared))
}

#[test]
fn an_equal_pool_is_adopted_without_a_set() {
    assert_eq!(step(&on_totp(), &on_totp(), &Memory::default()), Step::Adopt);
}

#[test]
fn a_first_meeting_that_would_lower_protection_is_held() {
    for (declared, found) in [(off(), on_totp()), (on_totp(), with_sms()), (on_email(), on_totp())] {
        assert_eq!(step(&declared, &found, &Memory::default()), Step::Hold, "{declared} on {found}");
    }
}

#[test]
fn a_first_meeting_that_lowers_is_set_when_the_spec_says_overwrite() {
    let overwrite = with(&off(), &json!({"adoptionPolicy": "Overwrite"}));
    assert_eq!(step(&overwrite, &on_totp(), &Memory::default()), Step::Write(Cause::Adoption));
}

#[test]
fn a_first_meeting_that_lowers_nothing_is_set() {
    assert_eq!(step(&on_totp(), &off(), &Memory::default()), Step::Write(Cause::Adoption));
    assert_eq!(step(&with_sms(), &on_totp(), &Memory::default()), Step::Write(Cause::Adoption));
}

#[test]
fn a_lost_status_holds_what_was_in_sync_before() {
    let applied = hash_of(&off());
    assert_eq!(step(&off(), &on_totp(), &accepted(&applied)), Step::Write(Cause::Drift));
    assert_eq!(step(&off(), &on_totp(), &Memory::default()), Step::Hold);
}

#[test]
fn changed_settings_are_set_whatever_is_live() {
    let applied = hash_of(&on_email());
    let memory = Memory { settled: false, ..accepted(&applied) };
    for found in [on_totp(), on_email(), off(), with_sms()] {
        assert_eq!(step(&on_totp(), &found, &memory), Step::Write(Cause::SpecChanged), "{found}");
    }
}

#[test]
fn a_change_that_lowers_is_set_because_its_author_declared_it_on_an_adopted_pool() {
    let applied = hash_of(&on_totp());
    let memory = Memory { settled: false, ..accepted(&applied) };
    assert_eq!(step(&off(), &on_totp(), &memory), Step::Write(Cause::SpecChanged));
}

#[test]
fn a_change_that_failed_is_tried_again() {
    let applied = hash_of(&on_totp());
    let seen = settings(&on_totp());
    let failed = Memory { applied_hash: Some(&applied), observed: Some(&seen), ..Memory::default() };
    assert_eq!(step(&on_email(), &on_totp(), &failed), Step::Write(Cause::SpecChanged));
}

#[test]
fn a_change_of_what_rests_under_off_is_no_change() {
    let applied = hash_of(&off());
    let memory = Memory { settled: false, ..accepted(&applied) };
    assert_eq!(step(&with(&off(), &json!({"emailMfaConfiguration": {}})), &off(), &memory), Step::InSync);
}

#[test]
fn an_equal_pool_is_in_sync() {
    assert_eq!(step(&on_totp(), &on_totp(), &accepted(&hash_of(&on_totp()))), Step::InSync);
}

#[test]
fn what_an_accepted_set_left_is_known_residue() {
    let (applied, left) = (hash_of(&on_totp()), settings(&with_sms()));
    assert_eq!(step(&on_totp(), &with_sms(), &not_taken(&applied, &left)), Step::NotTaken);
}

#[test]
fn residue_is_recognised_in_another_form_and_behind_the_cut_of_the_status() {
    let long = |id: &str| {
        with(&on_totp(), &json!({"smsMfaConfiguration": {"smsConfiguration": {"externalId": id}}}))
    };
    let (applied, left) = (hash_of(&on_totp()), truncated(&settings(&long(&"x".repeat(100_000)))));
    let mut found = long(&"x".repeat(100_000));
    found["webAuthnConfiguration"] = json!({"factorConfiguration": "SINGLE_FACTOR"});
    assert_eq!(step(&on_totp(), &found, &not_taken(&applied, &left)), Step::NotTaken);
    let other = long(&("x".repeat(99_999) + "y"));
    assert_eq!(step(&on_totp(), &other, &not_taken(&applied, &left)), Step::Write(Cause::Drift));
}

#[test]
fn residue_that_changes_is_drift() {
    let (applied, left) = (hash_of(&on_totp()), settings(&with_sms()));
    let memory = not_taken(&applied, &left);
    let more = with(&with_sms(), &json!({"emailMfaConfiguration": {}}));
    assert_eq!(step(&on_totp(), &more, &memory), Step::Write(Cause::Drift));
    assert_eq!(step(&on_totp(), &on_totp(), &memory), Step::InSync);
}

#[test]
fn residue_whose_memory_is_lost_is_drift() {
    let applied = hash_of(&on_totp());
    let memory = Memory { not_taken: true, ..accepted(&applied) };
    assert_eq!(step(&on_totp(), &with_sms(), &memory), Step::Write(Cause::Drift));
}

#[test]
fn any_other_difference_of_an_unchanged_object_is_drift() {
    let (applied, seen) = (hash_of(&on_totp()), settings(&off()));
    assert_eq!(step(&on_totp(), &off(), &accepted(&applied)), Step::Write(Cause::Drift));
    // Seen so before, but not as what an accepted Set left: a correction that failed.
    let failed = Memory { observed: Some(&seen), settled: false, ..accepted(&applied) };
    assert_eq!(step(&on_totp(), &off(), &failed), Step::Write(Cause::Drift));
}

#[test]
fn a_hash_that_only_a_newer_build_computes_otherwise_sets_nothing() {
    let left = settings(&with_sms());
    assert_eq!(step(&on_totp(), &on_totp(), &accepted("older")), Step::InSync);
    assert_eq!(step(&on_totp(), &with_sms(), &not_taken("older", &left)), Step::NotTaken);
}

#[test]
fn who_observes_reports_and_never_sets_or_adopts() {
    let observe = |declared: Value| {
        with(&declared, &json!({"managementPolicy": "Observe", "adoptionPolicy": "Overwrite"}))
    };
    let (old, same) = (hash_of(&on_email()), hash_of(&on_totp()));
    let changed = Memory { settled: false, ..accepted(&old) };
    for memory in [Memory::default(), accepted(&same), changed] {
        assert_eq!(step(&observe(on_totp()), &on_totp(), &memory), Step::InSync);
        assert_eq!(step(&observe(on_totp()), &off(), &memory), Step::Report);
        assert_eq!(step(&observe(off()), &on_totp(), &memory), Step::Report);
    }
}

#[test]
fn a_setting_that_this_build_does_not_know_stops_every_set_before_all_else() {
    let found = Observed { unknown: vec!["SmsMfaConfiguration.Fallback".into()], ..observed(&off()) };
    let old = hash_of(&on_email());
    for declared in [on_totp(), off(), with(&on_totp(), &json!({"adoptionPolicy": "Overwrite"}))] {
        for memory in [Memory::default(), Memory { settled: false, ..accepted(&old) }, accepted(&old)] {
            assert_eq!(plan(&spec(&declared), &found, &memory).step, Step::UnknownSetting);
        }
    }
}

#[test]
fn a_plan_tells_what_differs_and_what_it_would_lower() {
    let plan = plan(&spec(&off()), &observed(&on_totp()), &Memory::default());
    assert_eq!(plan.weakens, ["mode ON to OFF"]);
    let told: Vec<_> = plan
        .differences
        .iter()
        .map(|one| (one.field.as_str(), one.declared.as_deref(), one.found.as_deref()))
        .collect();
    assert_eq!(told, [("mfaConfiguration", Some("OFF"), Some("ON"))]);
}
