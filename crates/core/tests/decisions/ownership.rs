//! Which object speaks for a pool.

use cognito_mfa_core::{
    access::ownership::{Claims, claim_of},
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
        claims.upsert(object);
    }
    claims
}

/// The object that speaks for the pool before `own` does.
fn owner(own: &UserPoolMfaConfig, all: &[&UserPoolMfaConfig]) -> Option<String> {
    claims(all).conflicting_owner(own, |_| true)
}

#[test]
fn the_oldest_object_speaks_for_the_pool_whatever_the_order_of_the_list() {
    let (a, b, c) = (created("a", "3", 1), created("b", "2", 2), created("c", "1", 3));
    for all in [[&a, &b, &c], [&c, &b, &a], [&b, &c, &a]] {
        assert_eq!(owner(&a, &all), None);
        assert_eq!(owner(&b, &all), Some("shop/a".into()));
        assert_eq!(owner(&c, &all), Some("shop/a".into()));
    }
}

#[test]
fn of_two_objects_of_one_second_the_lower_uid_speaks() {
    let (a, b) = (created("a", "2", 1), created("b", "1", 1));
    assert_eq!(owner(&a, &[&a, &b]), Some("shop/b".into()));
    assert_eq!(owner(&b, &[&a, &b]), None);
}

#[test]
fn an_object_alone_speaks_even_before_the_list_knows_it() {
    let a = created("a", "1", 1);
    assert_eq!(owner(&a, &[]), None);
    assert_eq!(owner(&a, &[&a]), None);
}

#[test]
fn who_observes_claims_nothing() {
    let mut observer = created("a", "1", 1);
    observer.spec = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"}))).spec;
    assert_eq!(claim_of(&observer), None);
    assert_eq!(owner(&observer, &[&created("b", "2", 2), &observer]), None);
    let later = created("b", "2", 2);
    assert_eq!(owner(&later, &[&observer, &later]), None);
}

#[test]
fn an_object_that_is_being_deleted_claims_nothing() {
    let mut leaving = created("a", "1", 1);
    leaving.metadata.deletion_timestamp = Some(Time(at(5)));
    assert_eq!(claim_of(&leaving), None);
}

#[test]
fn a_suspended_object_keeps_its_pool() {
    let mut paused = created("a", "1", 1);
    paused.spec.suspend = true;
    let later = created("b", "2", 2);
    assert_eq!(owner(&later, &[&paused, &later]), Some("shop/a".into()));
}

#[test]
fn the_owner_is_found_across_namespaces() {
    let (mut a, b) = (created("a", "1", 1), created("a", "2", 2));
    a.metadata.namespace = Some("billing".into());
    assert_eq!(owner(&b, &[&a, &b]), Some("billing/a".into()));
}

#[test]
fn another_pool_has_another_owner() {
    let (a, mut b) = (created("a", "1", 1), created("b", "2", 2));
    b.spec.user_pool_id = "eu-west-1_Other".into();
    assert_eq!(owner(&b, &[&a, &b]), None);
}

#[test]
fn who_may_speak_otherwise_than_before_is_woken() {
    let (a, b) = (created("a", "1", 1), created("b", "2", 2));
    let mut claims = claims(&[&b]);
    assert_eq!(claims.upsert(&a), ["shop/b"]);
    assert!(claims.upsert(&a).is_empty(), "a claim that is known wakes nobody");
    let mut suspended = a.clone();
    suspended.spec.suspend = true;
    assert!(claims.upsert(&suspended).is_empty(), "a pause hands the pool to nobody");
    let mut leaving = a.clone();
    leaving.metadata.deletion_timestamp = Some(Time(at(5)));
    assert_eq!(claims.upsert(&leaving), ["shop/b"]);
    assert_eq!(claims.conflicting_owner(&b, |_| true), None);
    assert!(claims.remove("shop/a").is_empty(), "its claim was gone before");
    assert!(claims.remove("shop/b").is_empty(), "nobody is left");
}

#[test]
fn an_object_made_anew_under_its_old_name_goes_behind_the_others() {
    let (a, b) = (created("a", "1", 1), created("b", "2", 2));
    let mut claims = claims(&[&a, &b]);
    let again = created("a", "3", 3);
    assert!(claims.upsert(&again).contains(&"shop/b".into()));
    assert_eq!(claims.conflicting_owner(&again, |_| true), Some("shop/b".into()));
    assert_eq!(claims.conflicting_owner(&b, |_| true), None);
}

#[test]
fn an_object_without_rights_owns_no_pool_and_gets_it_back_with_them() {
    let (a, b, c) = (created("a", "1", 1), created("b", "2", 2), created("c", "3", 3));
    let claims = claims(&[&a, &b, &c]);
    let sees =
        |own, without: &[&str]| claims.conflicting_owner(own, |wish| !without.contains(&&*wish.namespace));
    assert_eq!(sees(&b, &[]), Some("shop/a".into()));
    assert_eq!(sees(&b, &["shop"]), None);
    assert!(claims.owner(POOL, |_| false).is_none());
    assert_eq!(claims.owner(POOL, |_| true).unwrap().object, "shop/a");
}

#[test]
fn an_object_whose_claim_is_newer_than_itself_is_not_its_own_rival() {
    let (sms, plain) = (created("a", "1", 1), created("a", "1", 1));
    let sms = UserPoolMfaConfig { spec: object(&with_sms()).spec, ..sms };
    assert_ne!(claim_of(&sms), claim_of(&plain));
    assert_eq!(owner(&sms, &[&plain]), None);
    assert_eq!(owner(&plain, &[&sms]), None);
}
