//! How many calls AWS is asked to take, and how intervals stretch to fit.

use std::time::Duration;

use cognito_mfa_core::{
    access::accounts::AccessRequest,
    calls::failure::Operation,
    schedule::quota::{CallBudget, CheckLoad, QuotaScope, parse_share, published_rate},
};
use proptest::prelude::*;

const HALF: f64 = 0.5;

fn wish(namespace: &str) -> AccessRequest {
    AccessRequest { namespace: namespace.into(), pool: "eu-west-1_A".into(), sms_roles: Vec::new() }
}

/// Takes note of an object that has the right to its pool.
fn note(demand: &mut CheckLoad, name: &str, scope: &QuotaScope, interval: Duration) {
    demand.upsert(name, wish("any"), interval, |_| Some(scope.clone()));
}

proptest! {
    #[test]
    fn stretched_checks_fit_and_are_not_stretched_without_need(
        share in 0.05..=1.0f64,
        intervals in prop::collection::vec(60u64..86_400, 1..400),
    ) {
        let (mut demand, scope) = (CheckLoad::default(), QuotaScope::own("eu-west-1_A"));
        for (number, every) in intervals.iter().enumerate() {
            note(&mut demand, &number.to_string(), &scope, Duration::from_secs(*every));
        }
        let ratio = demand.stretch(&scope, share);
        let asked: f64 = intervals.iter().map(|every| 1.0 / f64::from(u32::try_from(*every).unwrap())).sum();
        let room = 20.0 * share * 0.75;
        prop_assert!(asked / ratio <= room * 1.000_001);
        prop_assert!((asked > room) == (ratio > 1.0) || (asked / room - 1.0).abs() < 1e-6);
        prop_assert!(asked / ratio * 1.26 > room || ratio <= 1.0);
        for number in 0..intervals.len() {
            demand.remove(&number.to_string());
        }
        prop_assert_eq!(demand.stretch(&scope, share).to_bits(), 1.0f64.to_bits());
    }
}

#[test]
fn a_throttle_halves_the_rate_once_for_all_calls_under_way_and_successes_bring_it_back() {
    let most = published_rate(Operation::Set) * HALF;
    let mut budget = CallBudget::new(Operation::Set, HALF, Duration::ZERO);
    let at = |seconds| Duration::from_secs(seconds);
    assert!(budget.record_throttled(at(5), at(6)));
    assert!(!budget.record_throttled(at(5), at(7)), "it was under way");
    assert!((budget.rate() - most / 2.0).abs() < 1e-9);
    assert!(budget.next() > at(6) + Duration::from_millis(260));
    for _ in 0..100 {
        assert!(budget.record_accepted());
    }
    assert!(budget.rate() >= most - 1e-9);
    budget.record_accepted();
    assert!(budget.rate() <= most, "it never passes the share");
    for second in 0..100 {
        budget.record_throttled(at(10 + second), at(10 + second));
    }
    assert!((budget.rate() - most / 64.0).abs() < 1e-9, "it never stops");
}

#[test]
fn ten_thousand_pools_are_checked_more_slowly_and_a_region_alone() {
    let (mut demand, full, quiet) =
        (CheckLoad::default(), QuotaScope::own("eu-west-1_A"), QuotaScope::own("us-east-1_A"));
    for number in 0..10_000 {
        note(&mut demand, &format!("full/{number}"), &full, Duration::from_mins(10));
    }
    note(&mut demand, "quiet/one", &quiet, Duration::from_mins(1));
    let every = Duration::from_mins(10).mul_f64(demand.stretch(&full, HALF));
    assert!(every > Duration::from_mins(22) && every < Duration::from_mins(28), "{every:?}");
    assert!(demand.stretch(&quiet, HALF) <= 1.0);
    assert!(demand.greatest_stretch(HALF) > 2.0);
    for number in 1..10_000 {
        demand.remove(&format!("full/{number}"));
    }
    assert!(demand.greatest_stretch(HALF) <= 1.0);
}

#[test]
fn a_share_is_a_number_from_a_twentieth_to_one() {
    assert_eq!(parse_share("0.5"), Ok(0.5));
    for bad in ["0", "0.049", "1.1", "-1", "NaN", "inf", "half", "50%"] {
        assert!(parse_share(bad).unwrap_err().contains("write a number from 0.05 to 1"), "{bad}");
    }
}

#[test]
fn the_demand_of_those_that_stay_outlasts_those_that_go() {
    let (mut demand, mut alone, scope) =
        (CheckLoad::default(), CheckLoad::default(), QuotaScope::own("eu-west-1_A"));
    for number in 0..3_000 {
        note(&mut demand, &number.to_string(), &scope, Duration::from_mins(1));
    }
    for number in 0..1_000 {
        note(&mut alone, &number.to_string(), &scope, Duration::from_mins(1));
    }
    assert!(demand.stretch(&scope, 0.5) > alone.stretch(&scope, 0.5) && alone.stretch(&scope, 0.5) > 1.0);
    for number in 1_000..3_000 {
        demand.remove(&number.to_string());
    }
    let (left, expected) = (demand.stretch(&scope, 0.5), alone.stretch(&scope, 0.5));
    assert!((left - expected).abs() < f64::EPSILON, "{left} {expected}");
}

#[test]
fn with_other_rights_the_same_demand_counts_elsewhere_and_of_who_lost_them_nowhere() {
    let scopes =
        ["old", "new"].map(|account| QuotaScope { account: account.into(), region: "eu-west-1".into() });
    let (mut demand, [old, new]) = (CheckLoad::default(), &scopes);
    for number in 0..3_000 {
        let namespace = if number < 1_500 { "moves" } else { "loses" };
        demand.upsert(&number.to_string(), wish(namespace), Duration::from_mins(1), |_| Some(old.clone()));
    }
    demand.remove("0");
    demand.set_scopes(|wish| (wish.namespace == "moves").then(|| new.clone()));
    assert!(demand.stretch(old, HALF) <= 1.0 && demand.stretch(new, HALF) > 2.0);
    for number in 1..1_500 {
        demand.remove(&number.to_string());
    }
    assert!(demand.greatest_stretch(HALF) <= 1.0, "none is counted that is gone");
    demand.set_scopes(|_| Some(old.clone()));
    assert!(demand.stretch(old, HALF) > 2.0, "who lost their rights have them again");
}
