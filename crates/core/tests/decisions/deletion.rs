//! The deletion of an object: whether MFA is turned off, and what is reported.

use cognito_mfa_core::{
    access::accounts::{Denied, Forbidden},
    api::v1alpha1::{ConditionType, FINALIZER, MfaMode, UserPoolMfaConfig},
    calls::failure::FailureClass,
    plan::{
        deletion::{
            RetainReason, has_finalizer, is_mfa_already_off, plan_deletion, retain_reason, wants_finalizer,
            with_mfa_off,
        },
        step::{Cause, Plan, Step},
    },
    settings::{diff::to_write, observed::Observed},
    status::{
        event::retained,
        next_status::next_status,
        outcome::{DeletionResult, Outcome},
    },
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};
use test_support::fixtures::{
    POOL, after, at, failed_read, failed_write, object, observed, off, on_totp, reconciled, settings,
    settled, with,
};

fn disabling(more: &Value) -> UserPoolMfaConfig {
    settled(&with(&with(&on_totp(), &json!({"deletionPolicy": "Disable"})), more))
}

fn deleted(mut object: UserPoolMfaConfig) -> UserPoolMfaConfig {
    object.metadata.deletion_timestamp = Some(Time(at(100)));
    object
}

#[test]
fn mfa_is_turned_off_only_for_an_adopted_enforcing_object_that_may_disable() {
    let never_adopted = object(&with(&on_totp(), &json!({"deletionPolicy": "Disable"})));
    for (object, allowed, expected) in [
        (disabling(&json!({})), true, None),
        (disabling(&json!({})), false, Some(RetainReason::NotAllowed)),
        (settled(&on_totp()), true, Some(RetainReason::NotRequested)),
        (disabling(&json!({"deletionPolicy": "Retain"})), true, Some(RetainReason::NotRequested)),
        (disabling(&json!({"managementPolicy": "Observe"})), true, Some(RetainReason::NotRequested)),
        (disabling(&json!({"suspend": true})), true, Some(RetainReason::Suspended)),
        (never_adopted, true, Some(RetainReason::NeverAdopted)),
    ] {
        assert_eq!(retain_reason(&deleted(object.clone()), allowed), expected, "{:?}", object.spec);
    }
}

#[test]
fn a_finalizer_is_wanted_until_the_deletion_of_an_object_that_disables() {
    assert!(
        wants_finalizer(&disabling(&json!({}))) && wants_finalizer(&disabling(&json!({"suspend": true})))
    );
    assert!(!wants_finalizer(&deleted(disabling(&json!({})))) && !wants_finalizer(&settled(&on_totp())));
    assert!(!wants_finalizer(&disabling(&json!({"managementPolicy": "Observe"}))));
    assert!(has_finalizer(Some(&vec!["other/one".into(), FINALIZER.into()])));
    assert!(!has_finalizer(Some(&vec!["other/one".into()])) && !has_finalizer(None));
}

#[test]
fn a_deletion_turns_mfa_off_and_keeps_the_declared_passkeys() {
    let passkeys = json!({"webAuthnConfiguration": {"relyingPartyId": "a.example.com"}});
    let written = to_write(&with_mfa_off(&disabling(&passkeys)).spec.settings);
    assert_eq!(written, settings(&with(&off(), &passkeys)));
}

#[test]
fn a_pool_that_is_off_or_has_an_unknown_setting_is_not_written() {
    let object = with_mfa_off(&deleted(disabling(&json!({}))));
    let planned = |observed: &Observed| plan_deletion(&object.spec, observed);
    assert_eq!(planned(&observed(&off())).step, Step::AlreadyOff);
    let on = planned(&observed(&on_totp()));
    assert_eq!((on.step, on.weakens.as_slice()), (Step::Write(Cause::Deletion), &["mode ON to OFF"][..]));
    let optional = Observed {
        settings: settings(&with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"}))),
        unknown: vec![],
    };
    assert_eq!(planned(&optional).step, Step::Write(Cause::Deletion));
    let newer = Observed { unknown: vec!["Fallback".into()], ..observed(&on_totp()) };
    assert_eq!(planned(&newer).step, Step::UnknownSetting);
    assert_eq!(object.spec.settings.mfa_configuration, MfaMode::Off);
}

#[test]
fn a_retained_pool_is_reported_unless_the_spec_asks_for_that() {
    assert_eq!(retained(&RetainReason::NotRequested), None);
    for retain_reason in [
        RetainReason::NotAllowed,
        RetainReason::Suspended,
        RetainReason::NeverAdopted,
        RetainReason::NotOwner("team/older".into()),
        RetainReason::Denied(Denied {
            namespace: "shop".into(),
            pool: POOL.into(),
            forbidden: Forbidden::Pool,
        }),
        RetainReason::BeingDeleted("namespace"),
        RetainReason::PoolNotFound,
        RetainReason::InvalidSpec,
    ] {
        let event = retained(&retain_reason).expect("an event");
        let why = retain_reason.why();
        assert!(event.warning && event.reason == "MfaRetained" && event.note.contains(&why));
        assert!(why.split(' ').count() > 3, "{retain_reason:?}: {why}");
    }
}

#[test]
fn an_object_is_removed_once_its_pool_is_off_or_not_found() {
    let object = with_mfa_off(&deleted(disabling(&json!({}))));
    let written = |after: &Value| reconciled(&object, &observed(&on_totp()), &observed(after));
    let newer = Observed { unknown: vec!["Fallback".into()], ..observed(&off()) };
    for outcome in [
        written(&off()),
        reconciled(&object, &observed(&off()), &observed(&off())),
        reconciled(&object, &newer, &newer),
    ] {
        let off = outcome.observed().unwrap().clone();
        let plan =
            Plan { step: Step::AlreadyOff, differences: Vec::new(), weakens: Vec::new(), restores: false };
        let expected = DeletionResult::Off(Outcome::Checked(off, plan).into());
        assert_eq!(outcome.deletion_result(&object.spec), expected, "{outcome:?}");
    }
    let gone = failed_read(FailureClass::PoolNotFound).deletion_result(&object.spec);
    assert_eq!(gone, DeletionResult::Retained(RetainReason::PoolNotFound));
    let denied = failed_write(&object, &observed(&on_totp()), FailureClass::AccessDenied);
    for outcome in [written(&on_totp()), denied, failed_read(FailureClass::Transient)] {
        assert_eq!(outcome.deletion_result(&object.spec), DeletionResult::Unfinished, "{outcome:?}");
    }
}

#[test]
fn a_finalizer_that_cannot_be_removed_is_reported_once_in_the_status() {
    let object = with_mfa_off(&deleted(disabling(&json!({}))));
    let written = reconciled(&object, &observed(&on_totp()), &observed(&off()));
    let DeletionResult::Off(outcome) = written.deletion_result(&object.spec) else { panic!("MFA is off") };
    let waiting = after(&object, &outcome, at(200));
    let status = waiting.status.clone().unwrap();
    assert_eq!(status.mode.as_deref(), Some("OFF"));
    assert_eq!(status.applied_hash, object.status.clone().unwrap().applied_hash, "it owned the pool");
    for (condition, word) in
        [(ConditionType::Ready, "False"), (ConditionType::Synced, "False"), (ConditionType::Stalled, "True")]
    {
        let condition = status.condition(condition).unwrap();
        assert_eq!((condition.status.as_str(), condition.reason.as_str()), (word, "FinalizerNotRemoved"));
        assert!(condition.message.contains(FINALIZER) && condition.message.contains("MFA is off"));
    }
    assert_eq!(next_status(&waiting, &outcome, at(300)), None);
    assert!(
        is_mfa_already_off(&waiting) && !is_mfa_already_off(&object),
        "only the finalizer is left to remove"
    );
}
