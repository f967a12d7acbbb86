//! The plan table: which step follows from the spec, the observed settings and the memory in the status.

use cognito_mfa_core::{
    api::v1alpha1::{MfaSettings, Strengths},
    plan::{
        memory::Memory,
        step::{Cause, Step},
        table::plan,
    },
    settings::{diff::hash, observed::Observed, truncate::truncated},
};
use serde_json::{Value, json};
use test_support::fixtures::{observed, off, on_email, on_totp, settings, spec, with, with_sms};

/// The memory after Cognito accepted the settings with this hash.
fn accepted(applied: &str) -> Memory<'_> {
    Memory { applied_hash: Some(applied), settled: true, ..Memory::default() }
}

/// The memory after an accepted write that left the settings `residue`, which differ from the spec.
fn not_taken<'a>(applied: &'a str, residue: &'a MfaSettings) -> Memory<'a> {
    Memory { not_taken: true, observed: Some(residue), ..accepted(applied) }
}

fn step(declared: &Value, current: &Value, memory: &Memory) -> Step {
    plan(&spec(declared), &observed(current), memory).step
}

fn hash_of(declared: &Value) -> String {
    hash(&settings(declared))
}

#[test]
fn an_equal_pool_is_adopted_without_a_write() {
    assert_eq!(step(&on_totp(), &on_totp(), &Memory::default()), Step::Adopt);
}

#[test]
fn an_adoption_that_would_weaken_the_pool_is_on_hold() {
    for (declared, current) in [(off(), on_totp()), (on_totp(), with_sms()), (on_email(), on_totp())] {
        assert_eq!(
            step(&declared, &current, &Memory::default()),
            Step::HoldAdoption,
            "{declared} on {current}"
        );
    }
}

#[test]
fn an_adoption_that_weakens_is_written_under_overwrite() {
    let overwrite = with(&off(), &json!({"adoptionPolicy": "Overwrite"}));
    assert_eq!(step(&overwrite, &on_totp(), &Memory::default()), Step::Write(Cause::Adoption));
}

#[test]
fn an_adoption_that_weakens_nothing_is_written() {
    assert_eq!(step(&on_totp(), &off(), &Memory::default()), Step::Write(Cause::Adoption));
    assert_eq!(step(&with_sms(), &on_totp(), &Memory::default()), Step::Write(Cause::Adoption));
}

#[test]
fn an_object_that_lost_its_status_adopts_its_pool_again() {
    let applied = hash_of(&off());
    let exact = with(&off(), &json!({"driftPolicy": "Exact"}));
    assert_eq!(step(&exact, &on_totp(), &accepted(&applied)), Step::Write(Cause::Drift));
    assert_eq!(step(&off(), &on_totp(), &Memory::default()), Step::HoldAdoption);
}

#[test]
fn changed_settings_are_written_over_any_pool() {
    let applied = hash_of(&on_email());
    let memory = Memory { settled: false, ..accepted(&applied) };
    for current in [on_totp(), on_email(), off(), with_sms()] {
        assert_eq!(step(&on_totp(), &current, &memory), Step::Write(Cause::SpecChanged), "{current}");
    }
}

#[test]
fn a_spec_change_that_weakens_an_adopted_pool_is_written() {
    let applied = hash_of(&on_totp());
    let applied_strengths = Some(Strengths::of(&settings(&on_totp())));
    let memory = Memory { settled: false, applied_strengths, ..accepted(&applied) };
    assert_eq!(step(&off(), &on_totp(), &memory), Step::Write(Cause::SpecChanged));
}

#[test]
fn a_spec_change_whose_write_failed_is_written_again() {
    let applied = hash_of(&on_totp());
    let last_observed = settings(&on_totp());
    let failed = Memory { applied_hash: Some(&applied), observed: Some(&last_observed), ..Memory::default() };
    assert_eq!(step(&on_email(), &on_totp(), &failed), Step::Write(Cause::SpecChanged));
}

#[test]
fn a_change_of_a_section_that_off_ignores_is_not_written() {
    let applied = hash_of(&off());
    let memory = Memory { settled: false, ..accepted(&applied) };
    assert_eq!(step(&with(&off(), &json!({"emailMfaConfiguration": {}})), &off(), &memory), Step::InSync);
}

#[test]
fn an_equal_pool_is_in_sync() {
    assert_eq!(step(&on_totp(), &on_totp(), &accepted(&hash_of(&on_totp()))), Step::InSync);
}

#[test]
fn the_residue_of_an_accepted_write_is_no_drift() {
    let (applied, residue) = (hash_of(&on_totp()), settings(&with_sms()));
    assert_eq!(step(&on_totp(), &with_sms(), &not_taken(&applied, &residue)), Step::Write(Cause::NotTaken));
}

#[test]
fn residue_is_recognised_in_another_form_and_when_the_status_truncated_it() {
    let long = |id: &str| {
        with(&on_totp(), &json!({"smsMfaConfiguration": {"smsConfiguration": {"externalId": id}}}))
    };
    let (applied, residue) = (hash_of(&on_totp()), truncated(&settings(&long(&"x".repeat(100_000)))));
    let mut current = long(&"x".repeat(100_000));
    current["webAuthnConfiguration"] = json!({"factorConfiguration": "SINGLE_FACTOR"});
    assert_eq!(step(&on_totp(), &current, &not_taken(&applied, &residue)), Step::Write(Cause::NotTaken));
    let other = long(&("x".repeat(99_999) + "y"));
    assert_eq!(step(&on_totp(), &other, &not_taken(&applied, &residue)), Step::Write(Cause::Drift));
}

#[test]
fn residue_that_changes_is_drift() {
    let (applied, residue) = (hash_of(&on_totp()), settings(&with_sms()));
    let memory = not_taken(&applied, &residue);
    let more = with(&with_sms(), &json!({"emailMfaConfiguration": {}}));
    assert_eq!(step(&on_totp(), &more, &memory), Step::Write(Cause::Drift));
    assert_eq!(step(&on_totp(), &on_totp(), &memory), Step::InSync);
}

#[test]
fn residue_that_the_status_does_not_remember_is_drift() {
    let applied = hash_of(&on_totp());
    let memory = Memory { not_taken: true, ..accepted(&applied) };
    assert_eq!(step(&on_totp(), &with_sms(), &memory), Step::Write(Cause::Drift));
}

#[test]
fn any_other_difference_of_an_unchanged_object_is_drift() {
    let (applied, last_observed) = (hash_of(&on_totp()), settings(&off()));
    assert_eq!(step(&on_totp(), &off(), &accepted(&applied)), Step::Write(Cause::Drift));
    // The same difference was observed before, but after a failed correction: it is not residue.
    let failed = Memory { observed: Some(&last_observed), settled: false, ..accepted(&applied) };
    assert_eq!(step(&on_totp(), &off(), &failed), Step::Write(Cause::Drift));
}

#[test]
fn a_build_that_computes_another_hash_writes_nothing() {
    let residue = settings(&with_sms());
    assert_eq!(step(&on_totp(), &on_totp(), &accepted("older")), Step::InSync);
    assert_eq!(step(&on_totp(), &with_sms(), &not_taken("older", &residue)), Step::Write(Cause::NotTaken));
}

#[test]
fn an_observing_object_reports_and_never_writes_or_adopts() {
    let observe = |declared: Value| {
        with(&declared, &json!({"managementPolicy": "Observe", "adoptionPolicy": "Overwrite"}))
    };
    let (old, same) = (hash_of(&on_email()), hash_of(&on_totp()));
    let changed = Memory { settled: false, ..accepted(&old) };
    for memory in [Memory::default(), accepted(&same), changed] {
        assert_eq!(step(&observe(on_totp()), &on_totp(), &memory), Step::InSync);
        assert_eq!(step(&observe(on_totp()), &off(), &memory), Step::Report);
        assert_eq!(step(&observe(off()), &on_totp(), &memory), Step::StrongerThanDeclared);
        assert_eq!(step(&observe(on_email()), &with_sms(), &memory), Step::Report);
    }
}

#[test]
fn an_unknown_setting_prevents_every_write() {
    let current = Observed { unknown: vec!["SmsMfaConfiguration.Fallback".into()], ..observed(&off()) };
    let old = hash_of(&on_email());
    for declared in [on_totp(), off(), with(&on_totp(), &json!({"adoptionPolicy": "Overwrite"}))] {
        for memory in [Memory::default(), Memory { settled: false, ..accepted(&old) }, accepted(&old)] {
            assert_eq!(plan(&spec(&declared), &current, &memory).step, Step::UnknownSetting);
        }
    }
}

#[test]
fn a_plan_has_the_differences_and_what_a_write_would_weaken() {
    let plan = plan(&spec(&off()), &observed(&on_totp()), &Memory::default());
    assert_eq!(plan.weakens, ["mode ON to OFF"]);
    let differences: Vec<_> = plan
        .differences
        .iter()
        .map(|one| (one.field.as_str(), one.declared.as_deref(), one.found.as_deref()))
        .collect();
    assert_eq!(differences, [("mfaConfiguration", Some("OFF"), Some("ON"))]);
}
