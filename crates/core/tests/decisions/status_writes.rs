//! Writes of the status: when it is written, and what it remembers.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, RECONCILE_REQUESTED_AT, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::{FailureClass, Operation},
    plan::{memory::has_same_plan, plan_for, step::Step},
    settings::diff::hash,
    status::{
        event::for_outcome,
        next_status::{invalid_status, next_status, superseded_status},
        outcome::Outcome,
    },
};
use serde_json::{Value, json};
use test_support::{
    fixtures::{
        after, at, edited, failed_read, failed_write, first_check, not_taken, object, observed, off,
        on_email, on_totp, reconciled_fully, settings, settled, with, with_sms,
    },
    kstatus::{Kstatus, kstatus},
};

#[test]
fn nothing_is_written_when_nothing_changed() {
    let mut object = object(&on_totp());
    for outcome in [
        reconciled_fully(&settled(&on_totp()), &observed(&on_totp())),
        failed_read(FailureClass::Transient),
        failed_read(FailureClass::InvalidParameter),
        Outcome::Suspended,
        Outcome::NotOwner("shop/a".into()),
    ] {
        object = after(&object, &outcome, at(0));
        assert!(next_status(&object, &outcome, first_check(), at(3_600)).is_none(), "{outcome:?}");
    }
}

#[test]
fn an_unchanged_status_is_written_once_a_day_for_last_verified_time() {
    let object = settled(&on_totp());
    let check = reconciled_fully(&object, &observed(&on_totp()));
    let day = i64::try_from(Duration::from_hours(24).as_secs()).unwrap();
    assert!(next_status(&object, &check, first_check(), at(day - 1)).is_none());
    let written = next_status(&object, &check, first_check(), at(day)).unwrap();
    assert_eq!(written.last_verified_time, Some(at(day)));
    // A failed read verifies nothing, so last_verified_time stays.
    let failing = after(&object, &failed_read(FailureClass::Transient), at(60));
    assert_eq!(failing.status.as_ref().unwrap().last_verified_time, Some(at(0)));
    assert!(
        next_status(&failing, &failed_read(FailureClass::Transient), first_check(), at(2 * day)).is_none()
    );
}

#[test]
fn last_verified_time_is_updated_by_other_writes() {
    let object = settled(&on_totp());
    let corrected = after(&object, &reconciled_fully(&object, &observed(&off())), at(60));
    assert_eq!(corrected.status.unwrap().last_verified_time, Some(at(60)));
}

#[test]
fn the_status_keeps_the_last_five_corrections_with_their_fields() {
    let mut object = settled(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})));
    for minute in 1..=7 {
        object = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(60 * minute));
    }
    let corrections = &object.status.as_ref().unwrap().corrections;
    let times: Vec<_> = corrections.iter().map(|correction| correction.time).collect();
    assert_eq!(times, [3, 4, 5, 6, 7].map(|minute| at(60 * minute)));
    assert!(corrections.iter().all(|one| one.fields == ["emailMfaConfiguration"] && !one.lowered));
}

#[test]
fn a_correction_that_weakens_mfa_is_marked_lowered() {
    let object = settled(&with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL", "driftPolicy": "Exact"})));
    let object = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(60));
    assert!(object.status.unwrap().corrections[0].lowered);
}

/// Such a time would count against the hourly limit after each start.
#[test]
fn a_time_of_a_weakening_write_that_is_ahead_of_the_clock_is_put_right() {
    let mut object = settled(&on_totp());
    object.status.as_mut().unwrap().last_lowering_time = Some(at(1_000_000));
    let checked = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(60));
    assert_eq!(checked.status.unwrap().last_lowering_time, Some(at(60)));
}

#[test]
fn adoptions_spec_changes_and_failed_writes_are_not_corrections() {
    let adopted = settled(&on_totp());
    let changed = edited(&adopted, &on_email());
    let changed = after(&changed, &reconciled_fully(&changed, &observed(&on_totp())), at(60));
    let failed = after(&adopted, &failed_write(&adopted, &observed(&off()), FailureClass::Throttled), at(60));
    for object in [adopted, changed, failed] {
        assert!(object.status.unwrap().corrections.is_empty());
    }
}

#[test]
fn last_error_has_the_message_of_aws_until_the_next_success() {
    let object = settled(&on_totp());
    let failing = after(
        &object,
        &failed_write(&object, &observed(&off()), FailureClass::FeatureUnavailableInTier),
        at(60),
    );
    let error = failing.status.as_ref().unwrap().last_error.clone().unwrap();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("SomeException", "AWS says why."));
    assert_eq!(error.operation.as_deref(), Some(Operation::Set.as_str()));
    let good = after(&failing, &reconciled_fully(&failing, &observed(&off())), at(120));
    assert_eq!(good.status.as_ref().unwrap().last_error, None);
    assert_eq!(kstatus(&good), Kstatus::Current);
}

#[test]
fn drift_is_shown_with_both_values_while_it_exists() {
    let on_hold = object(&off());
    let on_hold = after(&on_hold, &reconciled_fully(&on_hold, &observed(&on_totp())), at(0));
    let status = on_hold.status.as_ref().unwrap();
    assert_eq!(status.drift_summary.as_deref(), Some("mfaConfiguration"));
    assert_eq!(
        (status.drift[0].declared.as_deref(), status.drift[0].found.as_deref()),
        (Some("OFF"), Some("ON"))
    );
    assert_eq!((status.mode.as_deref(), status.factors.as_deref()), (Some("ON"), Some("TOTP")));
    let equal = after(&on_hold, &reconciled_fully(&on_hold, &observed(&off())), at(60));
    let status = equal.status.unwrap();
    assert!(status.drift.is_empty() && status.drift_summary.is_none() && status.factors.is_none());
}

#[test]
fn the_observed_settings_stay_while_the_pool_cannot_be_read() {
    let object = after(&not_taken(), &failed_read(FailureClass::Transient), at(60));
    let status = object.status.unwrap();
    assert_eq!(status.observed, Some(settings(&with_sms())));
    assert_eq!(status.drift_summary.as_deref(), Some("smsMfaConfiguration"));
}

#[test]
fn the_applied_hash_is_of_settings_that_cognito_accepted() {
    let hash = |object: &UserPoolMfaConfig| object.status.as_ref().unwrap().applied_hash.clone();
    let adopted = settled(&on_totp());
    assert!(hash(&adopted).is_some());
    let on_hold = object(&off());
    let observer = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let fresh = object(&on_totp());
    for (object, outcome) in [
        (&on_hold, reconciled_fully(&on_hold, &observed(&on_totp()))),
        (&observer, reconciled_fully(&observer, &observed(&on_totp()))),
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
fn a_write_for_an_older_generation_is_remembered_in_the_edited_objects_status() {
    let planned = object(&on_totp());
    let written = reconciled_fully(&planned, &observed(&off()));
    let changed = edited(&planned, &on_email());
    let status = superseded_status(&planned, &written, &changed, at(50)).unwrap();
    assert_eq!(status.applied_hash, Some(hash(&planned.spec.settings)));
    let changed = UserPoolMfaConfig { status: Some(status), ..changed };
    assert!(superseded_status(&planned, &written, &changed, at(50)).is_none());
}

/// Otherwise the newer settings would be written again after the next failed check.
#[test]
fn a_write_for_an_older_generation_does_not_replace_the_hash_of_a_newer_one() {
    let planned = object(&on_totp());
    let written = reconciled_fully(&planned, &observed(&off()));
    let changed = edited(&planned, &on_email());
    let changed = after(&changed, &reconciled_fully(&changed, &observed(&off())), at(60));
    assert!(superseded_status(&planned, &written, &changed, at(50)).is_none());
}

#[test]
fn a_handled_reconcile_request_is_remembered() {
    let mut object = settled(&on_totp());
    let annotations = [(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())];
    object.metadata.annotations = Some(annotations.into());
    let object = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(60));
    assert_eq!(object.status.as_ref().unwrap().last_handled_reconcile_at.as_deref(), Some("now"));
    assert!(
        next_status(&object, &reconciled_fully(&object, &observed(&on_totp())), first_check(), at(90))
            .is_none()
    );
}

/// The write that the request asked for was not made yet.
#[test]
fn a_reconcile_request_outlives_a_passing_failure() {
    let mut object = not_taken();
    object.metadata.annotations = Some([(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())].into());
    let handled = |class| {
        let failed = after(&object, &failed_write(&object, &observed(&with_sms()), class), at(60));
        failed.status.unwrap().last_handled_reconcile_at
    };
    assert_eq!(handled(FailureClass::Throttled), None);
    assert_eq!(handled(FailureClass::InvalidParameter).as_deref(), Some("now"));
}

#[test]
fn a_status_write_repeated_after_a_conflict_has_the_correction_once() {
    let object = settled(&on_totp());
    let correction = reconciled_fully(&object, &observed(&off()));
    let written = after(&object, &correction, at(60));
    assert!(next_status(&written, &correction, first_check(), at(60)).is_none());
}

#[test]
fn an_invalid_object_reports_why_and_keeps_its_memory() {
    let before = settled(&on_totp()).status.unwrap();
    let status = invalid_status(&before, 2, "spec.x is unknown", at(60)).unwrap();
    assert_eq!(status.applied_hash, before.applied_hash);
    assert!(status.condition(ConditionType::Stalled).unwrap().message.contains("spec.x is unknown"));
    let drifted = UserPoolMfaConfigStatus { drift: not_taken().status.unwrap().drift, ..before.clone() };
    assert!(invalid_status(&drifted, 2, "spec.x is unknown", at(60)).unwrap().drift.is_empty());
    assert!(invalid_status(&status, 2, "spec.x is unknown", at(90)).is_none());
    let mut object = edited(&settled(&on_totp()), &on_totp());
    object.status = Some(status);
    assert_eq!(kstatus(&object), Kstatus::Failed);
}

#[test]
fn a_weakening_write_of_unknown_result_is_remembered_and_reported() {
    let changed = edited(&settled(&on_totp()), &off());
    let unknown = failed_write(&changed, &observed(&on_totp()), FailureClass::Transient);
    assert_eq!(after(&changed, &unknown, at(9)).status.unwrap().last_lowering_time, Some(at(9)));
    let event = for_outcome(&changed, &unknown, true).expect("an event");
    assert!(
        event.warning && event.note.contains("would have lowered protection: mode ON to OFF"),
        "{}",
        event.note
    );
    let refused = failed_write(&changed, &observed(&on_totp()), FailureClass::InvalidParameter);
    assert_eq!(after(&changed, &refused, at(9)).status.unwrap().last_lowering_time, None);
}

#[test]
fn an_object_that_observed_in_between_adopts_its_pool_again() {
    let observing = edited(&settled(&on_totp()), &with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let observing = after(&observing, &reconciled_fully(&observing, &observed(&on_totp())), at(9));
    assert_eq!(observing.status.as_ref().unwrap().applied_hash, None);
    let enforcing = edited(&observing, &on_totp());
    assert_eq!(plan_for(&enforcing, &observed(&with_sms())).step, Step::HoldAdoption);
}

#[test]
fn a_plan_is_valid_while_identity_spec_deletion_and_memory_are_unchanged() {
    let planned = settled(&on_totp());
    let is_valid_after = |change: &dyn Fn(&mut UserPoolMfaConfig)| {
        let mut fresh = planned.clone();
        change(&mut fresh);
        has_same_plan(&planned, &fresh)
    };
    assert!(is_valid_after(&|_| {}));
    assert!(is_valid_after(&|fresh| fresh.metadata.resource_version = Some("9".into())));
    assert!(!is_valid_after(&|fresh| fresh.metadata.uid = Some("another".into())));
    assert!(!is_valid_after(&|fresh| fresh.metadata.generation = Some(2)));
    assert!(!is_valid_after(
        &|fresh| fresh.metadata.deletion_timestamp = fresh.metadata.creation_timestamp.clone()
    ));
    assert!(!is_valid_after(&|fresh| fresh.status.as_mut().unwrap().applied_hash = None));
    assert!(!is_valid_after(&|fresh| fresh.status.as_mut().unwrap().observed = None));
    assert!(
        !is_valid_after(&|fresh| fresh.status.as_mut().unwrap().conditions[1].reason = "NotTaken".into())
    );
}

#[test]
fn a_superseded_write_is_remembered_as_a_lowering_only_if_it_weakened() {
    let last_lowering_time = |declared: &Value, before: &Value| {
        let planned = edited(&settled(&on_totp()), declared);
        let fresh = edited(&planned, &on_email());
        superseded_status(&planned, &reconciled_fully(&planned, &observed(before)), &fresh, at(50))
            .unwrap()
            .last_lowering_time
    };
    assert_eq!(last_lowering_time(&off(), &on_totp()), Some(at(50)));
    assert_eq!(last_lowering_time(&with_sms(), &on_totp()), None);
}
