//! The grace period: when a failing object turns from Reconciling to Stalled, and back.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig, calls::failure::FailureClass, status::conditions::is_stalled_by,
};
use test_support::{
    fixtures::{
        after, at, edited, failed_read, failed_write, object, observed, off, on_totp, reconciled_fully,
        settled,
    },
    kstatus::{Kstatus, kstatus},
};

const GRACE: i64 = 5 * 60;
/// Stalled after the grace period: IAM changes and new pools take time to propagate.
const AFTER_GRACE: [FailureClass; 4] = [
    FailureClass::SmsRoleNotUsable,
    FailureClass::AccessDenied,
    FailureClass::Credentials,
    FailureClass::PoolNotFound,
];
/// Never Stalled: these failures end without anybody's action.
const NEVER: [FailureClass; 3] = [FailureClass::Throttled, FailureClass::Transient, FailureClass::Concurrent];
/// Stalled at once: somebody must change something.
const AT_ONCE: [FailureClass; 4] = [
    FailureClass::InvalidParameter,
    FailureClass::FeatureUnavailableInTier,
    FailureClass::OperationNotEnabled,
    FailureClass::UnknownSetting,
];

fn failing(object: &UserPoolMfaConfig, class: FailureClass, second: i64) -> UserPoolMfaConfig {
    after(object, &failed_read(class), at(second))
}

#[test]
fn every_failure_class_is_in_one_of_the_three_lists() {
    let all: Vec<_> = [&AFTER_GRACE[..], &NEVER, &AT_ONCE].concat();
    assert!(
        FailureClass::all().all(|class| all.contains(&class)) && all.len() == FailureClass::all().count()
    );
}

#[test]
fn a_failure_that_may_be_propagating_is_in_progress_for_five_minutes() {
    for class in AFTER_GRACE {
        let first = failing(&object(&on_totp()), class, 0);
        assert_eq!(kstatus(&first), Kstatus::InProgress, "{class:?}");
        let before = failing(&first, class, GRACE - 1);
        assert_eq!(kstatus(&before), Kstatus::InProgress, "{class:?}");
        let stalled = failing(&before, class, GRACE);
        assert_eq!(kstatus(&stalled), Kstatus::Failed, "{class:?}");
        assert!(is_stalled_by(&stalled.status.as_ref().unwrap().conditions, class));
        let later = failing(&stalled, class, GRACE + 1);
        assert_eq!(kstatus(&later), Kstatus::Failed, "{class:?}");
    }
}

#[test]
fn the_grace_period_applies_to_failed_writes_too() {
    let first = settled(&on_totp());
    let first =
        after(&first, &failed_write(&first, &observed(&off()), FailureClass::SmsRoleNotUsable), at(0));
    let then =
        after(&first, &failed_write(&first, &observed(&off()), FailureClass::SmsRoleNotUsable), at(GRACE));
    assert_eq!((kstatus(&first), kstatus(&then)), (Kstatus::InProgress, Kstatus::Failed));
}

#[test]
fn a_new_failure_after_an_outage_has_its_own_grace_period() {
    let out = failing(&object(&on_totp()), FailureClass::Transient, 0);
    let denied = failing(&out, FailureClass::AccessDenied, 10 * GRACE);
    assert_eq!(kstatus(&denied), Kstatus::InProgress);
    assert_eq!(kstatus(&failing(&denied, FailureClass::AccessDenied, 11 * GRACE)), Kstatus::Failed);
}

#[test]
fn failures_in_turn_share_one_grace_period() {
    let mut object = object(&on_totp());
    for (second, class) in (0..=GRACE).step_by(60).zip(
        [FailureClass::AccessDenied, FailureClass::Throttled, FailureClass::Credentials].into_iter().cycle(),
    ) {
        object = failing(&object, class, second);
    }
    assert_eq!(kstatus(&failing(&object, FailureClass::AccessDenied, GRACE)), Kstatus::Failed);
}

#[test]
fn a_passing_failure_leaves_a_refused_spec_stalled_until_it_changes() {
    let refused = failing(&object(&on_totp()), FailureClass::InvalidParameter, 0);
    for class in NEVER {
        assert_eq!(kstatus(&failing(&refused, class, 60)), Kstatus::Failed, "{class:?}");
        assert_eq!(kstatus(&failing(&edited(&refused, &off()), class, 60)), Kstatus::InProgress, "{class:?}");
    }
}

#[test]
fn a_passing_failure_is_never_stalled() {
    for class in NEVER {
        let object = failing(&failing(&object(&on_totp()), class, 0), class, 1_000_000);
        assert_eq!(kstatus(&object), Kstatus::InProgress, "{class:?}");
    }
}

#[test]
fn a_failure_that_somebody_must_fix_is_stalled_at_once() {
    for class in AT_ONCE {
        assert_eq!(kstatus(&failing(&object(&on_totp()), class, 0)), Kstatus::Failed, "{class:?}");
    }
}

#[test]
fn a_failure_after_a_success_has_its_own_grace_period() {
    let object = failing(&settled(&on_totp()), FailureClass::AccessDenied, 0);
    let object = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(200));
    let object = failing(&object, FailureClass::AccessDenied, GRACE + 1);
    assert_eq!(kstatus(&object), Kstatus::InProgress);
}

#[test]
fn a_clock_that_goes_back_does_not_make_an_object_stalled() {
    let object = failing(
        &failing(&settled(&on_totp()), FailureClass::AccessDenied, 1_000),
        FailureClass::AccessDenied,
        0,
    );
    assert_eq!(kstatus(&object), Kstatus::InProgress);
}

#[test]
fn a_success_after_any_failure_is_current() {
    for class in FailureClass::all() {
        let object = failing(&failing(&settled(&on_totp()), class, 0), class, GRACE);
        let object = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(GRACE + 1));
        assert_eq!(kstatus(&object), Kstatus::Current, "{class:?}");
    }
}
