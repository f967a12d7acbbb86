//! The queue of reconciliations and calls, in virtual time.

mod bare_queue;
mod faults;
mod hostile;
mod neighbours;
mod timeline;
mod world;

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{
        queue::{MAX_RUNNING_PER_SCOPE, Priority},
        quota::{QuotaScope, published_rate},
    },
};
use proptest::prelude::*;
use world::{Need, World};

use crate::rates::{busiest, ceil};

const SECOND: Duration = Duration::from_secs(1);
const FOREVER: Duration = Duration::from_hours(1_000);

fn needs() -> impl Strategy<Value = (Need, Priority)> {
    prop_oneof![
        3 => Just((Need::Read, Priority::Routine)),
        1 => Just((Need::Read, Priority::Requested)),
        2 => Just((Need::Write, Priority::Changed)),
        1 => Just((Need::Write, Priority::Routine)),
        1 => Just((Need::Retry, Priority::Changed)),
        1 => Just((Need::Status, Priority::Routine)),
    ]
}

proptest! {
    /// The world itself checks that no object and no pool is in two reconciliations at a time.
    #[test]
    fn no_budget_is_exceeded_no_wake_is_lost_and_nothing_starves(
        share in 0.05..=1.0f64,
        wakes in prop::collection::vec((0u64..3_000, 0usize..12, needs()), 1..120),
    ) {
        let mut world = World::new(share);
        let keys: Vec<_> = (0..12).map(|number| {
            let pool = format!("{}_{}", ["eu-west-1", "us-east-1"][number % 2], number % 5);
            world.add(&format!("team-{}/{number}", number % 3), &pool, number % 4 == 3)
        }).collect();
        let mut woken = vec![None; keys.len()];
        for (wait, object, (need, priority)) in wakes {
            world.run_until(world.now + Duration::from_millis(wait));
            let observes = world.objects[&keys[object]].observes;
            world.wake(&keys[object], if observes { Need::Read } else { need }, priority);
            woken[object] = Some((world.now, need == Need::Write && !observes));
        }
        prop_assert!(!world.run_until(FOREVER), "something waits for ever");
        for operation in [Operation::Get, Operation::Set] {
            for region in ["eu-west-1", "us-east-1"] {
                let calls = world.calls.iter().filter(|(_, made, scope)| *made == operation && scope.region == region);
                prop_assert!(busiest(calls.map(|(at, ..)| *at)) <= ceil(published_rate(operation) * share));
            }
        }
        for (key, woken) in keys.iter().zip(woken) {
            let Some((at, writes)) = woken else { continue };
            prop_assert!(world.starts.iter().any(|(start, started, _)| started == key && *start >= at), "{key}");
            prop_assert!(!writes || world.writes.iter().any(|(write, written)| written == key && *write >= at), "{key}");
        }
    }

    #[test]
    fn a_changed_spec_overtakes_any_number_of_waiting_checks(checks in 1usize..300, namespaces in 1usize..8, after in 0u64..3_000) {
        let mut world = World::new(0.5);
        for number in 0..checks {
            let key = world.add(&format!("team-{}/{number}", number % namespaces), &format!("eu-west-1_{number}"), false);
            world.wake(&key, Need::Read, Priority::Routine);
        }
        world.run_until(Duration::from_millis(after));
        let late = world.add("late/a", "eu-west-1_late", false);
        world.wake(&late, Need::Read, Priority::Changed);
        let woken = world.now;
        world.run_until(woken + Duration::from_millis(101));
        prop_assert!(world.starts.iter().any(|(_, key, _)| *key == late), "{:?}", world.starts.len());
    }
}

/// A region at the lowest rate of the lowest share: a read in 64 and a write in 85 seconds.
fn slowest() -> (World, Duration) {
    let mut world = World::new(0.05);
    let scope = Some(Arc::new(QuotaScope::own("eu-west-1_A")));
    for operation in [Operation::Get, Operation::Set] {
        for second in 0..20 {
            let at = Duration::from_secs(second);
            world.queue.budget(&scope, operation).record_throttled(at + SECOND, at + SECOND);
        }
    }
    let gap = world.queue.budget(&scope, Operation::Set).gap();
    (world, gap)
}

#[test]
fn ten_pools_are_written_within_twelve_gaps_at_the_lowest_rate() {
    let (mut world, gap) = slowest();
    world.now = Duration::from_mins(3);
    for number in 0..20 {
        let key = world.add(&format!("checked/{number}"), &format!("eu-west-1_C{number}"), false);
        world.wake(&key, Need::Read, Priority::Routine);
    }
    for number in 0..10 {
        let key = world.add(&format!("changed/{number}"), &format!("eu-west-1_{number}"), false);
        world.wake(&key, Need::Write, Priority::Changed);
    }
    let start = world.now;
    world.run_until(start + gap * 12);
    assert_eq!(world.writes.len(), 10, "{:?}", world.writes);
    assert!(!world.run_until(FOREVER) && world.starts.len() >= 30, "the checks are made, too");
}

#[test]
fn runs_whose_reads_fail_do_not_block_a_slowed_scope() {
    let (mut world, _) = slowest();
    for number in 0..2 * MAX_RUNNING_PER_SCOPE {
        let key = world.add(&format!("changed/{number}"), &format!("eu-west-1_{number}"), false);
        world.wake(&key, Need::Retry, Priority::Changed);
    }
    assert!(!world.run_until(FOREVER));
    assert_eq!(world.starts.len(), 2 * MAX_RUNNING_PER_SCOPE);
}

#[test]
fn a_thousand_changed_pools_use_95_percent_of_the_write_quota() {
    let mut world = World::new(0.5);
    for number in 0..1_000 {
        let key = world.add(&format!("team-{}/{number}", number % 20), &format!("eu-west-1_{number}"), false);
        world.wake(&key, Need::Write, Priority::Changed);
    }
    assert!(!world.run_until(FOREVER));
    let (first, last) = (world.writes[0].0, world.writes[999].0);
    assert_eq!(world.writes.len(), 1_000);
    let used = 999.0 / last.abs_diff(first).as_secs_f64() / 7.5;
    assert!(used >= 0.95, "{used}");
    assert!(world.starts.len() < 2_100, "{} reads for 1,000 writes", world.starts.len());
}
