//! What the deletion of an object does to its pool.

use cognito_mfa_core::{
    access::accounts::{Denied, Forbidden},
    api::v1alpha1::{ConditionType, FINALIZER, MfaMode, UserPoolMfaConfig},
    calls::failure::Class,
    plan::{
        deletion::{Kept, farewell, has_finalizer, is_seen_to, kept, plan, wants_finalizer},
        step::{Cause, Plan, Step},
    },
    settings::{diff::to_send, observed::Live},
    status::{
        event::retained,
        next_status::next_status,
        outcome::{DeletionResult, Outcome},
    },
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};
use test_support::fixtures::{
    POOL, after, at, failed_get, failed_set, live, object, off, on_totp, pass, settings, settled, with,
};

fn disabling(more: &Value) -> UserPoolMfaConfig {
    settled(&with(&with(&on_totp(), &json!({"deletionPolicy": "Disable"})), more))
}

fn deleted(mut object: UserPoolMfaConfig) -> UserPoolMfaConfig {
    object.metadata.deletion_timestamp = Some(Time(at(100)));
    object
}

#[test]
fn only_an_adopted_object_that_enforces_asks_and_is_allowed_has_its_pool_turned_off() {
    let never_adopted = object(&with(&on_totp(), &json!({"deletionPolicy": "Disable"})));
    for (object, allowed, expected) in [
        (disabling(&json!({})), true, None),
        (disabling(&json!({})), false, Some(Kept::NotAllowed)),
        (settled(&on_totp()), true, Some(Kept::NotAsked)),
        (disabling(&json!({"deletionPolicy": "Retain"})), true, Some(Kept::NotAsked)),
        (disabling(&json!({"managementPolicy": "Observe"})), true, Some(Kept::NotAsked)),
        (disabling(&json!({"suspend": true})), true, Some(Kept::Suspended)),
        (never_adopted, true, Some(Kept::NeverAdopted)),
    ] {
        assert_eq!(kept(&deleted(object.clone()), allowed), expected, "{:?}", object.spec);
    }
}

#[test]
fn a_finalizer_is_wanted_while_the_object_lives_and_asks() {
    assert!(
        wants_finalizer(&disabling(&json!({}))) && wants_finalizer(&disabling(&json!({"suspend": true})))
    );
    assert!(!wants_finalizer(&deleted(disabling(&json!({})))) && !wants_finalizer(&settled(&on_totp())));
    assert!(!wants_finalizer(&disabling(&json!({"managementPolicy": "Observe"}))));
    assert!(has_finalizer(Some(&vec!["other/one".into(), FINALIZER.into()])));
    assert!(!has_finalizer(Some(&vec!["other/one".into()])) && !has_finalizer(None));
}

#[test]
fn a_farewell_turns_mfa_off_and_keeps_the_declared_passkeys() {
    let passkeys = json!({"webAuthnConfiguration": {"relyingPartyId": "a.example.com"}});
    let sent = to_send(&farewell(&disabling(&passkeys)).spec.settings);
    assert_eq!(sent, settings(&with(&off(), &passkeys)));
}

#[test]
fn a_pool_that_is_off_already_is_not_touched_and_one_with_an_unknown_setting_neither() {
    let object = farewell(&deleted(disabling(&json!({}))));
    let planned = |found: &Live| plan(&object.spec, found);
    assert_eq!(planned(&live(&off())).step, Step::Off);
    let on = planned(&live(&on_totp()));
    assert_eq!((on.step, on.lowers.as_slice()), (Step::Set(Cause::Deletion), &["mode ON to OFF"][..]));
    let optional = Live {
        settings: settings(&with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"}))),
        unknown: vec![],
    };
    assert_eq!(planned(&optional).step, Step::Set(Cause::Deletion));
    let newer = Live { unknown: vec!["Fallback".into()], ..live(&on_totp()) };
    assert_eq!(planned(&newer).step, Step::Unknown);
    assert_eq!(object.spec.settings.mfa_configuration, MfaMode::Off);
}

#[test]
fn a_pool_that_is_left_is_told_unless_nobody_asked_for_more() {
    assert_eq!(retained(&Kept::NotAsked), None);
    for kept in [
        Kept::NotAllowed,
        Kept::Suspended,
        Kept::NeverAdopted,
        Kept::NotOwner("team/older".into()),
        Kept::Denied(Denied { namespace: "shop".into(), pool: POOL.into(), what: Forbidden::Pool }),
        Kept::GoingAway("namespace"),
        Kept::PoolGone,
        Kept::Unreadable,
    ] {
        let notice = retained(&kept).expect("an event");
        assert!(notice.warning && notice.reason == "MfaRetained" && notice.note.contains(&kept.why()));
        assert!(kept.why().split(' ').count() > 3, "{kept:?}: {}", kept.why());
    }
}

#[test]
fn an_object_goes_when_its_pool_is_off_or_gone_and_not_before() {
    let object = farewell(&deleted(disabling(&json!({}))));
    let set = |after: &Value| pass(&object, &live(&on_totp()), &live(after));
    let newer = Live { unknown: vec!["Fallback".into()], ..live(&off()) };
    for outcome in [set(&off()), pass(&object, &live(&off()), &live(&off())), pass(&object, &newer, &newer)] {
        let off = outcome.live().unwrap().clone();
        let plan = Plan { step: Step::Off, differences: Vec::new(), lowers: Vec::new() };
        let ended = DeletionResult::Off(Outcome::Checked(off, plan).into());
        assert_eq!(outcome.deletion_result(&object.spec), ended, "{outcome:?}");
    }
    let gone = failed_get(Class::PoolNotFound).deletion_result(&object.spec);
    assert_eq!(gone, DeletionResult::Retained(Kept::PoolGone));
    let denied = failed_set(&object, &live(&on_totp()), Class::AccessDenied);
    for outcome in [set(&on_totp()), denied, failed_get(Class::Transient)] {
        assert_eq!(outcome.deletion_result(&object.spec), DeletionResult::Unfinished, "{outcome:?}");
    }
}

#[test]
fn an_object_that_cannot_go_says_what_its_pool_has_and_what_it_waits_for_and_says_it_once() {
    let object = farewell(&deleted(disabling(&json!({}))));
    let set = pass(&object, &live(&on_totp()), &live(&off()));
    let DeletionResult::Off(waits) = set.deletion_result(&object.spec) else { panic!("MFA is off") };
    let told = after(&object, &waits, at(200));
    let status = told.status.clone().unwrap();
    assert_eq!(status.mode.as_deref(), Some("OFF"));
    assert_eq!(status.applied_hash, object.status.clone().unwrap().applied_hash, "it did speak for the pool");
    for (condition, word) in
        [(ConditionType::Ready, "False"), (ConditionType::Synced, "False"), (ConditionType::Stalled, "True")]
    {
        let condition = status.condition(condition).unwrap();
        assert_eq!((condition.status.as_str(), condition.reason.as_str()), (word, "FinalizerNotRemoved"));
        assert!(condition.message.contains(FINALIZER) && condition.message.contains("MFA is off"));
    }
    assert_eq!(next_status(&told, &waits, at(300)), None);
    assert!(is_seen_to(&told) && !is_seen_to(&object), "another process has nothing to do but let it go");
}
