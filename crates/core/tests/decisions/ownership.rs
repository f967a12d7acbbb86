//! Ownership: which object owns a pool.

use cognito_mfa_core::{
    access::ownership::{Claim, Claims, ObjectKey, claim_of, object_key},
    api::v1alpha1::UserPoolMfaConfig,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;
use test_support::fixtures::{POOL, at, object, on_totp, with, with_sms};

fn created(name: &str, uid: &str, second: i64) -> UserPoolMfaConfig {
    let mut object = object(&on_totp());
    object.metadata.name = Some(name.into());
    object.metadata.uid = Some(uid.into());
    object.metadata.creation_timestamp = Some(Time(at(second)));
    object
}

fn claims(all: &[&UserPoolMfaConfig]) -> Claims {
    let mut claims = Claims::default();
    for object in all {
        upsert(&mut claims, object);
    }
    claims
}

fn claim(object: &UserPoolMfaConfig) -> Option<Claim> {
    claim_of(&object_key(object).into(), object)
}

fn upsert(claims: &mut Claims, object: &UserPoolMfaConfig) -> Vec<ObjectKey> {
    claims.upsert(&object_key(object).into(), object)
}

/// The object that owns the pool instead of `object`.
fn conflicting_owner(object: &UserPoolMfaConfig, all: &[&UserPoolMfaConfig]) -> Option<ObjectKey> {
    claims(all).conflicting_owner(object, |_| true)
}

#[test]
fn the_oldest_object_owns_the_pool_in_any_order_of_the_list() {
    let (a, b, c) = (created("a", "3", 1), created("b", "2", 2), created("c", "1", 3));
    for all in [[&a, &b, &c], [&c, &b, &a], [&b, &c, &a]] {
        assert_eq!(conflicting_owner(&a, &all), None);
        assert_eq!(conflicting_owner(&b, &all), Some("shop/a".into()));
        assert_eq!(conflicting_owner(&c, &all), Some("shop/a".into()));
    }
}

#[test]
fn the_lower_uid_owns_the_pool_when_creation_times_are_equal() {
    let (a, b) = (created("a", "2", 1), created("b", "1", 1));
    assert_eq!(conflicting_owner(&a, &[&a, &b]), Some("shop/b".into()));
    assert_eq!(conflicting_owner(&b, &[&a, &b]), None);
}

#[test]
fn a_single_object_owns_its_pool_before_it_is_in_the_list() {
    let a = created("a", "1", 1);
    assert_eq!(conflicting_owner(&a, &[]), None);
    assert_eq!(conflicting_owner(&a, &[&a]), None);
}

#[test]
fn an_observing_object_claims_no_pool() {
    let mut observer = created("a", "1", 1);
    observer.spec = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"}))).spec;
    assert_eq!(claim(&observer), None);
    assert_eq!(conflicting_owner(&observer, &[&created("b", "2", 2), &observer]), None);
    let later = created("b", "2", 2);
    assert_eq!(conflicting_owner(&later, &[&observer, &later]), None);
}

#[test]
fn an_object_that_is_being_deleted_claims_no_pool() {
    let mut deleted = created("a", "1", 1);
    deleted.metadata.deletion_timestamp = Some(Time(at(5)));
    assert_eq!(claim(&deleted), None);
}

#[test]
fn a_suspended_object_keeps_its_pool() {
    let mut suspended = created("a", "1", 1);
    suspended.spec.suspend = true;
    let later = created("b", "2", 2);
    assert_eq!(conflicting_owner(&later, &[&suspended, &later]), Some("shop/a".into()));
}

#[test]
fn an_object_in_another_namespace_can_own_the_pool() {
    let (mut a, b) = (created("a", "1", 1), created("a", "2", 2));
    a.metadata.namespace = Some("billing".into());
    assert_eq!(conflicting_owner(&b, &[&a, &b]), Some("billing/a".into()));
}

#[test]
fn objects_of_different_pools_do_not_conflict() {
    let (a, mut b) = (created("a", "1", 1), created("b", "2", 2));
    b.spec.user_pool_id = Some("eu-west-1_Other".into());
    assert_eq!(conflicting_owner(&b, &[&a, &b]), None);
}

#[test]
fn a_claim_returns_the_objects_whose_ownership_it_changes() {
    let (a, b) = (created("a", "1", 1), created("b", "2", 2));
    let mut claims = claims(&[&b]);
    assert_eq!(upsert(&mut claims, &a), [ObjectKey::from("shop/b")]);
    assert!(upsert(&mut claims, &a).is_empty(), "an unchanged claim changes no owner");
    let mut suspended = a.clone();
    suspended.spec.suspend = true;
    assert!(upsert(&mut claims, &suspended).is_empty(), "a suspended object keeps its pool");
    let mut deleted = a.clone();
    deleted.metadata.deletion_timestamp = Some(Time(at(5)));
    assert_eq!(upsert(&mut claims, &deleted), [ObjectKey::from("shop/b")]);
    assert_eq!(claims.conflicting_owner(&b, |_| true), None);
    assert!(claims.remove("shop/a").is_empty(), "its claim was removed before");
    assert!(claims.remove("shop/b").is_empty(), "no other object is left");
}

#[test]
fn a_recreated_object_is_younger_than_the_others() {
    let (a, b) = (created("a", "1", 1), created("b", "2", 2));
    let mut claims = claims(&[&a, &b]);
    let recreated = created("a", "3", 3);
    assert!(upsert(&mut claims, &recreated).contains(&"shop/b".into()));
    assert!(
        upsert(&mut claims, &created("c", "4", 4)).is_empty(),
        "a duplicate changes nothing for older objects"
    );
    assert!(claims.remove("shop/c").is_empty());
    assert_eq!(claims.conflicting_owner(&recreated, |_| true), Some("shop/b".into()));
    assert_eq!(claims.conflicting_owner(&b, |_| true), None);
}

#[test]
fn an_object_without_access_does_not_own_its_pool() {
    let (a, b, c) = (created("a", "1", 1), created("b", "2", 2), created("c", "3", 3));
    let claims = claims(&[&a, &b, &c]);
    let owner_without = |object, denied: &[&str]| {
        claims.conflicting_owner(object, |request| !denied.contains(&&*request.namespace))
    };
    assert_eq!(owner_without(&b, &[]), Some("shop/a".into()));
    assert_eq!(owner_without(&b, &["shop"]), None);
    assert!(claims.owner(POOL, |_| false).is_none());
    assert_eq!(claims.owner(POOL, |_| true).unwrap().object.as_ref(), "shop/a");
}

#[test]
fn an_object_does_not_conflict_with_a_newer_claim_of_its_own() {
    let (sms, plain) = (created("a", "1", 1), created("a", "1", 1));
    let sms = UserPoolMfaConfig { spec: object(&with_sms()).spec, ..sms };
    assert_ne!(claim(&sms), claim(&plain));
    assert_eq!(conflicting_owner(&sms, &[&plain]), None);
    assert_eq!(conflicting_owner(&plain, &[&sms]), None);
}
