//! The Kubernetes Events of each outcome.

use cognito_mfa_core::{
    access::accounts::Forbidden,
    api::v1alpha1::UserPoolMfaConfig,
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        approval::ApprovalTarget,
        budget::{Turn, WriteResult},
        deletion::with_mfa_off,
        hold::Hold,
        plan_for,
        step::Cause,
    },
    settings::observed::Observed,
    status::{
        event::{Event, already_off, finalizer_refused, for_outcome},
        outcome::Outcome,
    },
};
use serde_json::{Value, json};
use test_support::fixtures::{
    denied, edited, failed_read, failed_write, object, observed, off, on_email, on_totp, reconciled,
    reconciled_fully, settled, with, with_sms,
};

fn event_for(object: &UserPoolMfaConfig, outcome: &Outcome) -> Event {
    for_outcome(object, outcome, true).expect("an event")
}

/// The event after drift to `before` is corrected, for an object that declares every section.
fn correction(before: &Value) -> Event {
    let object = settled(&every_section());
    event_for(&object, &reconciled_fully(&object, &observed(before)))
}

fn every_section() -> Value {
    with(
        &on_totp(),
        &json!({"emailMfaConfiguration": {"message": "Code {####}", "subject": "Code"},
        "smsMfaConfiguration": {"smsAuthenticationMessage": "Code {####}", "smsConfiguration":
            {"snsCallerArn": "arn:aws:iam::1:role/a", "externalId": "id", "snsRegion": "eu-west-1"}},
        "webAuthnConfiguration": {"relyingPartyId": "a.example.com", "userVerification": "required"}}),
    )
}

#[test]
fn each_outcome_has_its_event_or_none() {
    let (fresh, on_hold) = (object(&on_totp()), object(&off()));
    let observer = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let (adopted, changed) = (settled(&on_totp()), edited(&settled(&on_totp()), &on_email()));
    let newer = Observed { unknown: vec!["New.Member".into()], ..observed(&on_totp()) };
    let normal = |reason| Some((false, reason));
    let warning = |reason| Some((true, reason));
    for (object, outcome, expected) in [
        (&fresh, reconciled_fully(&fresh, &observed(&on_totp())), normal("Adopted")),
        (&fresh, reconciled_fully(&fresh, &observed(&off())), normal("Updated")),
        (&changed, reconciled_fully(&changed, &observed(&with(&on_email(), &on_totp()))), warning("Updated")),
        (&adopted, reconciled_fully(&adopted, &observed(&on_totp())), None),
        (&adopted, reconciled_fully(&adopted, &observed(&off())), warning("DriftCorrected")),
        (&on_hold, reconciled_fully(&on_hold, &observed(&on_totp())), warning("AdoptionHeld")),
        (&observer, reconciled_fully(&observer, &observed(&off())), warning("DriftDetected")),
        (&fresh, reconciled_fully(&fresh, &newer), warning("UnknownSetting")),
        (&fresh, Outcome::NotOwner("shop/a".into()), warning("PoolOwnedByAnother")),
        (&fresh, denied(Forbidden::Pool, false), warning("PoolNotAllowed")),
        (&fresh, Outcome::Suspended, None),
        (&fresh, failed_read(FailureClass::AccessDenied), warning("AccessDenied")),
        (
            &fresh,
            failed_write(&fresh, &observed(&off()), FailureClass::FeatureUnavailableInTier),
            warning("FeatureUnavailableInTier"),
        ),
    ] {
        let event = for_outcome(object, &outcome, true);
        assert_eq!(event.as_ref().map(|event| (event.warning, event.reason)), expected, "{event:?}");
    }
}

#[test]
fn an_outcome_that_leaves_the_status_unchanged_has_no_event() {
    let (fresh, on_hold) = (object(&on_totp()), object(&off()));
    for (object, outcome) in [
        (&fresh, reconciled_fully(&fresh, &observed(&on_totp()))),
        (&on_hold, reconciled_fully(&on_hold, &observed(&on_totp()))),
        (&fresh, Outcome::NotOwner("shop/a".into())),
        (&fresh, failed_read(FailureClass::AccessDenied)),
    ] {
        assert_eq!(for_outcome(object, &outcome, false), None);
    }
}

#[test]
fn a_write_always_has_an_event() {
    let object = settled(&on_totp());
    assert!(for_outcome(&object, &reconciled_fully(&object, &observed(&off())), false).is_some());
}

#[test]
fn a_write_that_leaves_a_difference_says_what_still_differs() {
    let object = object(&on_totp());
    let after = observed(&with_sms());
    let event = event_for(&object, &reconciled(&object, &observed(&off()), &after));
    assert!(event.warning, "{event:?}");
    assert!(event.note.contains("still differs in smsMfaConfiguration"), "{}", event.note);
}

#[test]
fn a_write_without_a_difference_reads_as_a_sentence() {
    let object = edited(&settled(&on_totp()), &on_email());
    let event = event_for(&object, &reconciled_fully(&object, &observed(&on_email())));
    assert_eq!(
        (event.action.as_str(), event.note.as_str()),
        ("Set", "The spec was set; Cognito showed no difference from it.")
    );
}

#[test]
fn a_correction_that_weakens_mfa_says_what_it_weakened() {
    let object = settled(&with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL", "driftPolicy": "Exact"})));
    let event = event_for(&object, &reconciled_fully(&object, &observed(&on_totp())));
    assert!(event.note.contains("lowered protection: mode ON to OPTIONAL"), "{}", event.note);
}

/// The API server joins events of the same (reason, action) within six minutes and keeps only the first note.
#[test]
fn two_different_corrections_have_different_actions() {
    let all = every_section();
    let mut actions = std::collections::BTreeSet::new();
    let paths = [
        "/mfaConfiguration",
        "/emailMfaConfiguration/message",
        "/emailMfaConfiguration/subject",
        "/smsMfaConfiguration/smsAuthenticationMessage",
        "/smsMfaConfiguration/smsConfiguration/externalId",
        "/smsMfaConfiguration/smsConfiguration/snsRegion",
        "/webAuthnConfiguration/relyingPartyId",
    ];
    for chosen in 1..(1 << paths.len()) {
        let mut drifted = all.clone();
        for (_, path) in paths.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1) {
            *drifted.pointer_mut(path).unwrap() =
                if *path == "/mfaConfiguration" { json!("OPTIONAL") } else { json!("changed {####}") };
        }
        actions.insert(correction(&drifted).action);
    }
    assert_eq!(actions.len(), (1 << paths.len()) - 1);
    assert!(actions.iter().all(|action| action.len() <= 128), "{actions:?}");
}

#[test]
fn the_same_correction_has_the_same_event() {
    assert_eq!(correction(&off()), correction(&off()));
}

/// kube-apiserver refuses an event whose action has more than 128 bytes or whose note has more than 1024.
#[test]
fn every_event_fits_the_api_servers_limits_with_any_text_of_aws() {
    let object = settled(&every_section());
    let hostile = "🔥\u{202e}".repeat(5_000);
    let failure = Failure::new(FailureClass::InvalidParameter, Operation::Set, &hostile, &hostile);
    let newer = Observed { unknown: vec![hostile.clone(); 21], ..observed(&on_totp()) };
    let nothing = observed(&with(&off(), &json!({"mfaConfiguration": "OPTIONAL"})));
    for outcome in [
        Outcome::Failed(failure, None),
        reconciled_fully(&object, &newer),
        reconciled(&object, &nothing, &newer),
        reconciled(&object, &nothing, &nothing),
        reconciled_fully(&object, &nothing),
        Outcome::NotOwner("n".repeat(63) + "/" + &"o".repeat(253)),
        denied(Forbidden::CallerRole(hostile), false),
    ] {
        let event = event_for(&object, &outcome);
        assert!(event.action.len() <= 128 && !event.action.is_empty(), "{}", event.action.len());
        assert!(event.note.len() <= 1024 && !event.note.is_empty(), "{}", event.note.len());
        assert!(event.reason.len() <= 128);
    }
}

#[test]
fn a_correction_has_the_value_before_and_after() {
    let event = correction(&with(&every_section(), &json!({"mfaConfiguration": "OPTIONAL"})));
    assert_eq!(event.action, "Set mfaConfiguration");
    assert_eq!(
        event.note,
        "Cognito differed from the spec and was set back: mfaConfiguration OPTIONAL -> ON."
    );
}

#[test]
fn a_weakening_is_reported_even_when_many_other_fields_differ() {
    let object = settled(&on_totp());
    let long = "x".repeat(200);
    let more = json!({"smsMfaConfiguration": {"smsAuthenticationMessage": long, "smsConfiguration": {"externalId": long}},
        "emailMfaConfiguration": {"message": long, "subject": long},
        "webAuthnConfiguration": {"relyingPartyId": long, "userVerification": "required"}});
    let event = event_for(&object, &reconciled_fully(&object, &observed(&with(&on_totp(), &more))));
    assert!(event.note.ends_with("the relying party of registered passkeys."), "{}", event.note);
    let object = settled(&every_section());
    let bare =
        observed(&json!({"mfaConfiguration": "OPTIONAL", "webAuthnConfiguration": {"relyingPartyId": long}}));
    let event = event_for(&object, &reconciled_fully(&object, &bare));
    assert!(
        event.note.contains('…') && event.note.contains("This lowered protection: the relying party"),
        "{}",
        event.note
    );
}

#[test]
fn a_deletion_that_turns_mfa_off_has_the_event_mfa_disabled() {
    let mut object = with_mfa_off(&settled(&with(&on_totp(), &json!({"deletionPolicy": "Disable"}))));
    object.metadata.deletion_timestamp = object.metadata.creation_timestamp.clone();
    let event = event_for(&object, &reconciled(&object, &observed(&on_totp()), &observed(&off())));
    assert_eq!((event.warning, event.reason), (true, "MfaDisabled"));
    assert!(event.note.contains("deletionPolicy is Disable: mfaConfiguration ON -> OFF"), "{}", event.note);
    assert!(!already_off().warning && already_off().reason == "MfaDisabled");
}

#[test]
fn the_causes_of_writes_have_their_metric_labels() {
    let causes: Vec<_> = Cause::all().map(Cause::as_str).collect();
    assert_eq!(causes, ["adoption", "spec", "drift", "not_taken", "deletion"]);
}

#[test]
fn each_outcome_has_its_write_result_and_keeps_or_loses_its_place_in_line() {
    let object = settled(&on_totp());
    let drifted = observed(&off());
    let left = std::time::Duration::ZERO;
    let turn = Turn { retry_after: left, expected: None };
    let on_hold = |hold| Outcome::OnHold(drifted.clone(), plan_for(&object, &drifted), hold);
    let timed_out = failed_write(&object, &drifted, FailureClass::Transient);
    let throttled = failed_write(&object, &drifted, FailureClass::Throttled);
    let refused = failed_write(&object, &drifted, FailureClass::InvalidParameter);
    for (outcome, result, keeps_place) in [
        (reconciled_fully(&object, &drifted), WriteResult::Accepted, false),
        (timed_out, WriteResult::Unknown, false),
        (refused, WriteResult::NotWritten, false),
        (throttled, WriteResult::NotWritten, true),
        (failed_write(&object, &drifted, FailureClass::Concurrent), WriteResult::NotWritten, true),
        (failed_read(FailureClass::Throttled), WriteResult::NotWritten, true),
        (failed_read(FailureClass::Transient), WriteResult::NotWritten, false),
        (
            on_hold(Hold::HourlyLimit { turn, approval: ApprovalTarget::Generation(1) }),
            WriteResult::NotWritten,
            true,
        ),
        (on_hold(Hold::NotTaken { left }), WriteResult::NotWritten, false),
        (on_hold(Hold::ObserveOnly), WriteResult::NotWritten, false),
        (reconciled_fully(&object, &observed(&on_totp())), WriteResult::NotWritten, false),
        (Outcome::Suspended, WriteResult::NotWritten, false),
    ] {
        let actual = (outcome.write_result(), outcome.keeps_place_in_line());
        assert_eq!(actual, (result, keeps_place), "{outcome:?}");
    }
}

#[test]
fn a_refused_finalizer_is_reported_with_its_consequence_for_a_deletion() {
    for (wanted, consequence) in [(true, "MFA stays as it is"), (false, "the object waits")] {
        let event = finalizer_refused(wanted, "forbidden");
        assert_eq!((event.warning, event.reason), (true, "FinalizerRefused"));
        for words in [consequence, "forbidden", "patch userpoolmfaconfigs"] {
            assert!(event.note.contains(words), "{words} is not in {}", event.note);
        }
    }
    assert_ne!(finalizer_refused(true, "").action, finalizer_refused(false, "").action);
}
