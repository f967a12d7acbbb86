//! Approvals: which annotation releases a weakening write from the hourly limit, and for how long.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ALLOW_LOWERING, ConditionType, UserPoolMfaConfig},
    calls::failure::FailureClass,
    plan::{
        approval::{ApprovalTarget, approval_target, is_approved},
        budget::WeakeningBudget,
        hold::{Hold, Now, check_hold},
        plan_for,
    },
    schedule::requeue,
    settings::{diff, observed::Observed},
    status::{next_status::superseded_status, outcome::Outcome},
};
use serde_json::{Value, json};
use test_support::fixtures::{
    after, at, edited, failed_write, object, observed, off, on_totp, reconciled_fully, settings, settled,
    with, with_sms,
};

const TEN: Duration = Duration::from_mins(10);

fn approved(mut object: UserPoolMfaConfig, value: &str) -> UserPoolMfaConfig {
    object.metadata.annotations = Some([(ALLOW_LOWERING.to_owned(), value.to_owned())].into());
    object
}

fn without_approval(mut object: UserPoolMfaConfig) -> UserPoolMfaConfig {
    object.metadata.annotations = None;
    object
}

fn hash(declared: &Value) -> String {
    diff::hash(&settings(declared))
}

/// Reconciles an object whose pool has `live` when the hourly limit is used up. A planned write is accepted.
fn reconcile(object: &UserPoolMfaConfig, live: &Value) -> (UserPoolMfaConfig, Outcome) {
    let live = observed(live);
    let outcome = match hold(object, &live) {
        Ok(()) => reconciled_fully(object, &live),
        Err(hold) => Outcome::OnHold(live.clone(), plan_for(object, &live), hold),
    };
    (after(object, &outcome, at(60)), outcome)
}

fn hold(object: &UserPoolMfaConfig, live: &Observed) -> Result<(), Hold> {
    let now = Now { wall_clock: at(60), since_start: Duration::from_hours(1) };
    check_hold(object, live, &plan_for(object, live), TEN, &mut WeakeningBudget::new(0), now)
}

fn is_written(object: &UserPoolMfaConfig, live: &Value) -> bool {
    matches!(reconcile(object, live).1, Outcome::Written { .. })
}

/// An object in sync with SMS, whose next generation drops SMS.
fn dropping_sms() -> UserPoolMfaConfig {
    edited(&settled(&with_sms()), &on_totp())
}

#[test]
fn the_annotation_approves_the_generation_or_the_settings_that_it_names() {
    for value in ["2", " 2 ", &hash(&on_totp())] {
        assert!(is_written(&approved(dropping_sms(), value), &with_sms()), "{value:?}");
    }
    let other_settings = hash(&with_sms());
    let cut = &hash(&on_totp())[..20];
    for value in ["1", "3", "", "true", "02", &other_settings, cut, "sha256:"] {
        assert!(!is_written(&approved(dropping_sms(), value), &with_sms()), "{value:?}");
    }
}

#[test]
fn an_approval_of_a_generation_does_not_release_the_correction_of_a_later_hand_edit() {
    let (january, _) = reconcile(&approved(dropping_sms(), "2"), &with_sms());
    let (june, outcome) = reconcile(&january, &with_sms());
    assert!(matches!(outcome, Outcome::OnHold(..)), "{outcome:?}");
    assert_eq!(approval_target(&june), ApprovalTarget::SettingsHash);
    let (approved_again, outcome) = reconcile(&approved(june, &hash(&on_totp())), &with_sms());
    assert!(matches!(outcome, Outcome::Written { .. }), "{outcome:?}");
    assert_eq!(approval_target(&approved_again), ApprovalTarget::NextGeneration);
    assert!(!is_written(&approved_again, &with_sms()));
}

#[test]
fn an_approval_by_hash_that_stays_in_git_releases_one_write() {
    let in_git = hash(&on_totp());
    let (first, _) = reconcile(&approved(dropping_sms(), &in_git), &with_sms());
    let (reverted, _) = reconcile(&edited(&without_approval(first), &with_sms()), &on_totp());
    let again = approved(edited(&reverted, &on_totp()), &in_git);
    let (on_hold, _) = reconcile(&again, &with_sms());
    let ready = on_hold.status.as_ref().unwrap().condition(ConditionType::Ready).unwrap();
    assert!(ready.message.contains("allow-lowering: \"4\""), "{}", ready.message);
    assert!(is_written(&approved(on_hold, "4"), &with_sms()));
}

#[test]
fn an_approval_that_was_removed_and_set_again_is_no_new_one() {
    let (used, _) = reconcile(&approved(dropping_sms(), "2"), &with_sms());
    let (removed, _) = reconcile(&without_approval(used), &on_totp());
    assert!(!is_written(&approved(removed, "2"), &with_sms()));
}

#[test]
fn an_approval_of_settings_that_the_pool_has_already_is_used_up() {
    let (in_sync, outcome) = reconcile(&approved(settled(&on_totp()), &hash(&on_totp())), &on_totp());
    assert!(matches!(outcome, Outcome::Checked(..)));
    assert!(!is_approved(&in_sync) && !is_written(&in_sync, &with_sms()));
}

#[test]
fn an_approval_still_releases_the_write_whose_answer_was_lost_or_refused() {
    for class in [FailureClass::Transient, FailureClass::Throttled, FailureClass::InvalidParameter] {
        let object = approved(dropping_sms(), "2");
        let failed = after(&object, &failed_write(&object, &observed(&with_sms()), class), at(60));
        assert!(is_written(&failed, &with_sms()), "{class:?}");
    }
}

#[test]
fn an_approved_write_whose_status_was_lost_uses_the_approval_up_at_the_next_read() {
    let (read, _) = reconcile(&approved(dropping_sms(), "2"), &on_totp());
    assert!(!is_written(&read, &with_sms()));
}

#[test]
fn an_approved_write_of_an_older_spec_uses_its_approval_up() {
    let planned = approved(dropping_sms(), &hash(&on_totp()));
    let outcome = reconciled_fully(&planned, &observed(&with_sms()));
    for next in [with_sms(), off()] {
        let mut edited_again = edited(&planned, &next);
        edited_again.status = superseded_status(&planned, &outcome, &edited_again, at(60));
        let (written, _) = reconcile(&without_approval(edited_again), &next);
        let again = approved(edited(&written, &on_totp()), &hash(&on_totp()));
        assert!(!is_written(&again, &with_sms()), "after {next}");
    }
}

#[test]
fn an_approval_that_a_new_object_brings_along_releases_nothing() {
    let overwrite = with(&off(), &json!({"adoptionPolicy": "Overwrite"}));
    for value in ["1", &hash(&off())] {
        let (on_hold, outcome) = reconcile(&approved(object(&overwrite), value), &on_totp());
        assert!(matches!(outcome, Outcome::OnHold(..)), "{outcome:?}");
        assert!(!is_written(&on_hold, &on_totp()), "it is no new approval later");
    }
    let (on_hold, _) = reconcile(&object(&overwrite), &on_totp());
    assert!(is_written(&approved(on_hold, "1"), &on_totp()), "a person approved what was on hold");
}

#[test]
fn a_restored_object_is_approved_at_a_generation_that_was_used_for_other_settings() {
    let (mut restored, _) = reconcile(&approved(dropping_sms(), "2"), &with_sms());
    restored.metadata.generation = Some(1);
    assert!(is_written(&approved(edited(&restored, &off()), "2"), &on_totp()));
}

#[test]
fn the_status_keeps_the_last_ten_used_approvals() {
    let mut object = settled(&with_sms());
    for declared in [on_totp(), with_sms()].iter().cycle().take(12) {
        let generation = object.metadata.generation.unwrap() + 1;
        object = reconcile(&approved(edited(&object, declared), &generation.to_string()), &with_sms()).0;
    }
    let used: Vec<_> =
        object.status.unwrap().used_approvals.iter().map(|used| used.value.parse::<u8>().unwrap()).collect();
    assert_eq!(used, (4..14).collect::<Vec<_>>());
}

#[test]
fn the_status_says_whether_the_last_weakening_write_was_exempt() {
    let is_exempt = |object: &UserPoolMfaConfig| {
        let written = after(object, &reconciled_fully(object, &observed(&with_sms())), at(60));
        written.status.unwrap().last_lowering_exempt
    };
    assert!(is_exempt(&approved(dropping_sms(), "2")));
    assert!(!is_exempt(&dropping_sms()));
}

#[test]
fn a_new_approval_makes_an_object_on_hold_due_and_a_used_one_does_not() {
    let (on_hold, _) = reconcile(&dropping_sms(), &with_sms());
    let due = |object: &UserPoolMfaConfig| requeue::wait_until_due(object, Some(TEN), TEN, at(70));
    assert_eq!(due(&on_hold), TEN);
    assert_eq!(due(&approved(on_hold.clone(), "1")), TEN);
    assert_eq!(due(&approved(on_hold, "2")), Duration::ZERO);
    let (used, _) = reconcile(&approved(dropping_sms(), "2"), &with_sms());
    let (on_hold, _) = reconcile(&used, &with_sms());
    assert_eq!(due(&on_hold), TEN);
}
