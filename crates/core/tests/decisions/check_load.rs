//! The load of drift checks: how intervals are stretched to fit the quota, and how namespaces share it.

use std::{collections::BTreeMap, time::Duration};

use cognito_mfa_core::schedule::{check_load::CheckLoad, quota::QuotaScope};
use proptest::prelude::*;

const HALF: f64 = 0.5;
/// Factors are rounded up to powers of this one.
const STEP: f64 = 1.25;
/// The load counts whole checks in a billion seconds, so it is a little less than the sum that these tests compute.
const ROUNDED: f64 = 1.000_001;
const NAMESPACES: u8 = 8;

/// The number of the object's namespace, and its interval in seconds.
type Object = (u8, u32);

fn scope() -> QuotaScope {
    QuotaScope::own("eu-west-1_A")
}

/// Adds an object with access to its pool.
fn add(load: &mut CheckLoad, name: &str, scope: &QuotaScope, interval: Duration) {
    load.upsert(&name.into(), scope, interval);
}

/// Adds objects, and asks for a factor after each, as the controller does.
fn add_all(load: &mut CheckLoad, prefix: &str, objects: &[Object], share: f64) {
    for (number, (namespace, interval)) in objects.iter().enumerate() {
        let name = format!("{namespace}/{prefix}{number}");
        add(load, &name, &scope(), Duration::from_secs((*interval).into()));
        load.greatest_stretch(share);
    }
}

fn remove_all(load: &mut CheckLoad, prefix: &str, objects: &[Object]) {
    for (number, (namespace, _)) in objects.iter().enumerate() {
        load.remove(&format!("{namespace}/{prefix}{number}"));
    }
}

fn load_of(objects: &[Object], share: f64) -> CheckLoad {
    let mut load = CheckLoad::default();
    add_all(&mut load, "", objects, share);
    load
}

/// The checks a second that each namespace asks for.
fn wanted(objects: &[Object]) -> BTreeMap<u8, f64> {
    let mut wanted = BTreeMap::new();
    for (namespace, interval) in objects {
        *wanted.entry(*namespace).or_default() += 1.0 / f64::from(*interval);
    }
    wanted
}

fn factor(load: &mut CheckLoad, namespace: u8, share: f64) -> f64 {
    load.stretch(&scope(), &namespace.to_string(), share)
}

/// The checks a second that each namespace gets.
fn granted(objects: &[Object], share: f64) -> BTreeMap<u8, f64> {
    let mut load = load_of(objects, share);
    let stretched = |(namespace, checks)| (namespace, checks / factor(&mut load, namespace, share));
    wanted(objects).into_iter().map(stretched).collect()
}

/// The factors of all namespaces and the greatest of them, as bits.
fn factors(load: &mut CheckLoad, share: f64) -> Vec<u64> {
    let mut factors: Vec<_> = (0..NAMESPACES).map(|namespace| factor(load, namespace, share)).collect();
    factors.push(load.greatest_stretch(share));
    factors.into_iter().map(f64::to_bits).collect()
}

/// The checks a second that fit a scope.
fn limit(share: f64) -> f64 {
    20.0 * share * 0.75
}

/// The checks a second that no namespace may exceed, by bisection.
fn fair_share(objects: &[Object], share: f64) -> f64 {
    let wanted = wanted(objects);
    let (mut fits, mut exceeds) = (0.0, 1_000.0);
    for _ in 0..100 {
        let middle = f64::midpoint(fits, exceeds);
        let sum: f64 = wanted.values().map(|checks| checks.min(middle)).sum();
        *if sum <= limit(share) { &mut fits } else { &mut exceeds } = middle;
    }
    fits
}

/// Groups of like objects, which ask for more than fits in about half of the cases.
fn fleet() -> impl Strategy<Value = Vec<Object>> {
    let group = (0..NAMESPACES, 60u32..600, 1usize..100);
    let objects = |groups: Vec<(u8, u32, usize)>| {
        groups
            .into_iter()
            .flat_map(|(namespace, interval, count)| vec![(namespace, interval); count])
            .collect()
    };
    prop::collection::vec(group, 1..16).prop_map(objects)
}

fn share() -> impl Strategy<Value = f64> {
    0.05..=0.15f64
}

proptest! {
    #[test]
    fn stretched_checks_fit_the_share_and_use_it(objects in fleet(), share in share()) {
        let wanted: f64 = wanted(&objects).values().sum();
        let granted: f64 = granted(&objects, share).values().sum();
        prop_assert!(granted <= limit(share) * ROUNDED);
        prop_assert!(granted * STEP * ROUNDED >= limit(share).min(wanted));
    }

    #[test]
    fn a_namespace_within_an_equal_share_is_never_stretched(
        others in fleet(),
        share in share(),
        count in 1u8..20,
        part in 0.01..0.999f64,
    ) {
        let equal = limit(share) / f64::from(NAMESPACES + 1);
        let interval = Duration::from_secs_f64(f64::from(count) / (equal * part));
        let mut load = load_of(&others, share);
        for number in 0..count {
            add(&mut load, &format!("quiet/{number}"), &scope(), interval);
        }
        prop_assert_eq!(load.stretch(&scope(), "quiet", share).to_bits(), 1.0f64.to_bits());
    }

    #[test]
    fn a_stretched_namespace_gets_as_much_as_any_other(objects in fleet(), share in share()) {
        let (wanted, granted) = (wanted(&objects), granted(&objects, share));
        let most = granted.values().copied().fold(0.0, f64::max);
        for (namespace, checks) in granted {
            prop_assert!(checks >= wanted[&namespace] || checks * STEP * ROUNDED >= most);
        }
    }

    #[test]
    fn every_factor_is_that_of_the_fair_share(objects in fleet(), share in share()) {
        let (mut load, fair) = (load_of(&objects, share), fair_share(&objects, share));
        let mut greatest = 1.0f64;
        for (namespace, checks) in wanted(&objects) {
            let (ratio, factor) = ((checks / fair).max(1.0), factor(&mut load, namespace, share));
            prop_assert!(factor * ROUNDED >= ratio, "{factor} {ratio}");
            prop_assert!(factor <= ratio * STEP * ROUNDED && (ratio > 1.0 || factor <= 1.0), "{factor} {ratio}");
            greatest = greatest.max(factor);
        }
        prop_assert_eq!(load.greatest_stretch(share).to_bits(), greatest.to_bits());
    }

    #[test]
    fn one_namespace_has_the_whole_share(
        share in share(),
        intervals in prop::collection::vec(60u32..600, 1..400),
    ) {
        let objects: Vec<_> = intervals.iter().map(|interval| (0, *interval)).collect();
        let mut load = load_of(&objects, share);
        let checks: u64 = intervals.iter().map(|interval| 1_000_000_000 / u64::from(*interval)).sum();
        let ratio = f64::from(u32::try_from(checks / 1_000).unwrap()) / 1e6 / limit(share);
        let expected = STEP.powf(ratio.max(1.0).log(STEP).ceil());
        prop_assert!((factor(&mut load, 0, share) / expected - 1.0).abs() < 1e-6);
    }

    #[test]
    fn removed_objects_leave_no_trace(stay in fleet(), go in fleet(), share in share()) {
        let mut load = load_of(&stay, share);
        let before = factors(&mut load, share);
        add_all(&mut load, "go", &go, share);
        remove_all(&mut load, "go", &go);
        prop_assert_eq!(factors(&mut load, share), before);
        remove_all(&mut load, "", &stay);
        prop_assert_eq!(factors(&mut load, share), factors(&mut CheckLoad::default(), share));
    }

    #[test]
    fn a_replaced_object_counts_with_its_new_interval(objects in fleet(), share in share()) {
        let before: Vec<_> = objects.iter().map(|(namespace, interval)| (*namespace, interval * 3)).collect();
        let mut load = load_of(&before, share);
        add_all(&mut load, "", &objects, share);
        prop_assert_eq!(factors(&mut load, share), factors(&mut load_of(&objects, share), share));
    }

    #[test]
    fn the_order_of_insertion_does_not_matter(
        (objects, shuffled) in fleet().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        share in share(),
        other_share in share(),
    ) {
        let (mut load, mut other) = (load_of(&objects, share), load_of(&shuffled, other_share));
        prop_assert_eq!(factors(&mut load, share), factors(&mut other, share));
    }
}

/// Two namespaces, each with a number of objects and their interval, share 7.5 checks a second.
#[test]
fn a_namespace_that_asks_for_much_does_not_stretch_the_others() {
    let [m1, m10] = [1, 10].map(Duration::from_mins);
    let step = |interval: Duration, steps| interval.mul_f64(STEP.powi(steps));
    for (first, second, expected) in [
        ((600, m1), (1, m1), [step(m1, 2), m1]),
        ((600, m1), (200, m1), [step(m1, 4), m1]),
        ((600, m1), (600, m1), [step(m1, 5); 2]),
        ((400, m1), (30, m1), [m1, m1]),
        ((6_000, m10), (600, m1), [step(m10, 5), step(m1, 5)]),
    ] {
        let mut load = CheckLoad::default();
        for (namespace, (count, interval)) in [("first", first), ("second", second)] {
            for number in 0..count {
                add(&mut load, &format!("{namespace}/{number}"), &scope(), interval);
            }
        }
        let stretched = [("first", first.1), ("second", second.1)]
            .map(|(namespace, interval)| interval.mul_f64(load.stretch(&scope(), namespace, HALF)));
        assert_eq!(stretched, expected, "{first:?} {second:?}");
    }
}

#[test]
fn ten_thousand_pools_stretch_the_intervals_of_their_region_only() {
    let (mut load, full, quiet) =
        (CheckLoad::default(), QuotaScope::own("eu-west-1_A"), QuotaScope::own("us-east-1_A"));
    for number in 0..10_000 {
        add(&mut load, &format!("{number}/full"), &full, Duration::from_mins(10));
    }
    add(&mut load, "0/quiet", &quiet, Duration::from_mins(1));
    let interval = Duration::from_mins(10).mul_f64(load.stretch(&full, "0", HALF));
    assert!(interval > Duration::from_mins(22) && interval < Duration::from_mins(28), "{interval:?}");
    assert!(load.stretch(&quiet, "0", HALF) <= 1.0);
    assert!(load.stretch(&full, "unknown", HALF) <= 1.0);
    assert!(load.greatest_stretch(HALF) > 2.0);
}

#[test]
fn a_changed_accounts_file_moves_the_load_to_the_new_accounts() {
    let scopes =
        ["old", "new"].map(|account| QuotaScope { account: account.into(), region: "eu-west-1".into() });
    let (mut load, [old, new]) = (CheckLoad::default(), &scopes);
    let names =
        |namespace: &str| (0..1_500).map(move |number| format!("{namespace}/{number}")).collect::<Vec<_>>();
    for name in [names("moves"), names("loses")].concat() {
        add(&mut load, &name, old, Duration::from_mins(1));
    }
    for name in names("moves") {
        add(&mut load, &name, new, Duration::from_mins(1));
    }
    for name in names("loses") {
        load.remove(&name);
    }
    assert!(load.stretch(old, "loses", HALF) <= 1.0 && load.stretch(new, "moves", HALF) > 2.0);
    for name in names("moves") {
        load.remove(&name);
    }
    assert!(load.greatest_stretch(HALF) <= 1.0, "removed objects are not counted");
}
