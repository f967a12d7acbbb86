//! What people are told as Kubernetes Events.

use cognito_mfa_core::{
    access::accounts::Forbidden,
    api::v1alpha1::UserPoolMfaConfig,
    calls::failure::{Failure, FailureClass, Operation},
    plan::{budget::WriteResult, deletion::with_mfa_off, hold::Hold, plan_for, step::Cause},
    settings::observed::Observed,
    status::{
        event::{Event, already_off, finalizer_refused, for_outcome},
        outcome::Outcome,
    },
};
use serde_json::{Value, json};
use test_support::fixtures::{
    denied, edited, failed_read, failed_write, object, observed, off, on_email, on_totp, reconciled,
    reconciled_well, settled, with, with_sms,
};

fn news(object: &UserPoolMfaConfig, outcome: &Outcome) -> Event {
    for_outcome(object, outcome, true).expect("an event")
}

/// The event of the correction of `live`, on an object that declares every section.
fn correction(found: &Value) -> Event {
    let object = settled(&everything());
    news(&object, &reconciled_well(&object, &observed(found)))
}

fn everything() -> Value {
    with(
        &on_totp(),
        &json!({"emailMfaConfiguration": {"message": "Code {####}", "subject": "Code"},
        "smsMfaConfiguration": {"smsAuthenticationMessage": "Code {####}", "smsConfiguration":
            {"snsCallerArn": "arn:aws:iam::1:role/a", "externalId": "id", "snsRegion": "eu-west-1"}},
        "webAuthnConfiguration": {"relyingPartyId": "a.example.com", "userVerification": "required"}}),
    )
}

#[test]
fn each_end_of_a_pass_has_its_event_or_none() {
    let (fresh, held) = (object(&on_totp()), object(&off()));
    let observer = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let (adopted, changed) = (settled(&on_totp()), edited(&settled(&on_totp()), &on_email()));
    let newer = Observed { unknown: vec!["New.Member".into()], ..observed(&on_totp()) };
    let normal = |reason| Some((false, reason));
    let warning = |reason| Some((true, reason));
    for (object, outcome, event) in [
        (&fresh, reconciled_well(&fresh, &observed(&on_totp())), normal("Adopted")),
        (&fresh, reconciled_well(&fresh, &observed(&off())), normal("Updated")),
        (&changed, reconciled_well(&changed, &observed(&with(&on_email(), &on_totp()))), warning("Updated")),
        (&adopted, reconciled_well(&adopted, &observed(&on_totp())), None),
        (&adopted, reconciled_well(&adopted, &observed(&off())), warning("DriftCorrected")),
        (&held, reconciled_well(&held, &observed(&on_totp())), warning("AdoptionHeld")),
        (&observer, reconciled_well(&observer, &observed(&off())), warning("DriftDetected")),
        (&fresh, reconciled_well(&fresh, &newer), warning("UnknownSetting")),
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
        let told = for_outcome(object, &outcome, true);
        assert_eq!(told.as_ref().map(|told| (told.warning, told.reason)), event, "{told:?}");
    }
}

#[test]
fn what_the_status_says_already_is_not_said_again() {
    let (fresh, held) = (object(&on_totp()), object(&off()));
    for (object, outcome) in [
        (&fresh, reconciled_well(&fresh, &observed(&on_totp()))),
        (&held, reconciled_well(&held, &observed(&on_totp()))),
        (&fresh, Outcome::NotOwner("shop/a".into())),
        (&fresh, failed_read(FailureClass::AccessDenied)),
    ] {
        assert_eq!(for_outcome(object, &outcome, false), None);
    }
}

#[test]
fn a_set_is_always_told() {
    let object = settled(&on_totp());
    assert!(for_outcome(&object, &reconciled_well(&object, &observed(&off())), false).is_some());
}

#[test]
fn a_set_that_cognito_did_not_take_whole_says_what_is_left() {
    let object = object(&on_totp());
    let left = observed(&with_sms());
    let told = news(&object, &reconciled(&object, &observed(&off()), &left));
    assert!(told.warning, "{told:?}");
    assert!(told.note.contains("still differs in smsMfaConfiguration"), "{}", told.note);
}

#[test]
fn a_change_that_cognito_shows_already_reads_as_a_sentence() {
    let object = edited(&settled(&on_totp()), &on_email());
    let told = news(&object, &reconciled_well(&object, &observed(&on_email())));
    assert_eq!(
        (told.action.as_str(), told.note.as_str()),
        ("Set", "The spec was set; Cognito showed no difference from it.")
    );
}

#[test]
fn a_correction_that_lowers_says_what() {
    let object = settled(&with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"})));
    let told = news(&object, &reconciled_well(&object, &observed(&on_totp())));
    assert!(told.note.contains("lowered protection: mode ON to OPTIONAL"), "{}", told.note);
}

/// Repeats of one (reason, action) within six minutes keep the first note alone.
#[test]
fn two_different_corrections_are_two_events() {
    let all = everything();
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
        let mut found = all.clone();
        for (_, path) in paths.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1) {
            *found.pointer_mut(path).unwrap() =
                if *path == "/mfaConfiguration" { json!("OPTIONAL") } else { json!("changed {####}") };
        }
        actions.insert(correction(&found).action);
    }
    assert_eq!(actions.len(), (1 << paths.len()) - 1);
    assert!(actions.iter().all(|action| action.len() <= 128), "{actions:?}");
}

#[test]
fn the_same_correction_again_is_the_same_event() {
    assert_eq!(correction(&off()), correction(&off()));
}

/// kube-apiserver counts bytes: an action has at most 128 of them and a note 1024, or the event is refused.
#[test]
fn no_text_of_aws_makes_an_event_that_the_api_server_refuses() {
    let object = settled(&everything());
    let hostile = "🔥\u{202e}".repeat(5_000);
    let failure = Failure::new(FailureClass::InvalidParameter, Operation::Set, &hostile, &hostile);
    let newer = Observed { unknown: vec![hostile.clone(); 21], ..observed(&on_totp()) };
    let nothing = observed(&with(&off(), &json!({"mfaConfiguration": "OPTIONAL"})));
    for outcome in [
        Outcome::Failed(failure, None),
        reconciled_well(&object, &newer),
        reconciled(&object, &nothing, &newer),
        reconciled(&object, &nothing, &nothing),
        reconciled_well(&object, &nothing),
        Outcome::NotOwner("n".repeat(63) + "/" + &"o".repeat(253)),
        denied(Forbidden::CallerRole(hostile), false),
    ] {
        let told = news(&object, &outcome);
        assert!(told.action.len() <= 128 && !told.action.is_empty(), "{}", told.action.len());
        assert!(told.note.len() <= 1024 && !told.note.is_empty(), "{}", told.note.len());
        assert!(told.reason.len() <= 128);
    }
}

#[test]
fn a_correction_tells_what_was_found_and_what_was_set_in_its_place() {
    let told = correction(&with(&everything(), &json!({"mfaConfiguration": "OPTIONAL"})));
    assert_eq!(told.action, "Set mfaConfiguration");
    assert_eq!(
        told.note,
        "Cognito differed from the spec and was set back: mfaConfiguration OPTIONAL -> ON."
    );
}

#[test]
fn what_was_lowered_is_told_however_much_else_differs() {
    let object = settled(&on_totp());
    let long = "x".repeat(200);
    let more = json!({"smsMfaConfiguration": {"smsAuthenticationMessage": long, "smsConfiguration": {"externalId": long}},
        "emailMfaConfiguration": {"message": long, "subject": long},
        "webAuthnConfiguration": {"relyingPartyId": long, "userVerification": "required"}});
    let told = news(&object, &reconciled_well(&object, &observed(&with(&on_totp(), &more))));
    assert!(told.note.ends_with("the relying party of registered passkeys."), "{}", told.note);
    let every = settled(&everything());
    let blank =
        observed(&json!({"mfaConfiguration": "OPTIONAL", "webAuthnConfiguration": {"relyingPartyId": long}}));
    let told = news(&every, &reconciled_well(&every, &blank));
    assert!(
        told.note.contains('…') && told.note.contains("This lowered protection: the relying party"),
        "{}",
        told.note
    );
}

#[test]
fn a_deletion_that_turns_mfa_off_is_told_as_that() {
    let mut object = with_mfa_off(&settled(&with(&on_totp(), &json!({"deletionPolicy": "Disable"}))));
    object.metadata.deletion_timestamp = object.metadata.creation_timestamp.clone();
    let told = news(&object, &reconciled(&object, &observed(&on_totp()), &observed(&off())));
    assert_eq!((told.warning, told.reason), (true, "MfaDisabled"));
    assert!(told.note.contains("deletionPolicy is Disable: mfaConfiguration ON -> OFF"), "{}", told.note);
    assert!(!already_off().warning && already_off().reason == "MfaDisabled");
}

#[test]
fn the_causes_of_sets_are_words_for_metrics() {
    let causes = [Cause::Adoption, Cause::SpecChanged, Cause::Drift, Cause::Deletion].map(Cause::as_str);
    assert_eq!(causes, ["adoption", "spec", "drift", "deletion"]);
}

#[test]
fn what_became_of_a_set_and_who_keeps_a_place_follow_from_the_end_of_the_pass() {
    let object = settled(&on_totp());
    let drifted = observed(&off());
    let left = std::time::Duration::ZERO;
    let waiting = |wait| Outcome::OnHold(drifted.clone(), plan_for(&object, &drifted), wait);
    let open = failed_write(&object, &drifted, FailureClass::Transient);
    let throttled = failed_write(&object, &drifted, FailureClass::Throttled);
    let refused = failed_write(&object, &drifted, FailureClass::InvalidParameter);
    for (outcome, sent, keeps) in [
        (reconciled_well(&object, &drifted), WriteResult::Accepted, false),
        (open, WriteResult::Unknown, false),
        (refused, WriteResult::NotWritten, false),
        (throttled, WriteResult::NotWritten, true),
        (failed_write(&object, &drifted, FailureClass::Concurrent), WriteResult::NotWritten, true),
        (failed_read(FailureClass::Throttled), WriteResult::NotWritten, true),
        (failed_read(FailureClass::Transient), WriteResult::NotWritten, false),
        (waiting(Hold::HourlyLimit { left, generation: 1 }), WriteResult::NotWritten, true),
        (waiting(Hold::Contested { left }), WriteResult::NotWritten, false),
        (reconciled_well(&object, &observed(&on_totp())), WriteResult::NotWritten, false),
        (Outcome::Suspended, WriteResult::NotWritten, false),
    ] {
        assert_eq!((outcome.write_result(), outcome.keeps_place_in_line()), (sent, keeps), "{outcome:?}");
    }
}

#[test]
fn a_finalizer_that_is_refused_is_told_with_what_a_deletion_would_do_then() {
    for (wanted, then) in [(true, "MFA stays as it is"), (false, "the object waits")] {
        let told = finalizer_refused(wanted, "forbidden");
        assert_eq!((told.warning, told.reason), (true, "FinalizerRefused"));
        for words in [then, "forbidden", "patch userpoolmfaconfigs"] {
            assert!(told.note.contains(words), "{words} is not in {}", told.note);
        }
    }
    assert_ne!(finalizer_refused(true, "").action, finalizer_refused(false, "").action);
}
