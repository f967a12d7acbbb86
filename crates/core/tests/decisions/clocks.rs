//! A clock that jumps neither makes the operator ask more often than it may nor makes it wait for good.

use std::time::Duration;

use cognito_mfa_core::{
    calls::failure::{FailureClass, Operation},
    schedule::requeue::{requeue_after as wait_after, wait_until_due},
    status::{conditions::is_stalled_by, outcome::Outcome},
};
use proptest::prelude::*;
use test_support::fixtures::{
    after, at, failed_read, failed_write, object, observed, off, on_totp, reconciled_well, settled,
};

const YEAR: i64 = 365 * 24 * 3600;

fn kinds() -> impl Strategy<Value = Outcome> {
    let new = object(&on_totp());
    let checked = reconciled_well(&settled(&on_totp()), &observed(&on_totp()));
    let set = reconciled_well(&new, &observed(&off()));
    let failures = FailureClass::all().flat_map(|class| {
        let refused = failed_write(&object(&on_totp()), &observed(&off()), class);
        [failed_read(class), refused]
    });
    proptest::sample::select(failures.chain([checked, set]).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn whatever_the_clock_says_before_and_after_a_pass_the_next_one_comes_in_its_time(
        outcome in kinds(), then in -YEAR..YEAR, now in -YEAR..YEAR, attempt in 0u32..100, every in 60u64..86_400,
    ) {
        let every = Duration::from_secs(every);
        let told = after(&settled(&on_totp()), &outcome, at(then));
        let status = told.status.clone().unwrap();
        let wait = wait_after(&told, &status, &outcome, attempt, every, at(now)).expect("a next pass");
        prop_assert!(wait <= every.max(Duration::from_mins(25)), "{wait:?}");
        let storm = matches!(outcome, Outcome::Failed(..)) && wait < Duration::from_millis(800);
        prop_assert!(!storm, "{wait:?}");
        let again = wait_until_due(&told, None, every, at(now));
        prop_assert!(again <= every && again > Duration::ZERO, "{again:?}");
    }

    #[test]
    fn a_refused_object_is_stalled_after_its_grace_however_far_the_clock_went_back(back in 0i64..YEAR) {
        let denied = Outcome::Failed(test_support::fixtures::failure(FailureClass::AccessDenied, Operation::Get), None);
        let mut told = after(&object(&on_totp()), &denied, at(0));
        for seconds in [0, 100, 200, 301] {
            told = after(&told, &denied, at(seconds - back));
        }
        prop_assert!(is_stalled_by(&told.status.unwrap().conditions, FailureClass::AccessDenied));
    }
}

#[test]
fn a_pool_read_after_the_clock_went_back_is_told_as_read_now() {
    let seen =
        after(&settled(&on_totp()), &reconciled_well(&settled(&on_totp()), &observed(&on_totp())), at(YEAR));
    let again = after(&seen, &reconciled_well(&seen, &observed(&on_totp())), at(10));
    assert_eq!(again.status.unwrap().last_verified_time, Some(at(10)));
}
