//! Operators with different Leases on the same object: each finds the other, says so, and never writes without end.

use std::time::Duration;

use cognito_mfa_core::{
    access::accounts::Forbidden,
    api::v1alpha1::{ConditionType, EventReason, UserPoolMfaConfig},
    plan::memory::has_same_plan,
    settings::observed::Observed,
    status::{
        next_status::{next_status, superseded_status},
        other_operator::{
            Content, REPORTED_FOR, Writer, conflict_event, content, is_in_conflict, names_another,
            operator_name, signed_status, until_conflict_ends,
        },
        outcome::Outcome,
    },
};
use proptest::{prelude::*, sample::select};
use serde_json::Value;
use test_support::{
    arbitrary::{object_with_history, outcome_template},
    fixtures::{
        at, denied, edited, first_check, object, observed, off, on_email, on_totp, reconciled_fully, settled,
    },
};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const A: &str = "team-a/operator";
const B: &str = "team-b/operator";

/// One object and its pool, and what its operators have done.
struct World {
    object: UserPoolMfaConfig,
    pool: Observed,
    second: i64,
    writes: usize,
    /// The writes that changed more than what operators say about each other.
    content_writes: usize,
    events: usize,
}

/// An operator and what it remembers of the object.
struct Operator {
    name: &'static str,
    last_seen: Option<Content>,
    /// How many seconds its clock is ahead.
    skew: i64,
}

impl Operator {
    fn new(name: &'static str) -> Self {
        Self { name, last_seen: None, skew: 0 }
    }
}

impl World {
    fn new(declared: &Value) -> Self {
        let object = object(declared);
        Self { object, pool: observed(&off()), second: 0, writes: 0, content_writes: 0, events: 0 }
    }

    fn conflict(&self) -> bool {
        is_in_conflict(&self.object)
    }

    fn ready_message(&self) -> &str {
        let ready = self.object.status.as_ref().and_then(|status| status.condition(ConditionType::Ready));
        &ready.expect("every status has Ready").message
    }

    /// An operator checks the pool and writes the status if it has to.
    fn check(&mut self, operator: &mut Operator) {
        let planned = self.object.clone();
        let outcome = reconciled_fully(&planned, &self.pool);
        self.finish(operator, &planned, &outcome);
    }

    /// Writes the outcome for `planned` over the object as it is now, as after a conflict of two writes.
    fn finish(&mut self, operator: &mut Operator, planned: &UserPoolMfaConfig, outcome: &Outcome) {
        if let Outcome::Written { after, .. } = outcome {
            self.pool = after.clone();
        }
        let (before, now) = (self.object.clone(), at(self.second + operator.skew));
        let last_seen = operator.last_seen.unwrap_or_else(|| content(planned));
        let status = signed_status(Writer { operator: operator.name, last_seen }, &before, now, |fresh| {
            if has_same_plan(planned, fresh) {
                next_status(fresh, outcome, first_check(), now)
            } else {
                superseded_status(planned, outcome, fresh, now)
            }
        });
        if let Some(status) = status {
            self.object.status = Some(status);
            self.writes += 1;
            self.content_writes += usize::from(content(&before) != content(&self.object));
            self.events += usize::from(conflict_event(operator.name, &before, &self.object).is_some());
        }
        operator.last_seen = Some(content(&self.object));
    }

    /// Edits the spec: to email at an even number, and back to TOTP at an odd one.
    fn edit(&mut self, number: usize) {
        let declared = if number.is_multiple_of(2) { on_email() } else { on_totp() };
        self.object = edited(&self.object, &declared);
    }
}

/// A world in which both operators have looked at an object in sync, and found nothing.
fn two_operators() -> (World, Operator, Operator) {
    let (mut world, mut a, mut b) = (World::new(&on_totp()), Operator::new(A), Operator::new(B));
    world.check(&mut a);
    world.check(&mut b);
    assert!(!world.conflict());
    (world, a, b)
}

#[test]
fn a_status_names_the_operator_that_wrote_it() {
    let mut world = World::new(&on_totp());
    world.check(&mut Operator::new(A));
    assert_eq!(world.object.status.as_ref().unwrap().operator.as_deref(), Some(A));
    assert!(names_another(B, &world.object) && !names_another(A, &world.object));
    assert!(!names_another(A, &object(&on_totp())), "an older version names none");
}

#[test]
fn the_name_of_an_operator_is_one_line() {
    assert_eq!(operator_name("team-a", "operator"), A);
    assert_eq!(operator_name("a", "b\nc"), "a/b c");
}

#[test]
fn a_status_of_another_operator_is_not_written_for_the_name_alone() {
    let (mut world, _, mut b) = two_operators();
    world.second = HOUR;
    world.check(&mut b);
    assert_eq!((world.writes, world.object.status.unwrap().operator.as_deref()), (1, Some(A)));
}

#[test]
fn an_operator_that_finds_a_newer_write_of_another_one_says_so_once() {
    let (mut world, mut a, mut b) = two_operators();
    world.edit(0);
    world.check(&mut b);
    assert!(!world.conflict(), "nothing shows yet that the other one still runs");
    world.check(&mut a);
    assert_eq!((world.conflict(), world.events), (true, 1));
    assert!(
        world.ready_message().contains("team-a/operator and team-b/operator"),
        "{}",
        world.ready_message()
    );
    let writes = world.writes;
    for _ in 0..2 {
        world.second += 600;
        world.check(&mut b);
        world.check(&mut a);
    }
    assert_eq!((world.writes, world.events), (writes, 1));
}

#[test]
fn the_loser_of_a_race_for_a_new_object_says_so() {
    let (mut world, mut a, mut b) = (World::new(&on_totp()), Operator::new(A), Operator::new(B));
    let planned = world.object.clone();
    let written = reconciled_fully(&planned, &world.pool);
    world.finish(&mut a, &planned, &written);
    world.finish(&mut b, &planned, &written);
    assert_eq!((world.conflict(), world.events), (true, 1));
}

#[test]
fn operators_with_different_accounts_files_find_each_other() {
    let (mut world, mut a, mut b) = two_operators();
    let planned = world.object.clone();
    world.finish(&mut b, &planned, &denied(Forbidden::Namespace, false));
    assert!(!world.ready_message().contains("More than one"), "{}", world.ready_message());
    world.check(&mut a);
    assert!(world.ready_message().starts_with("Cognito equals the spec. More than one operator"));
}

#[test]
fn the_conflict_is_dropped_an_hour_after_the_other_operator_has_left() {
    let (mut world, mut a, mut b) = two_operators();
    world.edit(0);
    world.check(&mut b);
    world.check(&mut a);
    let (writes, end) = (world.writes, until_conflict_ends(&world.object, at(0)).unwrap());
    world.second = i64::try_from(end.as_secs()).unwrap() - 2;
    world.check(&mut a);
    assert!(world.conflict());
    world.second += 2;
    world.check(&mut a);
    assert!(!world.conflict());
    assert_eq!((world.writes, world.ready_message()), (writes + 1, "Cognito equals the spec."));
    world.second += DAY;
    world.check(&mut a);
    assert_eq!((world.conflict(), world.events), (false, 1));
}

#[test]
fn a_conflict_that_goes_on_is_reported_without_a_gap_or_another_event() {
    let (mut world, mut a, mut b) = two_operators();
    for round in 0..20 {
        world.second += 600;
        world.edit(round);
        world.check(&mut b);
        world.check(&mut a);
        assert!(world.conflict());
    }
    assert_eq!(world.events, 1);
}

#[test]
fn three_operators_are_all_named() {
    let (mut world, mut a, mut b) = two_operators();
    let mut c = Operator::new("team-c/operator");
    world.check(&mut c);
    world.edit(0);
    for operator in [&mut a, &mut b, &mut c] {
        world.check(operator);
    }
    assert!(world.ready_message().contains("team-a/operator and team-b/operator and team-c/operator"));
}

#[test]
fn the_event_of_a_conflict_names_the_operators_and_what_to_do() {
    let (mut world, mut a, mut b) = two_operators();
    world.edit(0);
    world.check(&mut b);
    let before = world.object.clone();
    world.check(&mut a);
    let event = conflict_event(A, &before, &world.object).unwrap();
    assert!(event.warning && event.reason == EventReason::OperatorConflict.as_str());
    assert!(event.note.starts_with("More than one operator") && event.note.contains("--watch-namespaces"));
    assert_eq!(conflict_event(B, &before, &world.object), None, "the one that wrote it publishes it");
}

/// One step of a schedule: how many seconds pass, and which operator looks.
fn schedule(steps: usize) -> impl Strategy<Value = Vec<(i64, bool)>> {
    proptest::collection::vec((0..2 * HOUR, any::<bool>()), steps)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_unchanged_world_costs_two_operators_a_few_writes_a_day(
        schedule in schedule(100), skew in prop_oneof![Just(0), -2 * HOUR..2 * HOUR],
    ) {
        let (mut world, mut a, mut b) = two_operators();
        b.skew = skew;
        for (seconds, is_a) in schedule {
            world.second += seconds;
            world.check(if is_a { &mut a } else { &mut b });
        }
        // lastVerifiedTime is refreshed once a day; where the clocks differ, by each of the two.
        let refreshes = if skew == 0 { world.second / DAY } else { 2 * (world.second / (DAY - 2 * HOUR) + 1) };
        let expected = 1 + usize::try_from(refreshes).unwrap();
        prop_assert!(world.content_writes <= expected, "{} instead of {expected}", world.content_writes);
        prop_assert!(world.writes <= 3 * world.content_writes, "{} for {}", world.writes, world.content_writes);
    }

    #[test]
    fn two_active_operators_are_reported_until_one_of_them_leaves(edits in 1usize..6, a_writes in any::<bool>(), stays_a in any::<bool>(), wait in 60i64..900) {
        let (mut world, mut a, mut b) = two_operators();
        for edit in 0..edits {
            world.second += wait;
            world.edit(edit);
            let (first, second) = if a_writes { (&mut a, &mut b) } else { (&mut b, &mut a) };
            world.check(first);
            world.check(second);
            prop_assert!(world.conflict());
        }
        let (mut rest, end) = (if stays_a { a } else { b }, world.second + HOUR + wait);
        while world.second <= end {
            world.second += wait;
            world.check(&mut rest);
        }
        prop_assert!(!world.conflict());
        let (writes, last) = (world.writes, world.second + 12 * HOUR);
        while world.second <= last {
            world.second += wait;
            world.check(&mut rest);
        }
        prop_assert_eq!((world.conflict(), world.writes, world.events), (false, writes, 1));
    }

    /// A hand-over between replicas, a rename of the release and a rollback of it: one operator follows another one.
    #[test]
    fn operators_that_follow_each_other_are_no_conflict(
        terms in proptest::collection::vec((select(vec![A, B, "team-c/operator"]), schedule(6), any::<bool>()), 1..8),
    ) {
        let mut world = World::new(&on_totp());
        for (name, schedule, edit) in terms {
            let mut operator = Operator::new(name);
            for (seconds, is_edited) in schedule {
                world.second += seconds;
                if edit && is_edited {
                    world.edit(0);
                }
                world.check(&mut operator);
                prop_assert!(!world.conflict());
            }
        }
        prop_assert_eq!(world.events, 0);
    }

    #[test]
    fn a_signed_status_is_written_once(object in object_with_history(), template in outcome_template(), second in 0i64..1_000, is_seen in any::<bool>()) {
        let outcome = template.outcome_for(&object);
        let mut before = object.clone();
        before.status.get_or_insert_default().operator = Some(B.into());
        let last_seen = if is_seen { content(&before) } else { content(&settled(&on_email())) };
        let sign = |object: &UserPoolMfaConfig| {
            signed_status(Writer { operator: A, last_seen }, object, at(second), |object| next_status(object, &outcome, first_check(), at(second)))
        };
        let written = UserPoolMfaConfig { status: sign(&before).or(before.status.clone()), ..before.clone() };
        prop_assert!(sign(&written).is_none());
        prop_assert_eq!(is_in_conflict(&written), !is_seen);
        // What operators say about each other changes nothing else in the status.
        let plain = next_status(&before, &outcome, first_check(), at(second)).or(before.status.clone());
        prop_assert_eq!(content(&UserPoolMfaConfig { status: plain, ..before.clone() }), content(&written));
        prop_assert!(until_conflict_ends(&written, at(second)).is_none_or(|end| end <= REPORTED_FOR + Duration::from_secs(1)));
    }
}
