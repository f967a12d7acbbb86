//! Edits that are taken back while they are being written: the user's own revert is a change of the spec.

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, DriftPolicy, MfaMode, UserPoolMfaConfig},
    calls::failure::FailureClass,
    plan::{
        plan_for,
        step::{Cause, Step},
    },
    settings::diff::hash,
    status::{next_status::superseded_status, outcome::Outcome},
};
use serde_json::{Value, json};
use test_support::fixtures::{
    after, at, edited, failed_write, observed, off, on_totp, reconciled_fully, settled, with,
};

fn optional() -> Value {
    with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"}))
}

/// The object as `fresh` after the outcome of a write that was planned for `planned`.
fn superseded(
    planned: &UserPoolMfaConfig,
    outcome: &Outcome,
    fresh: &UserPoolMfaConfig,
) -> UserPoolMfaConfig {
    let status = superseded_status(planned, outcome, fresh, at(60)).expect("the write is remembered");
    UserPoolMfaConfig { status: Some(status), ..fresh.clone() }
}

/// A, B and A again while the write of B is on its way: Cognito accepted B.
fn reverted_in_flight(a: &Value, b: &Value) -> UserPoolMfaConfig {
    let planned = edited(&settled(a), b);
    let outcome = reconciled_fully(&planned, &observed(a));
    superseded(&planned, &outcome, &edited(&planned, a))
}

#[test]
fn a_revert_during_the_write_is_a_changed_spec_and_no_drift() {
    let object = reverted_in_flight(&on_totp(), &optional());
    let outcome = reconciled_fully(&object, &observed(&optional()));
    assert_eq!(plan_for(&object, &observed(&optional())).step, Step::Write(Cause::SpecChanged));
    let status = after(&object, &outcome, at(120)).status.unwrap();
    assert!(status.corrections.is_empty());
    assert_eq!(status.applied_hash, Some(hash(&object.spec.settings)));
}

#[test]
fn the_weakening_of_a_reverted_edit_is_remembered() {
    let object = reverted_in_flight(&on_totp(), &optional());
    assert_eq!(object.status.as_ref().unwrap().last_lowering_time, Some(at(60)));
    let object = after(&object, &reconciled_fully(&object, &observed(&optional())), at(120));
    assert_eq!(object.status.unwrap().last_lowering_time, Some(at(60)));
}

#[test]
fn the_revert_of_a_raised_mode_lowers_it_again() {
    let object = reverted_in_flight(&optional(), &on_totp());
    let plan = plan_for(&object, &observed(&on_totp()));
    assert_eq!(
        (plan.step, plan.write.mfa_configuration),
        (Step::Write(Cause::SpecChanged), MfaMode::Optional)
    );
}

#[test]
fn the_revert_of_a_commit_whose_write_timed_out_is_a_changed_spec() {
    let edit = edited(&settled(&optional()), &on_totp());
    let outcome = failed_write(&edit, &observed(&optional()), FailureClass::Transient);
    let reverted = edited(&after(&edit, &outcome, at(60)), &optional());
    for live in [on_totp(), optional()] {
        let plan = plan_for(&reverted, &observed(&live));
        assert_eq!(
            (plan.step, plan.write.mfa_configuration),
            (Step::Write(Cause::SpecChanged), MfaMode::Optional)
        );
    }
    let status =
        after(&reverted, &reconciled_fully(&reverted, &observed(&on_totp())), at(120)).status.unwrap();
    assert!(status.corrections.is_empty() && status.attempted_hash.is_none());
    assert_eq!(status.last_lowering_time, Some(at(120)));
}

#[test]
fn the_revert_of_a_commit_that_was_refused_keeps_what_was_raised_by_hand() {
    let edit = edited(&settled(&optional()), &on_totp());
    let outcome = failed_write(&edit, &observed(&optional()), FailureClass::InvalidParameter);
    let reverted = edited(&after(&edit, &outcome, at(60)), &optional());
    assert_eq!(plan_for(&reverted, &observed(&on_totp())).step, Step::StrongerThanDeclared);
}

#[test]
fn a_suspended_object_does_not_report_an_earlier_comparison_as_its_own() {
    let planned = edited(&settled(&optional()), &off());
    let outcome = reconciled_fully(&planned, &observed(&optional()));
    let mut fresh = edited(&planned, &off());
    fresh.spec.suspend = true;
    let object = after(&superseded(&planned, &outcome, &fresh), &Outcome::Suspended, at(120));
    let status = object.status.unwrap();
    let synced = status.condition(ConditionType::Synced).unwrap();
    assert_eq!((synced.status.as_str(), synced.reason.as_str()), ("Unknown", "Suspended"));
}

#[test]
fn the_drift_of_an_older_generation_is_cleared_where_the_new_one_was_not_read() {
    let raised =
        after(&settled(&optional()), &reconciled_fully(&settled(&optional()), &observed(&on_totp())), at(60));
    assert_eq!(raised.status.as_ref().unwrap().drift.len(), 1);
    let failed = |object: &UserPoolMfaConfig| {
        after(object, &test_support::fixtures::failed_read(FailureClass::AccessDenied), at(120))
            .status
            .unwrap()
    };
    let status = failed(&edited(&raised, &off()));
    assert!(status.drift.is_empty() && status.drift_summary.is_none());
    assert_eq!(status.mode.as_deref(), Some("ON"), "a fact about the pool");
    let mut same_settings = edited(&raised, &optional());
    same_settings.spec.drift_policy = DriftPolicy::Exact;
    assert_eq!(failed(&same_settings).drift.len(), 1, "the same settings were compared");
}
