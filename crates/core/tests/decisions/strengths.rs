//! What somebody strengthened outside the spec stays, unless an edit lowered it.

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, MfaMode, Reason, UserPoolMfaConfig},
    calls::failure::FailureClass,
    plan::{
        plan_for,
        step::{Cause, Step},
    },
    settings::strengths::Strength,
    status::event::for_outcome,
};
use serde_json::{Value, json};
use test_support::fixtures::{
    after, at, edited, failed_write, observed, off, on_totp, reconciled, reconciled_fully, settled, sms,
    with, with_sms,
};

fn mode(mode: &str) -> Value {
    with(&on_totp(), &json!({"mfaConfiguration": mode}))
}

fn step(object: &UserPoolMfaConfig, live: &Value) -> Step {
    plan_for(object, &observed(live)).step
}

/// The settings that the next write sends.
fn write(object: &UserPoolMfaConfig, live: &Value) -> Value {
    serde_json::to_value(plan_for(object, &observed(live)).write).expect("settings are JSON")
}

fn passkeys(base: &Value, party: &str, factor: &str, verification: &str) -> Value {
    let factor = if factor == "MULTI" { "MULTI_FACTOR_WITH_USER_VERIFICATION" } else { "SINGLE_FACTOR" };
    with(
        base,
        &json!({"webAuthnConfiguration": {"relyingPartyId": party, "factorConfiguration": factor,
            "userVerification": verification}}),
    )
}

#[test]
fn on_set_by_hand_stays_and_the_object_is_ready() {
    let object = settled(&mode("OPTIONAL"));
    assert_eq!(step(&object, &on_totp()), Step::StrongerThanDeclared);
    let outcome = reconciled_fully(&object, &observed(&on_totp()));
    let reported = after(&object, &outcome, at(600));
    let condition = |type_| reported.status.as_ref().unwrap().condition(type_).unwrap().clone();
    let (ready, synced) = (condition(ConditionType::Ready), condition(ConditionType::Synced));
    assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("True", "StrongerThanDeclared"));
    assert_eq!((synced.status.as_str(), synced.reason.as_str()), ("False", "StrongerThanDeclared"));
    let event = for_outcome(&object, &outcome, true).expect("one event");
    assert!(event.warning && event.reason == "StrongerThanDeclared");
    assert!(event.note.contains("mfaConfiguration (ON where OPTIONAL is declared)"), "{}", event.note);
}

#[test]
fn an_edit_of_a_text_keeps_the_mode_that_was_raised_by_hand() {
    let email = |text: &str| with(&mode("OPTIONAL"), &json!({"emailMfaConfiguration": {"subject": text}}));
    let object = edited(&settled(&email("old")), &email("new"));
    let live = with(&email("old"), &json!({"mfaConfiguration": "ON"}));
    assert_eq!(step(&object, &live), Step::Write(Cause::SpecChanged));
    let sent = write(&object, &live);
    assert_eq!(sent["mfaConfiguration"], "ON");
    assert_eq!(sent["emailMfaConfiguration"]["subject"], "new");
    assert!(plan_for(&object, &observed(&live)).weakens.is_empty());
}

#[test]
fn a_stranger_who_raises_the_mode_shields_no_role_and_no_text() {
    let declared = with(&mode("OPTIONAL"), &json!({"smsMfaConfiguration": sms()}));
    let object = settled(&declared);
    let mut live = with(&declared, &json!({"mfaConfiguration": "ON"}));
    live["smsMfaConfiguration"]["smsConfiguration"]["snsCallerArn"] = "arn:aws:iam::1:role/stranger".into();
    assert_eq!(step(&object, &live), Step::Write(Cause::Drift));
    let sent = write(&object, &live);
    assert_eq!(sent["mfaConfiguration"], "ON");
    assert_eq!(sent["smsMfaConfiguration"], declared["smsMfaConfiguration"]);
}

#[test]
fn off_with_required_passkeys_does_not_turn_off_mfa_over_preferred_passkeys() {
    let declared = passkeys(&off(), "a.example.com", "SINGLE", "required");
    let live = passkeys(&on_totp(), "a.example.com", "SINGLE", "preferred");
    assert_eq!(step(&settled(&declared), &live), Step::WouldTurnOff);
}

#[test]
fn a_factor_that_is_given_back_does_not_lower_the_mode() {
    let declared = with(&mode("OPTIONAL"), &json!({"smsMfaConfiguration": sms()}));
    let object = settled(&declared);
    assert_eq!(step(&object, &on_totp()), Step::Write(Cause::Drift));
    assert_eq!(write(&object, &on_totp())["mfaConfiguration"], "ON");
    assert!(plan_for(&object, &observed(&on_totp())).weakens.is_empty());
}

#[test]
fn an_edit_that_lowers_a_strength_lowers_that_one_alone() {
    let declared = passkeys(&on_totp(), "a.example.com", "SINGLE", "preferred");
    let live = passkeys(&on_totp(), "a.example.com", "MULTI", "required");
    let object = edited(&settled(&declared), &with(&declared, &json!({"mfaConfiguration": "OPTIONAL"})));
    let plan = plan_for(&object, &observed(&live));
    assert_eq!(plan.kept, [Strength::PasskeyFactor, Strength::UserVerification]);
    assert_eq!(plan.weakens, ["mode ON to OPTIONAL"]);
    assert_eq!(plan.write.mfa_configuration, MfaMode::Optional);
}

#[test]
fn exact_sets_back_what_was_strengthened_by_hand() {
    let exact = with(&mode("OPTIONAL"), &json!({"driftPolicy": "Exact"}));
    let object = settled(&exact);
    assert_eq!(step(&object, &on_totp()), Step::Write(Cause::Drift));
    assert_eq!(plan_for(&object, &observed(&on_totp())).weakens, ["mode ON to OPTIONAL"]);
}

#[test]
fn an_old_status_knows_the_strengths_of_the_settings_that_were_accepted() {
    let mut object = settled(&mode("OPTIONAL"));
    object.status.as_mut().unwrap().applied_strengths = None;
    assert_eq!(step(&object, &on_totp()), Step::StrongerThanDeclared, "the spec is the accepted one");
    let object = edited(&object, &off());
    assert_eq!(write(&object, &mode("OPTIONAL"))["mfaConfiguration"], "OFF", "observed while Synced");
}

#[test]
fn an_old_status_of_a_differing_pool_counts_nothing_as_edited() {
    let mut object = settled(&on_totp());
    let drifted = with(&on_totp(), &json!({"smsMfaConfiguration": sms()}));
    object = after(
        &object,
        &test_support::fixtures::reconciled(&object, &observed(&drifted), &observed(&drifted)),
        at(600),
    );
    let status = object.status.as_mut().unwrap();
    assert_eq!(status.reason(ConditionType::Synced), Some(Reason::NotTaken));
    status.applied_strengths = None;
    let object = edited(&object, &mode("OPTIONAL"));
    assert_eq!(write(&object, &on_totp())["mfaConfiguration"], "ON");
}

#[test]
fn texts_that_a_write_may_reset_are_named_in_the_event() {
    let open = |mode: &str| with(&on_totp(), &json!({"mfaConfiguration": mode, "emailMfaConfiguration": {}}));
    let object = edited(&settled(&open("OPTIONAL")), &open("ON"));
    let live = with(&open("OPTIONAL"), &json!({"emailMfaConfiguration": {"message": "By hand {####}"}}));
    let outcome = reconciled_fully(&object, &observed(&live));
    let note = for_outcome(&object, &outcome, true).unwrap().note;
    assert!(
        note.contains("may have reset what the spec leaves to it: emailMfaConfiguration.message"),
        "{note}"
    );
}

#[test]
fn texts_that_a_failed_write_may_still_reset_are_named_in_drift() {
    let open = |mode: &str| with(&on_totp(), &json!({"mfaConfiguration": mode, "emailMfaConfiguration": {}}));
    let object = edited(&settled(&open("OPTIONAL")), &open("ON"));
    let live = with(&open("OPTIONAL"), &json!({"emailMfaConfiguration": {"message": "By hand {####}"}}));
    let outcome = failed_write(&object, &observed(&live), FailureClass::InvalidParameter);
    let status = after(&object, &outcome, at(600)).status.unwrap();
    assert!(
        status.drift.iter().any(|one| one.field == "emailMfaConfiguration.message"),
        "{:?}",
        status.drift
    );
}

#[test]
fn a_relying_party_that_the_spec_leaves_open_weakens_until_cognito_has_kept_it_once() {
    let open =
        |name: &str| with(&mode(name), &json!({"webAuthnConfiguration": {"userVerification": "required"}}));
    let live = |name: &str| passkeys(&mode(name), "a.example.com", "SINGLE", "required");
    let object = edited(&settled(&open("OPTIONAL")), &open("ON"));
    let lost = ["the relying party of registered passkeys"];
    assert_eq!(plan_for(&object, &observed(&live("OPTIONAL"))).weakens, lost);
    let kept = reconciled(&object, &observed(&live("OPTIONAL")), &observed(&live("ON")));
    let object = edited(&after(&object, &kept, at(600)), &open("OPTIONAL"));
    assert_eq!(plan_for(&object, &observed(&live("ON"))).weakens, ["mode ON to OPTIONAL"]);
    let moved = edited(&object, &passkeys(&on_totp(), "b.example.com", "SINGLE", "required"));
    assert_eq!(plan_for(&moved, &observed(&live("ON"))).weakens, lost);
}

/// The leftover of a write keeps the pool from ever equalling the spec, and must not keep an old edit alive.
#[test]
fn an_edit_that_lowered_the_mode_is_over_once_the_mode_is_lowered() {
    let both = |name: &str| with(&with_sms(), &json!({"mfaConfiguration": name}));
    let object = edited(&settled(&both("ON")), &mode("OPTIONAL"));
    let left_over = observed(&both("OPTIONAL"));
    let object = after(&object, &reconciled(&object, &observed(&both("ON")), &left_over), at(600));
    let raised = plan_for(&object, &observed(&both("ON")));
    assert_eq!(raised.write.mfa_configuration, MfaMode::On, "a person raised it");
}

#[test]
fn an_edit_that_was_never_written_lowers_nothing_when_it_is_reverted() {
    let raised = edited(&settled(&mode("OPTIONAL")), &mode("ON"));
    let failed = after(
        &raised,
        &failed_write(&raised, &observed(&mode("OPTIONAL")), FailureClass::InvalidParameter),
        at(600),
    );
    let reverted = edited(&failed, &mode("OPTIONAL"));
    assert_eq!(plan_for(&reverted, &observed(&mode("ON"))).write.mfa_configuration, MfaMode::On);
}
