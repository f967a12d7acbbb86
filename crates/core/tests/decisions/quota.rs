//! Quotas: the rate of calls, and how check intervals are stretched to fit it.

use std::time::Duration;

use cognito_mfa_core::{
    access::accounts::AccessRequest,
    calls::failure::Operation,
    schedule::quota::{CallBudget, CheckLoad, QuotaScope, parse_share, published_rate},
};
use proptest::prelude::*;

const HALF: f64 = 0.5;

fn request(namespace: &str) -> AccessRequest {
    AccessRequest { namespace: namespace.into(), pool: "eu-west-1_A".into(), sms_roles: Vec::new() }
}

/// Adds an object with access to its pool.
fn add(load: &mut CheckLoad, name: &str, scope: &QuotaScope, interval: Duration) {
    load.upsert(name, request("any"), interval, |_| Some(scope.clone()));
}

proptest! {
    #[test]
    fn checks_are_stretched_to_fit_the_quota_and_no_further(
        share in 0.05..=1.0f64,
        intervals in prop::collection::vec(60u64..86_400, 1..400),
    ) {
        let (mut load, scope) = (CheckLoad::default(), QuotaScope::own("eu-west-1_A"));
        for (number, interval) in intervals.iter().enumerate() {
            add(&mut load, &number.to_string(), &scope, Duration::from_secs(*interval));
        }
        let ratio = load.stretch(&scope, share);
        let wanted: f64 = intervals.iter().map(|interval| 1.0 / f64::from(u32::try_from(*interval).unwrap())).sum();
        let limit = 20.0 * share * 0.75;
        prop_assert!(wanted / ratio <= limit * 1.000_001);
        prop_assert!((wanted > limit) == (ratio > 1.0) || (wanted / limit - 1.0).abs() < 1e-6);
        prop_assert!(wanted / ratio * 1.26 > limit || ratio <= 1.0);
        for number in 0..intervals.len() {
            load.remove(&number.to_string());
        }
        prop_assert_eq!(load.stretch(&scope, share).to_bits(), 1.0f64.to_bits());
    }
}

#[test]
fn throttling_halves_the_rate_once_and_successes_restore_it() {
    let most = published_rate(Operation::Set) * HALF;
    let mut budget = CallBudget::new(Operation::Set, HALF, Duration::ZERO);
    let at = |seconds| Duration::from_secs(seconds);
    assert!(budget.record_throttled(at(5), at(6)));
    assert!(!budget.record_throttled(at(5), at(7)), "the call was in flight at the first throttling");
    assert!((budget.rate() - most / 2.0).abs() < 1e-9);
    assert!(budget.next() > at(6) + Duration::from_millis(260));
    for _ in 0..100 {
        assert!(budget.record_accepted());
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
fn ten_thousand_pools_stretch_the_intervals_of_their_region_only() {
    let (mut load, full, quiet) =
        (CheckLoad::default(), QuotaScope::own("eu-west-1_A"), QuotaScope::own("us-east-1_A"));
    for number in 0..10_000 {
        add(&mut load, &format!("full/{number}"), &full, Duration::from_mins(10));
    }
    add(&mut load, "quiet/one", &quiet, Duration::from_mins(1));
    let interval = Duration::from_mins(10).mul_f64(load.stretch(&full, HALF));
    assert!(interval > Duration::from_mins(22) && interval < Duration::from_mins(28), "{interval:?}");
    assert!(load.stretch(&quiet, HALF) <= 1.0);
    assert!(load.greatest_stretch(HALF) > 2.0);
    for number in 1..10_000 {
        load.remove(&format!("full/{number}"));
    }
    assert!(load.greatest_stretch(HALF) <= 1.0);
}

#[test]
fn a_share_is_a_number_from_0_05_to_1() {
    assert_eq!(parse_share("0.5"), Ok(0.5));
    for bad in ["0", "0.049", "1.1", "-1", "NaN", "inf", "half", "50%"] {
        assert!(parse_share(bad).unwrap_err().contains("write a number from 0.05 to 1"), "{bad}");
    }
}

#[test]
fn removed_objects_leave_the_load_of_the_others_unchanged() {
    let (mut load, mut expected, scope) =
        (CheckLoad::default(), CheckLoad::default(), QuotaScope::own("eu-west-1_A"));
    for number in 0..3_000 {
        add(&mut load, &number.to_string(), &scope, Duration::from_mins(1));
    }
    for number in 0..1_000 {
        add(&mut expected, &number.to_string(), &scope, Duration::from_mins(1));
    }
    assert!(load.stretch(&scope, 0.5) > expected.stretch(&scope, 0.5));
    assert!(expected.stretch(&scope, 0.5) > 1.0);
    for number in 1_000..3_000 {
        load.remove(&number.to_string());
    }
    let (remaining, expected) = (load.stretch(&scope, 0.5), expected.stretch(&scope, 0.5));
    assert!((remaining - expected).abs() < f64::EPSILON, "{remaining} {expected}");
}

#[test]
fn a_changed_accounts_file_moves_the_load_to_the_new_accounts() {
    let scopes =
        ["old", "new"].map(|account| QuotaScope { account: account.into(), region: "eu-west-1".into() });
    let (mut load, [old, new]) = (CheckLoad::default(), &scopes);
    for number in 0..3_000 {
        let namespace = if number < 1_500 { "moves" } else { "loses" };
        load.upsert(&number.to_string(), request(namespace), Duration::from_mins(1), |_| Some(old.clone()));
    }
    load.remove("0");
    load.set_scopes(|request| (request.namespace == "moves").then(|| new.clone()));
    assert!(load.stretch(old, HALF) <= 1.0 && load.stretch(new, HALF) > 2.0);
    for number in 1..1_500 {
        load.remove(&number.to_string());
    }
    assert!(load.greatest_stretch(HALF) <= 1.0, "removed objects and objects without access are not counted");
    load.set_scopes(|_| Some(old.clone()));
    assert!(load.stretch(old, HALF) > 2.0, "objects that have access again are counted");
}
