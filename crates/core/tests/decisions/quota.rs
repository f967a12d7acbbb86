//! Quotas: the rate of calls, and the share of the quotas that the operator uses.

use std::time::Duration;

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::quota::{CallBudget, parse_share, published_rate},
};

const HALF: f64 = 0.5;

#[test]
fn throttling_halves_the_rate_once_and_successes_restore_it() {
    let most = published_rate(Operation::Set) * HALF;
    let mut budget = CallBudget::new(Operation::Set, HALF);
    let at = |seconds| Duration::from_secs(seconds);
    assert!(budget.record_throttled(at(5), at(6)));
    assert!(!budget.record_throttled(at(5), at(7)), "the call was in flight at the first throttling");
    assert!((budget.rate() - most / 2.0).abs() < 1e-9);
    assert!(budget.next() > at(6) + Duration::from_millis(260));
    for _ in 0..100 {
        budget.record_accepted();
    }
    assert!(budget.rate() >= most - 1e-9);
    budget.record_accepted();
    assert!(budget.rate() <= most, "the rate never exceeds the share");
    for second in 0..100 {
        budget.record_throttled(at(10 + second), at(10 + second));
    }
    assert!((budget.rate() - most / 64.0).abs() < 1e-9, "the rate has a minimum");
}

#[test]
fn a_share_is_a_number_from_0_05_to_1() {
    assert_eq!(parse_share("0.5"), Ok(0.5));
    for bad in ["0", "0.049", "1.1", "-1", "NaN", "inf", "half", "50%"] {
        assert!(parse_share(bad).unwrap_err().contains("write a number from 0.05 to 1"), "{bad}");
    }
}
