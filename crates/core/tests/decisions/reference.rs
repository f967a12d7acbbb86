//! References: which id what they name has, and what follows from it in the status, in plans and in claims.

use std::time::Duration;

use cognito_mfa_core::{
    access::ownership::{Claims, object_key},
    api::v1alpha1::{ConditionType, PoolSource, Reason, UserPoolGroup, UserPoolMfaConfig},
    plan::{
        memory::memory,
        step::{Cause, Step},
        table::plan,
    },
    reference::{Resolution, Unresolved, id_of_user_pool, id_of_value, status_with_resolution},
    schedule::requeue,
    status::{event, next_status::superseded_status, observe_only::resolution_with_note, outcome::Outcome},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::{
    fixtures::{POOL, after, at, object, observed, off, on_totp, reconciled_fully, with},
    kstatus::{Kstatus, kstatus},
};

const OTHER: &str = "eu-west-1_Other";

/// An object with this spec and a reference, which has led to no pool yet.
fn referring(spec: &Value) -> UserPoolMfaConfig {
    let mut object = object(spec);
    object.spec.user_pool_id = None;
    object.spec.user_pool_ref =
        serde_json::from_value(json!({"group": UserPoolGroup::Ack.as_str(), "name": "customers"}))
            .expect("a reference");
    object
}

/// The object after a look at what its reference names, at this second.
fn looked(object: &UserPoolMfaConfig, resolution: &Resolution, second: i64) -> UserPoolMfaConfig {
    let status = status_with_resolution(object, resolution, at(second)).or_else(|| object.status.clone());
    UserPoolMfaConfig { status, ..object.clone() }
}

#[allow(clippy::unnecessary_wraps, reason = "the tests pass both variants")]
fn found(pool: &str) -> Resolution {
    Ok(pool.to_owned())
}

fn gone() -> Resolution {
    Err(Unresolved::NotFound("There is no UserPool customers.".into()))
}

/// The object whose reference leads to [`POOL`], and which has adopted it.
fn adopted(spec: &Value) -> UserPoolMfaConfig {
    let object = looked(&referring(spec), &found(POOL), 0);
    after(&object, &reconciled_fully(&object, &observed(spec)), at(1))
}

fn resolved(object: &UserPoolMfaConfig) -> (String, String) {
    let status = object.status.as_ref().expect("a status");
    let condition = status.condition(ConditionType::PoolResolved).expect("the condition");
    (condition.status.clone(), condition.reason.clone())
}

#[test]
fn the_id_in_a_user_pool_is_used_once_its_controller_vouches_for_it() {
    let condition = |type_: &str, status: &str| json!([{"type": type_, "status": status}]);
    let external = json!({"crossplane.io/external-name": POOL});
    let (ack, upjet) = (UserPoolGroup::Ack, UserPoolGroup::Upjet);
    for (group, user_pool, id) in [
        (ack, json!({}), None),
        (ack, json!({"status": {"id": POOL}}), Some(POOL)),
        (
            ack,
            json!({"status": {"id": POOL, "conditions": condition("ACK.ResourceSynced", "False")}}),
            Some(POOL),
        ),
        (ack, json!({"status": {"id": POOL, "conditions": condition("ACK.Terminal", "True")}}), None),
        (ack, json!({"status": {"id": POOL, "ackResourceMetadata": {"region": "eu-west-1"}}}), Some(POOL)),
        (ack, json!({"status": {"id": POOL, "ackResourceMetadata": {"region": "us-east-1"}}}), None),
        (
            ack,
            json!({"status": {"id": POOL}, "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
            None,
        ),
        (upjet, json!({"status": {"atProvider": {"id": POOL}}}), Some(POOL)),
        (upjet, json!({"status": {"id": POOL}}), None),
        (upjet, json!({"metadata": {"annotations": external}}), None),
        (
            upjet,
            json!({"metadata": {"annotations": external}, "status": {"conditions": condition("Ready", "True")}}),
            Some(POOL),
        ),
    ] {
        let resolution = id_of_user_pool(group, &user_pool, "The UserPool customers");
        assert_eq!(resolution.as_deref().ok(), id, "{user_pool}");
        assert!(id.is_some() || matches!(resolution, Err(Unresolved::NotReady(_))), "{resolution:?}");
    }
    let invalid = json!({"status": {"id": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/x"}});
    assert!(matches!(id_of_user_pool(ack, &invalid, "It"), Err(Unresolved::Invalid(_))));
}

#[test]
fn a_user_pool_without_an_id_is_reported_with_its_conditions_and_without_their_messages() {
    let conditions = json!([{"type": "Ready", "status": "False", "message": "arn:aws:iam::1:role/secret"}]);
    let why = id_of_user_pool(UserPoolGroup::Ack, &json!({"status": {"conditions": conditions}}), "It")
        .unwrap_err();
    assert!(
        why.message().contains("Ready is False") && !why.message().contains("secret"),
        "{}",
        why.message()
    );
}

#[test]
fn a_value_that_is_no_pool_id_is_never_shown() {
    assert_eq!(id_of_value(&format!(" {POOL}\n"), "It"), found(POOL));
    assert!(matches!(id_of_value(" ", "It"), Err(Unresolved::NotReady(_))));
    for value in ["hunter2", "eu-west-9_", &format!("eu-west-1_{}", "a".repeat(50))] {
        let why = id_of_value(value, "The value").unwrap_err();
        assert!(!why.message().contains(value), "{}", why.message());
        assert_eq!((why.reason(), why.needs_a_person()), (Reason::PoolRefInvalid, true));
    }
}

#[test]
fn an_object_without_a_pool_is_in_progress_until_a_person_must_act() {
    let object = referring(&on_totp());
    assert_eq!(status_with_resolution(&object, &gone(), at(0)), None, "its outcome reports it");
    for (why, kstatus_then, resolved_then) in [
        (gone().unwrap_err(), Kstatus::InProgress, "Unknown"),
        (Unresolved::Forbidden("No.".into()), Kstatus::Failed, "False"),
    ] {
        let reported = after(&object, &Outcome::Unresolved(why.clone()), at(0));
        assert_eq!(kstatus(&reported), kstatus_then, "{why:?}");
        assert_eq!(resolved(&reported), (resolved_then.into(), why.reason().to_string()));
        assert_eq!(reported.status.unwrap().reason(ConditionType::Ready), Some(why.reason()));
    }
}

#[test]
fn the_first_pool_is_recorded_and_makes_the_object_due_like_a_new_one() {
    let waiting = after(&referring(&on_totp()), &Outcome::Unresolved(gone().unwrap_err()), at(0));
    let object = looked(&waiting, &found(POOL), 10);
    assert_eq!((object.pool_id(), object.region()), (Some(POOL), Some("eu-west-1")));
    assert_eq!(resolved(&object), ("True".into(), "Resolved".into()));
    assert_eq!(kstatus(&object), Kstatus::InProgress);
    assert!(requeue::priority(&object).is_urgent());
    assert_eq!(event::for_resolution(&waiting, &object).unwrap().reason, "PoolResolved");
    assert_eq!(status_with_resolution(&object, &found(POOL), at(500)), None, "nothing is news");
}

#[test]
fn a_reference_that_leads_nowhere_for_a_while_stops_no_enforcement() {
    let before = adopted(&on_totp());
    let object = looked(&before, &gone(), 100);
    assert_eq!((object.pool_id(), kstatus(&object)), (Some(POOL), Kstatus::Current));
    assert_eq!(resolved(&object), ("Unknown".into(), "PoolRefNotFound".into()));
    assert_eq!(event::for_resolution(&before, &object), None);
    let drifted = observed(&off());
    assert_eq!(plan(&object.spec, &drifted, &memory(&object)).step, Step::Write(Cause::Drift));
    let corrected = after(&object, &reconciled_fully(&object, &drifted), at(101));
    assert_eq!(resolved(&corrected), resolved(&object), "the outcome of a check keeps the condition");
    assert_eq!(resolved(&looked(&corrected, &found(POOL), 200)), ("True".into(), "Resolved".into()));
}

/// An error's text may differ at each look, and must cost no write.
#[test]
fn a_look_without_an_answer_changes_nothing() {
    let unreadable = Err(Unresolved::Unreadable("The connection was reset.".into()));
    assert_eq!(status_with_resolution(&adopted(&on_totp()), &unreadable, at(100)), None);
}

#[test]
fn a_late_write_to_the_former_pool_adopts_no_other_one() {
    let planned = looked(&referring(&on_totp()), &found(POOL), 0);
    let written = reconciled_fully(&planned, &observed(&off()));
    let fresh = looked(&planned, &found(OTHER), 100);
    let status = superseded_status(&planned, &written, &fresh, at(101)).or(fresh.status).expect("a status");
    assert_eq!((status.applied_hash, status.attempted_hash), (None, None));
}

#[test]
fn another_pool_is_met_anew_and_overwrite_counts_for_the_first_one_alone() {
    let overwrite = with(&off(), &json!({"adoptionPolicy": "Overwrite"}));
    let first = looked(&referring(&overwrite), &found(POOL), 0);
    let on = observed(&on_totp());
    assert_eq!(plan(&first.spec, &on, &memory(&first)).step, Step::Write(Cause::Adoption));
    let before = adopted(&overwrite);
    let object = looked(&before, &found(OTHER), 100);
    let status = object.status.clone().unwrap();
    assert_eq!((object.pool_id(), status.previous_user_pool_id.as_deref()), (Some(OTHER), Some(POOL)));
    assert_eq!((status.applied_hash, status.observed, status.observed_generation), (None, None, Some(-1)));
    assert_eq!(plan(&object.spec, &on, &memory(&object)).step, Step::HoldPoolChange);
    assert_eq!(event::for_resolution(&before, &object).unwrap().reason, "PoolChanged");
    let harmless = plan(&object.spec, &observed(&overwrite), &memory(&object)).step;
    assert_eq!(harmless, Step::Adopt);
}

#[test]
fn a_reference_that_flaps_changes_the_pool_once_a_minute_at_most() {
    let object = looked(&referring(&on_totp()), &found(POOL), 0);
    let next = |second| resolution_with_note(&object, &found(OTHER), false, at(second));
    assert_eq!(next(59), None);
    assert_eq!(next(60).and_then(|status| status.user_pool_id).as_deref(), Some(OTHER));
    let adopted = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(10));
    let (status, hour) = (adopted.status.clone().expect("a status"), Duration::from_hours(1));
    let outcome = reconciled_fully(&adopted, &observed(&on_totp()));
    let wait = requeue::requeue_after(&adopted, &status, &outcome, 0, hour, at(10));
    assert!(wait.is_some_and(|wait| wait <= Duration::from_secs(50)), "{wait:?}");
}

#[test]
fn a_reference_that_is_led_to_an_owned_pool_does_not_take_it() {
    let mut referrer = referring(&on_totp());
    referrer.metadata.creation_timestamp = Some(Time(at(0)));
    referrer.metadata.uid = Some("1".into());
    let mut owner = object(&on_totp());
    owner.metadata.name = Some("owner".into());
    owner.metadata.uid = Some("2".into());
    owner.metadata.creation_timestamp = Some(Time(at(50)));
    let mut claims = Claims::default();
    let key = |object: &UserPoolMfaConfig| object_key(object).into();
    claims.upsert(&key(&referrer), &referrer);
    claims.upsert(&key(&owner), &owner);
    let led = looked(&referrer, &found(POOL), 100);
    claims.upsert(&key(&led), &led);
    let owner_of = |object: &UserPoolMfaConfig| claims.conflicting_owner(object, |_| true);
    assert_eq!((owner_of(&owner), owner_of(&led)), (None, Some("shop/owner".into())));
}

#[test]
fn the_pool_of_a_literal_id_does_not_depend_on_the_status() {
    let mut object = object(&on_totp());
    object.status.get_or_insert_default().user_pool_id = Some(OTHER.into());
    assert_eq!((object.pool_id(), object.spec.pool_source()), (Some(POOL), PoolSource::Id(POOL)));
}

proptest! {
    /// Whatever looks find, in any order: the pool is the last one that was found, or one that was found less than a minute
    /// before it; and it is never lost.
    #[test]
    fn a_pool_that_was_found_once_is_never_lost(looks in prop::collection::vec((0..3_usize, 1..200_i64), 1..20)) {
        let (mut object, mut second, mut known) = (referring(&on_totp()), 0, None);
        for (what, wait) in looks {
            second += wait;
            let resolution = [gone(), found(POOL), found(OTHER)][what].clone();
            object = looked(&object, &resolution, second);
            let pool = object.pool_id().map(str::to_owned);
            prop_assert!(known.is_none() || pool.is_some());
            prop_assert!(pool == known || pool == resolution.clone().ok());
            prop_assert!(resolution.is_err() || pool.is_some());
            known = pool;
        }
    }
}
