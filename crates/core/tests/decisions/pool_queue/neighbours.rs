//! Many objects, scopes and namespaces beside each other.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{queue::Priority, quota::QuotaScope},
};

use super::{
    FOREVER, SECOND,
    world::{Need, World},
};

/// Lowers the rate of an operation as far as it goes. Returns the time between two calls.
fn slow(world: &mut World, operation: Operation) -> Duration {
    let scope = Some(Arc::new(QuotaScope::own("eu-west-1_A")));
    let budget = world.queue.budget(&scope, operation);
    for second in 1..21 {
        budget.record_throttled(SECOND * second, SECOND * second);
    }
    budget.gap()
}

#[test]
fn two_thousand_scopes_are_forgotten() {
    let mut world = World::new(1.0);
    for number in 0..2_000 {
        let key = world.add(&format!("team-{number}/a"), &format!("region-{number}_A"), number % 3 == 0);
        world.wake(&key, if number % 3 == 0 { Need::Read } else { Need::Write }, Priority::Changed);
    }
    world.run_until(SECOND * 30);
    assert_eq!((world.starts.len(), world.queue.scopes()), (2_000, 2_000));
    assert!(!world.run_until(FOREVER));
    assert_eq!(world.queue.scopes(), 0);
}

/// A tenant's writes pile up while writes are slow; then reads become slow, too.
#[test]
fn a_changed_spec_is_read_beside_a_backlog_of_due_writes() {
    let mut world = World::new(0.05);
    let gap = slow(&mut world, Operation::Set);
    world.now = SECOND * 200;
    for number in 0..300 {
        let key = world.add(&format!("many/{number}"), &format!("eu-west-1_M{number}"), false);
        world.wake(&key, Need::Write, Priority::Changed);
    }
    world.run_until(SECOND * 1_000);
    let scope = Some(Arc::new(QuotaScope::own("eu-west-1_A")));
    world.queue.budget(&scope, Operation::Get).record_throttled(world.now, world.now);
    let one = world.add("one/a", "eu-west-1_One", false);
    world.wake(&one, Need::Write, Priority::Changed);
    let start = world.now;
    world.run_until(FOREVER);
    let at = world.writes.iter().find(|(_, key)| *key == one).expect("written").0;
    let gaps = at.abs_diff(start).as_secs_f64() / gap.as_secs_f64();
    assert!(gaps < 5.0, "{gaps}");
}

/// Hundreds of pools of a tenant beside one of another, at the lowest rates of both operations.
#[test]
fn one_pool_beside_hundreds_at_the_lowest_rates() {
    for (slow_get, slow_set) in [(true, true), (true, false), (false, true)] {
        let mut world = World::new(0.05);
        let gap_get = if slow_get { slow(&mut world, Operation::Get) } else { SECOND };
        let gap_set = if slow_set { slow(&mut world, Operation::Set) } else { Duration::from_millis(1_334) };
        world.now = SECOND * 200;
        for number in 0..300 {
            let key = world.add(&format!("many/{number}"), &format!("eu-west-1_M{number}"), false);
            world.wake(
                &key,
                Need::Write,
                if number % 5 == 0 { Priority::Routine } else { Priority::Changed },
            );
        }
        world.run_until(SECOND * 2_000);
        let one = world.add("one/a", "eu-west-1_One", false);
        world.wake(&one, Need::Write, Priority::Changed);
        let start = world.now;
        world.run_until(FOREVER);
        let at = world.writes.iter().find(|(_, key)| *key == one).expect("written").0;
        let gaps = at.abs_diff(start).as_secs_f64() / gap_get.max(gap_set).as_secs_f64();
        assert!(gaps < 12.0, "{slow_get} {slow_set}: {gaps}");
    }
}

/// A tenant's objects observe another's pool, and change all the time: each pool has a gap between its reads.
#[test]
fn observers_that_change_all_the_time_do_not_keep_a_pool_from_its_owner() {
    for (theirs, own) in [
        (Priority::Changed, Priority::Routine),
        (Priority::Requested, Priority::Routine),
        (Priority::Changed, Priority::Changed),
    ] {
        let mut world = World::new(0.5);
        let observers = [0, 1].map(|number| world.add(&format!("observers/{number}"), "eu-west-1_P", true));
        let others: Vec<_> = (0..200)
            .map(|number| world.add(&format!("team/{number}"), &format!("eu-west-1_{number}"), false))
            .collect();
        let owner = world.add("team/owner", "eu-west-1_P", false);
        world.now = SECOND * 10;
        for (tenth, other) in others.iter().enumerate() {
            for key in &observers {
                world.wake(key, Need::Read, theirs);
            }
            if tenth % 3 == 0 {
                world.wake(other, Need::Read, own);
            }
            if tenth == 20 {
                world.wake(&owner, Need::Read, own);
            }
            let next = world.now + SECOND / 10;
            world.run_until(next);
            world.now = next;
        }
        let start = world.starts.iter().find(|(_, key, _)| *key == owner);
        let at = start.unwrap_or_else(|| panic!("{theirs:?} {own:?}: the owner's read never came")).0;
        assert!(at < SECOND * 16, "{theirs:?} {own:?}: {at:?}");
    }
}

/// Both wait in a region whose reads are slow, where changed specs are read right before a write may be sent.
#[test]
fn a_changed_observer_and_its_pools_owner_do_not_wait_for_each_other() {
    let mut world = World::new(0.05);
    let scope = Some(Arc::new(QuotaScope::own("eu-west-1_P")));
    world.now = SECOND;
    world.queue.budget(&scope, Operation::Get).record_throttled(SECOND, SECOND);
    let observer = world.add("observers/a", "eu-west-1_P", true);
    let owner = world.add("team/owner", "eu-west-1_P", false);
    world.wake(&owner, Need::Read, Priority::Requested);
    world.wake(&observer, Need::Read, Priority::Changed);
    world.run_until(FOREVER);
    let started: Vec<_> = world.starts.iter().map(|(_, key, _)| &**key).collect();
    assert_eq!(started, ["team/owner", "observers/a"]);
}
