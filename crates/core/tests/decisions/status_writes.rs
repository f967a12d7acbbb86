//! What the status remembers, and when it is written.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, RECONCILE_REQUESTED_AT, UserPoolMfaConfig},
    calls::failure::{FailureClass, Operation},
    plan::{memory::is_planned_alike, plan_for, step::Step},
    settings::diff::hash,
    status::{
        event::for_outcome,
        next_status::{invalid_status, next_status, superseded_status},
        outcome::Outcome,
    },
};
use serde_json::json;
use test_support::{
    fixtures::{
        after, at, edited, failed_read, failed_write, not_taken, object, observed, off, on_email, on_totp,
        reconciled_well, settings, settled, with, with_sms,
    },
    kstatus::{Kstatus, kstatus},
};

#[test]
fn nothing_is_written_when_nothing_changed() {
    let mut object = object(&on_totp());
    for outcome in [
        reconciled_well(&settled(&on_totp()), &observed(&on_totp())),
        failed_read(FailureClass::Transient),
        failed_read(FailureClass::InvalidParameter),
        Outcome::Suspended,
        Outcome::NotOwner("shop/a".into()),
    ] {
        object = after(&object, &outcome, at(0));
        assert!(next_status(&object, &outcome, at(3_600)).is_none(), "{outcome:?}");
    }
}

#[test]
fn last_verified_time_alone_is_written_once_a_day() {
    let object = settled(&on_totp());
    let check = reconciled_well(&object, &observed(&on_totp()));
    let day = i64::try_from(Duration::from_hours(24).as_secs()).unwrap();
    assert!(next_status(&object, &check, at(day - 1)).is_none());
    let written = next_status(&object, &check, at(day)).unwrap();
    assert_eq!(written.last_verified_time, Some(at(day)));
    // A pass that did not see the pool verifies nothing, however long ago the last one is.
    let failing = after(&object, &failed_read(FailureClass::Transient), at(60));
    assert_eq!(failing.status.as_ref().unwrap().last_verified_time, Some(at(0)));
    assert!(next_status(&failing, &failed_read(FailureClass::Transient), at(2 * day)).is_none());
}

#[test]
fn last_verified_time_is_refreshed_with_other_writes() {
    let object = settled(&on_totp());
    let corrected = after(&object, &reconciled_well(&object, &observed(&off())), at(60));
    assert_eq!(corrected.status.unwrap().last_verified_time, Some(at(60)));
}

#[test]
fn a_correction_is_kept_with_its_fields_and_the_last_five_are() {
    let mut object = settled(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})));
    for minute in 1..=7 {
        object = after(&object, &reconciled_well(&object, &observed(&on_totp())), at(60 * minute));
    }
    let corrections = &object.status.as_ref().unwrap().corrections;
    let times: Vec<_> = corrections.iter().map(|correction| correction.time).collect();
    assert_eq!(times, [3, 4, 5, 6, 7].map(|minute| at(60 * minute)));
    assert!(corrections.iter().all(|one| one.fields == ["emailMfaConfiguration"] && !one.lowered));
}

#[test]
fn a_correction_says_when_it_lowered_what_somebody_had_raised() {
    let object = settled(&with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"})));
    let object = after(&object, &reconciled_well(&object, &observed(&on_totp())), at(60));
    assert!(object.status.unwrap().corrections[0].lowered);
}

#[test]
fn neither_adoption_nor_a_change_nor_a_failed_set_is_a_correction() {
    let adopted = settled(&on_totp());
    let changed = edited(&adopted, &on_email());
    let changed = after(&changed, &reconciled_well(&changed, &observed(&on_totp())), at(60));
    let failed = after(&adopted, &failed_write(&adopted, &observed(&off()), FailureClass::Throttled), at(60));
    for object in [adopted, changed, failed] {
        assert!(object.status.unwrap().corrections.is_empty());
    }
}

#[test]
fn last_error_has_awss_words_and_goes_with_the_next_success() {
    let object = settled(&on_totp());
    let failing = after(
        &object,
        &failed_write(&object, &observed(&off()), FailureClass::FeatureUnavailableInTier),
        at(60),
    );
    let error = failing.status.as_ref().unwrap().last_error.clone().unwrap();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("SomeException", "AWS says why."));
    assert_eq!(error.operation.as_deref(), Some(Operation::Set.as_str()));
    let good = after(&failing, &reconciled_well(&failing, &observed(&off())), at(120));
    assert_eq!(good.status.as_ref().unwrap().last_error, None);
    assert_eq!(kstatus(&good), Kstatus::Current);
}

#[test]
fn drift_is_shown_while_it_exists_with_both_sides() {
    let held = object(&off());
    let held = after(&held, &reconciled_well(&held, &observed(&on_totp())), at(0));
    let status = held.status.as_ref().unwrap();
    assert_eq!(status.drift_summary.as_deref(), Some("mfaConfiguration"));
    assert_eq!(
        (status.drift[0].declared.as_deref(), status.drift[0].found.as_deref()),
        (Some("OFF"), Some("ON"))
    );
    assert_eq!((status.mode.as_deref(), status.factors.as_deref()), (Some("ON"), Some("TOTP")));
    let equal = after(&held, &reconciled_well(&held, &observed(&off())), at(60));
    let status = equal.status.unwrap();
    assert!(status.drift.is_empty() && status.drift_summary.is_none() && status.factors.is_none());
}

#[test]
fn what_was_observed_stays_while_the_pool_cannot_be_seen() {
    let object = after(&not_taken(), &failed_read(FailureClass::Transient), at(60));
    let status = object.status.unwrap();
    assert_eq!(status.observed, Some(settings(&with_sms())));
    assert_eq!(status.drift_summary.as_deref(), Some("smsMfaConfiguration"));
}

#[test]
fn the_applied_hash_is_remembered_only_of_what_cognito_accepted() {
    let hash = |object: &UserPoolMfaConfig| object.status.as_ref().unwrap().applied_hash.clone();
    let adopted = settled(&on_totp());
    assert!(hash(&adopted).is_some());
    let held = object(&off());
    let observer = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let fresh = object(&on_totp());
    for (object, outcome) in [
        (&held, reconciled_well(&held, &observed(&on_totp()))),
        (&observer, reconciled_well(&observer, &observed(&on_totp()))),
        (&fresh, failed_write(&fresh, &observed(&off()), FailureClass::Transient)),
        (&fresh, Outcome::Suspended),
    ] {
        assert_eq!(hash(&after(object, &outcome, at(0))), None);
    }
    let changed = edited(&adopted, &on_email());
    let failed =
        after(&changed, &failed_write(&changed, &observed(&on_totp()), FailureClass::Transient), at(60));
    assert_eq!(hash(&failed), hash(&adopted));
}

#[test]
fn what_was_accepted_for_an_older_declaration_is_remembered_beside_the_change() {
    let planned = object(&on_totp());
    let set = reconciled_well(&planned, &observed(&off()));
    let changed = edited(&planned, &on_email());
    let told = superseded_status(&planned, &set, &changed, at(50)).unwrap();
    assert_eq!(told.applied_hash, Some(hash(&planned.spec.settings)));
    assert!(
        superseded_status(&planned, &set, &UserPoolMfaConfig { status: Some(told), ..changed }, at(50))
            .is_none()
    );
}

/// Forgotten, the change would be set again after the next failed check.
#[test]
fn what_was_accepted_for_an_older_declaration_does_not_hide_that_the_change_was_accepted_since() {
    let planned = object(&on_totp());
    let set = reconciled_well(&planned, &observed(&off()));
    let changed = edited(&planned, &on_email());
    let set_by_another = after(&changed, &reconciled_well(&changed, &observed(&off())), at(60));
    assert!(superseded_status(&planned, &set, &set_by_another, at(50)).is_none());
}

#[test]
fn an_annotation_is_remembered_once_it_was_acted_on() {
    let mut object = settled(&on_totp());
    let annotations = [(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())];
    object.metadata.annotations = Some(annotations.into());
    let object = after(&object, &reconciled_well(&object, &observed(&on_totp())), at(60));
    assert_eq!(object.status.as_ref().unwrap().last_handled_reconcile_at.as_deref(), Some("now"));
    assert!(next_status(&object, &reconciled_well(&object, &observed(&on_totp())), at(90)).is_none());
}

#[test]
fn a_write_that_is_repeated_after_a_conflict_counts_a_correction_once() {
    let object = settled(&on_totp());
    let correction = reconciled_well(&object, &observed(&off()));
    let written = after(&object, &correction, at(60));
    assert!(next_status(&written, &correction, at(60)).is_none());
}

#[test]
fn an_object_that_cannot_be_read_says_why_and_keeps_its_memory() {
    let before = settled(&on_totp()).status.unwrap();
    let status = invalid_status(&before, 2, "spec.x is unknown", at(60)).unwrap();
    assert_eq!(status.applied_hash, before.applied_hash);
    assert!(status.condition(ConditionType::Stalled).unwrap().message.contains("spec.x is unknown"));
    assert!(invalid_status(&status, 2, "spec.x is unknown", at(90)).is_none());
    let mut object = edited(&settled(&on_totp()), &on_totp());
    object.status = Some(status);
    assert_eq!(kstatus(&object), Kstatus::Failed);
}

#[test]
fn a_lowering_whose_answer_never_came_is_remembered_and_told_as_one_that_may_have_been() {
    let changed = edited(&settled(&on_totp()), &off());
    let open = failed_write(&changed, &observed(&on_totp()), FailureClass::Transient);
    assert_eq!(after(&changed, &open, at(9)).status.unwrap().last_lowering_time, Some(at(9)));
    let told = for_outcome(&changed, &open, true).expect("an event");
    assert!(
        told.warning && told.note.contains("would have lowered protection: mode ON to OFF"),
        "{}",
        told.note
    );
    let refused = failed_write(&changed, &observed(&on_totp()), FailureClass::InvalidParameter);
    assert_eq!(after(&changed, &refused, at(9)).status.unwrap().last_lowering_time, None);
}

#[test]
fn an_object_that_only_observed_meanwhile_meets_its_pool_anew() {
    let observing = edited(&settled(&on_totp()), &with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let seen = after(&observing, &reconciled_well(&observing, &observed(&on_totp())), at(9));
    assert_eq!(seen.status.as_ref().unwrap().applied_hash, None);
    let again = edited(&seen, &on_totp());
    assert_eq!(plan_for(&again, &observed(&with_sms())).step, Step::Hold);
}

#[test]
fn a_pass_stands_while_identity_spec_deletion_and_memory_are_the_same() {
    let planned = settled(&on_totp());
    let other = |change: &dyn Fn(&mut UserPoolMfaConfig)| {
        let mut fresh = planned.clone();
        change(&mut fresh);
        is_planned_alike(&planned, &fresh)
    };
    assert!(other(&|_| {}));
    assert!(other(&|fresh| fresh.metadata.resource_version = Some("9".into())));
    assert!(!other(&|fresh| fresh.metadata.uid = Some("another".into())));
    assert!(!other(&|fresh| fresh.metadata.generation = Some(2)));
    assert!(!other(&|fresh| fresh.metadata.deletion_timestamp = fresh.metadata.creation_timestamp.clone()));
    assert!(!other(&|fresh| fresh.status.as_mut().unwrap().applied_hash = None));
    assert!(!other(&|fresh| fresh.status.as_mut().unwrap().observed = None));
    assert!(!other(&|fresh| fresh.status.as_mut().unwrap().conditions[1].reason = "NotTaken".into()));
}

#[test]
fn what_an_overtaken_set_lowered_is_remembered_and_what_lowered_nothing_is_not() {
    let told = |declared: &serde_json::Value, found: &serde_json::Value| {
        let planned = edited(&settled(&on_totp()), declared);
        let fresh = edited(&planned, &on_email());
        superseded_status(&planned, &reconciled_well(&planned, &observed(found)), &fresh, at(50))
            .unwrap()
            .last_lowering_time
    };
    assert_eq!(told(&off(), &on_totp()), Some(at(50)));
    assert_eq!(told(&with_sms(), &on_totp()), None);
}
