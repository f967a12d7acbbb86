//! The conditions and the memory in the status after each outcome.

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
        on_totp, reconciled, reconciled_fully, settled, with, with_sms,
    },
    kstatus::{Kstatus, kstatus},
};

/// The conditions as `Type=Status/Reason`, in their order.
fn conditions(object: &UserPoolMfaConfig) -> Vec<String> {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    conditions.map(|one| format!("{}={}/{}", one.type_, one.status, one.reason)).collect()
}

#[test]
fn a_new_object_is_in_progress() {
    assert_eq!(kstatus(&object(&on_totp())), Kstatus::InProgress);
}

#[test]
fn an_edited_object_is_in_progress_until_it_is_reconciled() {
    assert_eq!(kstatus(&settled(&on_totp())), Kstatus::Current);
    assert_eq!(kstatus(&edited(&settled(&on_totp()), &on_email())), Kstatus::InProgress);
}

#[test]
fn each_outcome_has_its_conditions_and_its_kstatus() {
    let fresh = object(&on_totp());
    let on_hold = object(&off());
    let observer = object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let (sms_left, newer) =
        (observed(&with_sms()), Observed { unknown: vec!["New.Member".into()], ..observed(&on_totp()) });
    let stalled = |reason: &str, synced: &str| {
        vec![
            format!("Ready=False/{reason}"),
            format!("Synced={synced}/{reason}"),
            format!("Stalled=True/{reason}"),
        ]
    };
    let reconciling = |reason: &str, status: &str| {
        vec![
            format!("Ready={status}/{reason}"),
            format!("Synced={status}/{reason}"),
            format!("Reconciling=True/{reason}"),
        ]
    };
    let in_sync = vec!["Ready=True/InSync".to_owned(), "Synced=True/InSync".to_owned()];
    let suspended = vec!["Ready=Unknown/Suspended".to_owned(), "Synced=Unknown/Suspended".to_owned()];
    let table: Vec<(&UserPoolMfaConfig, Outcome, Vec<String>, Kstatus)> = vec![
        (&fresh, reconciled_fully(&fresh, &observed(&on_totp())), in_sync.clone(), Kstatus::Current),
        (&fresh, reconciled_fully(&fresh, &observed(&off())), in_sync, Kstatus::Current),
        (&fresh, Outcome::Suspended, suspended, Kstatus::InProgress),
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
            &on_hold,
            reconciled_fully(&on_hold, &observed(&on_totp())),
            stalled("AdoptionHeld", "False"),
            Kstatus::Failed,
        ),
        (
            &fresh,
            reconciled(&fresh, &observed(&off()), &sms_left),
            stalled("NotTaken", "False"),
            Kstatus::Failed,
        ),
        (
            &observer,
            reconciled_fully(&observer, &observed(&off())),
            stalled("DriftDetected", "False"),
            Kstatus::Failed,
        ),
        (&fresh, reconciled_fully(&fresh, &newer), stalled("UnknownSetting", "Unknown"), Kstatus::Failed),
        (
            &fresh,
            reconciled(&fresh, &observed(&off()), &newer),
            stalled("UnknownSetting", "Unknown"),
            Kstatus::Failed,
        ),
        (
            &fresh,
            failed_read(FailureClass::Throttled),
            reconciling("Throttled", "Unknown"),
            Kstatus::InProgress,
        ),
        (
            &fresh,
            failed_read(FailureClass::AccessDenied),
            reconciling("AccessDenied", "Unknown"),
            Kstatus::InProgress,
        ),
        (
            &fresh,
            failed_write(&fresh, &observed(&off()), FailureClass::SmsRoleNotUsable),
            reconciling("SmsRoleNotUsable", "False"),
            Kstatus::InProgress,
        ),
        (
            &fresh,
            failed_write(&fresh, &observed(&off()), FailureClass::InvalidParameter),
            stalled("InvalidParameter", "False"),
            Kstatus::Failed,
        ),
    ];
    for (object, outcome, expected, expected_kstatus) in table {
        let after = after(object, &outcome, at(0));
        assert_eq!(conditions(&after), expected);
        assert_eq!(kstatus(&after), expected_kstatus, "{expected:?}");
    }
}

#[test]
fn the_status_and_its_conditions_have_the_objects_generation() {
    let object = edited(&settled(&on_totp()), &on_email());
    let object = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(9));
    let status = object.status.unwrap();
    assert_eq!(status.observed_generation, Some(2));
    assert!(status.conditions.iter().all(|condition| condition.observed_generation == Some(2)));
}

#[test]
fn synced_keeps_the_last_result_while_the_object_is_suspended() {
    let suspended = edited(&settled(&on_totp()), &with(&on_totp(), &json!({"suspend": true})));
    let object = after(&suspended, &Outcome::Suspended, at(60));
    let status = object.status.as_ref().unwrap();
    assert_eq!(status.condition(ConditionType::Synced).unwrap().status, "True");
    assert_eq!(status.condition(ConditionType::Ready).unwrap().status, "Unknown");
}

#[test]
fn an_object_that_lost_its_pool_adopts_it_again() {
    for outcome in [Outcome::NotOwner("shop/a".into()), denied(Forbidden::Pool, true)] {
        let lost = after(&settled(&on_totp()), &outcome, at(60));
        let status = lost.status.as_ref().unwrap();
        assert_eq!(
            (status.condition(ConditionType::Synced).unwrap().status.as_str(), &status.applied_hash),
            ("Unknown", &None)
        );
        let with_email = observed(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})));
        assert_eq!(plan(&lost.spec, &with_email, &memory(&lost)).step, Step::HoldAdoption);
    }
}

#[test]
fn a_denied_object_keeps_its_memory() {
    let before = settled(&on_totp());
    let denied = after(&before, &denied(Forbidden::Namespace, false), at(60));
    let memory_of = |object: &UserPoolMfaConfig| {
        let status = object.status.clone().unwrap();
        (status.applied_hash.clone(), status.condition(ConditionType::Synced).cloned())
    };
    assert_eq!(memory_of(&denied), memory_of(&before));
    assert_eq!(plan(&denied.spec, &observed(&on_totp()), &memory(&denied)).step, Step::InSync);
}

#[test]
fn a_failed_correction_of_a_pool_with_residue_is_written_again() {
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
fn drift_during_an_unknown_setting_is_not_mistaken_for_residue() {
    let residue = not_taken();
    let drifted = observed(&with(&with_sms(), &json!({"mfaConfiguration": "OFF"})));
    let unknown = Observed { unknown: vec!["NewSection".into()], ..drifted.clone() };
    let checked = after(&residue, &reconciled_fully(&residue, &unknown), at(60));
    assert_eq!(plan(&checked.spec, &drifted, &memory(&checked)).step, Step::Write(Cause::Drift));
}

#[test]
fn synced_is_unknown_for_an_edit_before_its_first_successful_read() {
    let object =
        after(&edited(&settled(&on_totp()), &on_email()), &failed_read(FailureClass::Transient), at(60));
    assert_eq!(object.status.unwrap().condition(ConditionType::Synced).unwrap().status, "Unknown");
}

#[test]
fn a_transition_time_moves_with_its_status() {
    let time = |object: &UserPoolMfaConfig, type_: ConditionType| -> Timestamp {
        object.status.as_ref().unwrap().condition(type_).unwrap().last_transition_time.0
    };
    let object = settled(&on_totp());
    let failing = after(&object, &failed_read(FailureClass::AccessDenied), at(60));
    assert_eq!(
        (time(&failing, ConditionType::Ready), time(&failing, ConditionType::Synced)),
        (at(60), at(0))
    );
    let again = after(&failing, &failed_read(FailureClass::AccessDenied), at(100));
    assert_eq!(
        (time(&again, ConditionType::Ready), time(&again, ConditionType::Reconciling)),
        (at(60), at(60))
    );
    let other = after(&again, &failed_read(FailureClass::Credentials), at(120));
    assert_eq!(
        (time(&other, ConditionType::Ready), time(&other, ConditionType::Reconciling)),
        (at(60), at(60)),
        "classes with a grace period share it"
    );
    let good = after(&other, &reconciled_fully(&other, &observed(&on_totp())), at(180));
    assert_eq!((time(&good, ConditionType::Ready), time(&good, ConditionType::Synced)), (at(180), at(0)));
    assert!(good.status.unwrap().condition(ConditionType::Reconciling).is_none());
}
