//! The time that is announced for the turn of an object on hold.

use std::time::Duration;

use cognito_mfa_core::plan::budget::{Now, WeakeningBudget, WriteResult};
use jiff::Timestamp;
use test_support::fixtures::at;

use super::{HOUR, minutes, seconds, weakens, weakens_exempt};

fn expected(budget: &mut WeakeningBudget, object: &str, now: Now) -> Timestamp {
    budget.request(object, 1, now).expect_err("the limit is used up").expected.expect("a limit above 0")
}

/// Whether the announced time is that of the turn, rounded up to this unit.
fn is_announced_for(announced: Timestamp, minute: i64, unit_minutes: i64) -> bool {
    let (turn, unit) = (at(minute * 60).as_second(), unit_minutes * 60);
    announced.as_second() % unit == 0 && (turn..=turn + unit).contains(&announced.as_second())
}

#[test]
fn a_turn_is_announced_to_the_quarter_hour_and_a_far_one_to_the_hour() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "team/a", minutes(0)) && weakens(&mut budget, "team/b", minutes(10)));
    let turns = [60, 70, 120, 130, 180, 190];
    for (number, turn) in turns.into_iter().enumerate() {
        let announced = expected(&mut budget, &format!("team/waits-{number}"), minutes(20));
        let unit = if turn <= 140 { 15 } else { 60 };
        assert!(is_announced_for(announced, turn, unit), "{announced} for minute {turn}");
    }
}

#[test]
fn a_turn_behind_a_late_object_is_announced_with_the_free_place_counted() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "team/a", minutes(0)));
    assert!(weakens(&mut budget, "team/b", minutes(30)) && !weakens(&mut budget, "team/c", minutes(59)));
    let announced = expected(&mut budget, "team/d", minutes(60));
    assert!(is_announced_for(announced, 90, 15), "{announced}");
}

#[test]
fn the_announced_time_stays_while_the_prediction_holds() {
    let mut budget = WeakeningBudget::new(1);
    assert!(weakens(&mut budget, "team/a", minutes(0)));
    let objects = ["team/b", "team/c", "team/d", "team/e"];
    let mut waiting: Vec<_> =
        objects.iter().map(|object| (*object, expected(&mut budget, object, minutes(1)))).collect();
    for minute in 2..=240 {
        waiting.retain(|(object, announced)| {
            let served = weakens(&mut budget, object, minutes(minute));
            if !served {
                // Each wall clock runs a little faster or slower than the monotonic one.
                let mut now = seconds(minute * 60 + 30);
                now.wall_clock = at((minute * 60 + 25 + minute % 10).cast_signed());
                assert_eq!(expected(&mut budget, object, now), *announced, "{object} at minute {minute}");
            }
            !served
        });
    }
    assert_eq!(waiting, []);
}

#[test]
fn the_announced_time_changes_when_the_turn_is_much_later_or_sooner() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "team/a", minutes(0)) && weakens(&mut budget, "team/b", minutes(0)));
    let first = expected(&mut budget, "team/c", minutes(1));
    weakens_exempt(&mut budget, "tenant/a", minutes(30));
    weakens_exempt(&mut budget, "tenant/b", minutes(31));
    assert_eq!(expected(&mut budget, "team/c", minutes(31)), first, "one place is free in time");
    let [second, third, fourth] =
        ["team/d", "team/e", "team/f"].map(|object| expected(&mut budget, object, minutes(31)));
    for (announced, turn, unit) in [(second, 91, 15), (third, 120, 15), (fourth, 151, 15)] {
        assert!(is_announced_for(announced, turn, unit), "{announced} for minute {turn}");
    }
    budget.leave_line("team/c");
    assert_eq!(expected(&mut budget, "team/f", minutes(32)), fourth, "half an hour sooner");
    budget.leave_line("team/d");
    budget.leave_line("team/e");
    let sooner = expected(&mut budget, "team/f", minutes(33));
    assert!(is_announced_for(sooner, 60, 15), "{sooner}");
}

#[test]
fn a_clock_that_jumps_changes_the_announced_time_once() {
    let mut budget = WeakeningBudget::new(1);
    assert!(weakens(&mut budget, "team/a", minutes(0)));
    let first = expected(&mut budget, "team/b", minutes(1));
    let jumped = |minute| Now { wall_clock: minutes(minute).wall_clock + HOUR * 24, ..minutes(minute) };
    let second = expected(&mut budget, "team/b", jumped(2));
    assert!(second > first + Duration::from_hours(23));
    assert_eq!(expected(&mut budget, "team/b", jumped(3)), second);
}

#[test]
fn announced_times_seldom_change_while_several_namespaces_take_turns() {
    let mut budget = WeakeningBudget::new(5);
    let objects = (0..60).map(|number| (format!("team-{}/{number}", number % 3), None, 0));
    let mut waiting: Vec<_> = objects.collect();
    let mut changes = Vec::new();
    for minute in (0..900).step_by(10) {
        waiting.retain_mut(|(object, announced, count)| {
            let Err(turn) = budget.request(object, 1, minutes(minute)) else {
                budget.record_result(object, WriteResult::Accepted, minutes(minute).since_start);
                changes.push(*count);
                return false;
            };
            *count += u32::from(announced.replace(turn.expected) != Some(turn.expected));
            true
        });
    }
    assert_eq!(changes.len(), 60);
    assert!(changes.iter().all(|count| *count <= 3), "{changes:?}");
}
