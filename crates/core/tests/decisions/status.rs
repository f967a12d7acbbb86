//! What the status says after each way a pass may end, and when it is written.

use cognito_mfa_core::{
    access::accounts::Forbidden,
    api::v1alpha1::{ConditionType, UserPoolMfaConfig},
    calls::failure::FailureClass,
    plan::{
        memory::memory,
        step::{Cause, Step},
        table::plan,
    },
    settings::observed::Observed,
    status::outcome::Outcome,
};
use jiff::Timestamp;
use serde_json::json;
use test_support::{
    fixtures::{
        after, at, denied, edited, failed_read, failed_write, not_taken, object, observed, off, on_email,
        on_totp, reconciled, reconciled_well, settled, with, with_sms,
    },
    kstatus::{Kstatus, kstatus},
};

/// The conditions as `Type=Status/Reason`, in their order.
fn told(object: &UserPoolMfaConfig) -> Vec<String> {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    conditions.map(|one| format!("{}={}/{}", one.type_, one.status, one.reason)).collect()
}

#[test]
fn an_object_that_nobody_has_looked_at_is_in_progress() {
    assert_eq!(kstatus(&object(&on_totp())), Kstatus::InProgress);
}

#[test]
fn an_edit_is_in_progress_until_it_is_looked_at() {
    assert_eq!(kstatus(&settled(&on_totp())), Kstatus::Current);
    assert_eq!(kstatus(&edited(&settled(&on_totp()), &on_email())), Kstatus::InProgress);
}

#[test]
fn each_end_of_a_pass_has_its_conditions_and_its_verdict() {
    let fresh = object(&on_totp());
    let held = object(&off());
    let observer = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let (sms_stays, newer) =
        (observed(&with_sms()), Observed { unknown: vec!["New.Member".into()], ..observed(&on_totp()) });
    let stalled = |reason: &str, synced: &str| {
        vec![
            format!("Ready=False/{reason}"),
            format!("Synced={synced}/{reason}"),
            format!("Stalled=True/{reason}"),
        ]
    };
    let trying = |reason: &str, equal: &str| {
        vec![
            format!("Ready={equal}/{reason}"),
            format!("Synced={equal}/{reason}"),
            format!("Reconciling=True/{reason}"),
        ]
    };
    let equal = vec!["Ready=True/InSync".to_owned(), "Synced=True/InSync".to_owned()];
    let rests = vec!["Ready=Unknown/Suspended".to_owned(), "Synced=Unknown/Suspended".to_owned()];
    let table: Vec<(&UserPoolMfaConfig, Outcome, Vec<String>, Kstatus)> = vec![
        (&fresh, reconciled_well(&fresh, &observed(&on_totp())), equal.clone(), Kstatus::Current),
        (&fresh, reconciled_well(&fresh, &observed(&off())), equal, Kstatus::Current),
        (&fresh, Outcome::Suspended, rests, Kstatus::InProgress),
        (
            &fresh,
            Outcome::NotOwner("shop/a".into()),
            stalled("PoolOwnedByAnother", "Unknown"),
            Kstatus::Failed,
        ),
        (
            &fresh,
            denied(Forbidden::Namespace, false),
            stalled("NamespaceNotMapped", "Unknown"),
            Kstatus::Failed,
        ),
        (
            &held,
            reconciled_well(&held, &observed(&on_totp())),
            stalled("AdoptionHeld", "False"),
            Kstatus::Failed,
        ),
        (
            &fresh,
            reconciled(&fresh, &observed(&off()), &sms_stays),
            stalled("NotTaken", "False"),
            Kstatus::Failed,
        ),
        (
            &observer,
            reconciled_well(&observer, &observed(&off())),
            stalled("DriftDetected", "False"),
            Kstatus::Failed,
        ),
        (&fresh, reconciled_well(&fresh, &newer), stalled("UnknownSetting", "Unknown"), Kstatus::Failed),
        (
            &fresh,
            reconciled(&fresh, &observed(&off()), &newer),
            stalled("UnknownSetting", "Unknown"),
            Kstatus::Failed,
        ),
        (&fresh, failed_read(FailureClass::Throttled), trying("Throttled", "Unknown"), Kstatus::InProgress),
        (
            &fresh,
            failed_read(FailureClass::AccessDenied),
            trying("AccessDenied", "Unknown"),
            Kstatus::InProgress,
        ),
        (
            &fresh,
            failed_write(&fresh, &observed(&off()), FailureClass::SmsRoleNotUsable),
            trying("SmsRoleNotUsable", "False"),
            Kstatus::InProgress,
        ),
        (
            &fresh,
            failed_write(&fresh, &observed(&off()), FailureClass::InvalidParameter),
            stalled("InvalidParameter", "False"),
            Kstatus::Failed,
        ),
    ];
    for (object, outcome, conditions, verdict) in table {
        let after = after(object, &outcome, at(0));
        assert_eq!(told(&after), conditions);
        assert_eq!(kstatus(&after), verdict, "{conditions:?}");
    }
}

#[test]
fn the_generation_of_a_status_and_its_conditions_is_the_objects() {
    let object = edited(&settled(&on_totp()), &on_email());
    let object = after(&object, &reconciled_well(&object, &observed(&on_totp())), at(9));
    let status = object.status.unwrap();
    assert_eq!(status.observed_generation, Some(2));
    assert!(status.conditions.iter().all(|condition| condition.observed_generation == Some(2)));
}

#[test]
fn synced_tells_of_the_last_check_while_a_pass_cannot_see_the_pool() {
    for outcome in [failed_read(FailureClass::Transient), Outcome::Suspended] {
        let object = after(&settled(&on_totp()), &outcome, at(60));
        let status = object.status.as_ref().unwrap();
        assert_eq!(status.condition(ConditionType::Synced).unwrap().status, "True");
        assert_ne!(status.condition(ConditionType::Ready).unwrap().status, "True");
    }
}

#[test]
fn who_lost_the_pool_and_inherits_it_meets_it_anew() {
    for outcome in [Outcome::NotOwner("shop/a".into()), denied(Forbidden::Pool, true)] {
        let lost = after(&settled(&on_totp()), &outcome, at(60));
        let status = lost.status.as_ref().unwrap();
        assert_eq!(
            (status.condition(ConditionType::Synced).unwrap().status.as_str(), &status.applied_hash),
            ("Unknown", &None)
        );
        let more = observed(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})));
        assert_eq!(plan(&lost.spec, &more, &memory(&lost)).step, Step::Hold);
    }
}

#[test]
fn who_lost_its_rights_and_gets_them_back_goes_on_where_it_was() {
    let before = settled(&on_totp());
    let denied = after(&before, &denied(Forbidden::Namespace, false), at(60));
    let (was, is) = (before.status.as_ref().unwrap(), denied.status.as_ref().unwrap());
    assert_eq!(
        (&is.applied_hash, is.condition(ConditionType::Synced)),
        (&was.applied_hash, was.condition(ConditionType::Synced))
    );
    assert_eq!(plan(&denied.spec, &observed(&on_totp()), &memory(&denied)).step, Step::InSync);
}

#[test]
fn a_failed_correction_of_a_pool_with_residue_is_tried_again() {
    for class in FailureClass::all() {
        let residue = not_taken();
        let drifted = observed(&with(&with_sms(), &json!({"mfaConfiguration": "OFF"})));
        let failed = after(&residue, &failed_write(&residue, &drifted, class), at(60));
        assert_eq!(
            plan(&failed.spec, &drifted, &memory(&failed)).step,
            Step::Write(Cause::Drift),
            "{class:?}"
        );
    }
}

#[test]
fn drift_that_came_while_an_answer_was_unknown_is_not_taken_for_residue() {
    let residue = not_taken();
    let drifted = observed(&with(&with_sms(), &json!({"mfaConfiguration": "OFF"})));
    let unknown = Observed { unknown: vec!["NewSection".into()], ..drifted.clone() };
    let seen = after(&residue, &reconciled_well(&residue, &unknown), at(60));
    assert_eq!(plan(&seen.spec, &drifted, &memory(&seen)).step, Step::Write(Cause::Drift));
}

#[test]
fn synced_is_unknown_for_settings_that_cognito_was_never_asked_about() {
    let object =
        after(&edited(&settled(&on_totp()), &on_email()), &failed_read(FailureClass::Transient), at(60));
    assert_eq!(object.status.unwrap().condition(ConditionType::Synced).unwrap().status, "Unknown");
}

#[test]
fn a_time_moves_only_when_its_status_does_and_reconcilings_with_its_reason() {
    let time = |object: &UserPoolMfaConfig, type_: ConditionType| -> Timestamp {
        object.status.as_ref().unwrap().condition(type_).unwrap().last_transition_time.0
    };
    let object = settled(&on_totp());
    let failing = after(&object, &failed_read(FailureClass::Transient), at(60));
    assert_eq!(
        (time(&failing, ConditionType::Ready), time(&failing, ConditionType::Synced)),
        (at(60), at(0))
    );
    let again = after(&failing, &failed_read(FailureClass::Transient), at(100));
    assert_eq!(
        (time(&again, ConditionType::Ready), time(&again, ConditionType::Reconciling)),
        (at(60), at(60))
    );
    let other = after(&again, &failed_read(FailureClass::Throttled), at(120));
    assert_eq!(
        (time(&other, ConditionType::Ready), time(&other, ConditionType::Reconciling)),
        (at(60), at(120))
    );
    let good = after(&other, &reconciled_well(&other, &observed(&on_totp())), at(180));
    assert_eq!((time(&good, ConditionType::Ready), time(&good, ConditionType::Synced)), (at(180), at(0)));
    assert!(good.status.unwrap().condition(ConditionType::Reconciling).is_none());
}
