//! A clock that jumps causes neither too many calls nor an endless wait.

use std::time::Duration;

use cognito_mfa_core::{
    calls::failure::FailureClass,
    schedule::requeue::{requeue_after, wait_until_due},
    status::{conditions::is_stalled_by, outcome::Outcome},
};
use proptest::prelude::*;
use test_support::fixtures::{
    after, at, failed_read, failed_write, object, observed, off, on_totp, reconciled_fully, settled,
};

const YEAR: i64 = 365 * 24 * 3600;

fn outcomes() -> impl Strategy<Value = Outcome> {
    let new = object(&on_totp());
    let checked = reconciled_fully(&settled(&on_totp()), &observed(&on_totp()));
    let written = reconciled_fully(&new, &observed(&off()));
    let failures = FailureClass::all().flat_map(|class| {
        let refused = failed_write(&object(&on_totp()), &observed(&off()), class);
        [failed_read(class), refused]
    });
    proptest::sample::select(failures.chain([checked, written]).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn the_next_reconciliation_is_on_time_after_any_clock_jump(
        outcome in outcomes(), then in -YEAR..YEAR, now in -YEAR..YEAR, attempt in 0u32..100, interval in 60u64..86_400,
    ) {
        let interval = Duration::from_secs(interval);
        let object = after(&settled(&on_totp()), &outcome, at(then));
        let status = object.status.clone().unwrap();
        let wait = requeue_after(&object, &status, &outcome, attempt, interval, at(now)).expect("a requeue");
        prop_assert!(wait <= interval.max(Duration::from_mins(25)), "{wait:?}");
        let too_soon = matches!(outcome, Outcome::Failed(..)) && wait < Duration::from_millis(800);
        prop_assert!(!too_soon, "{wait:?}");
        let due = wait_until_due(&object, None, interval, at(now));
        prop_assert!(due <= interval && due > Duration::ZERO, "{due:?}");
    }

    #[test]
    fn a_denied_object_is_stalled_after_its_grace_when_the_clock_went_back(back in 0i64..YEAR) {
        let denied = failed_read(FailureClass::AccessDenied);
        let mut object = after(&object(&on_totp()), &denied, at(0));
        for seconds in [0, 100, 200, 301] {
            object = after(&object, &denied, at(seconds - back));
        }
        prop_assert!(is_stalled_by(&object.status.unwrap().conditions, FailureClass::AccessDenied));
    }
}

#[test]
fn last_verified_time_follows_a_clock_that_went_back() {
    let object = settled(&on_totp());
    let ahead = after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(YEAR));
    let back = after(&ahead, &reconciled_fully(&ahead, &observed(&on_totp())), at(10));
    assert_eq!(back.status.unwrap().last_verified_time, Some(at(10)));
}
