//! The queue of reconciliations and calls, in virtual time.

mod faults;
mod hostile;
mod neighbours;
mod world;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{
        queue::{
            CallRequest, Kind, MAX_RUNNING_PER_NAMESPACE, MAX_RUNNING_PER_SCOPE, Next, Priority, Queue,
            Scope, Start,
        },
        quota::{CallBudget, QuotaScope, published_rate},
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

/// The start of a reconciliation that has reserved the pool, and has not waited.
fn start(scope: Scope) -> Start {
    Start { scope, pool: Some("eu-west-1_A".into()), waited: Duration::ZERO }
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

#[test]
fn one_scope_that_does_not_answer_starts_a_bounded_number() {
    let mut queue = Queue::new(1.0, 2);
    let mut now = SECOND;
    let request = |pool: usize| CallRequest {
        namespace: "team".into(),
        pool: format!("eu-west-1_{pool}"),
        priority: Priority::Routine,
        kind: Kind::StartExclusive,
    };
    for number in 0..200 {
        let scope = Some(Arc::new(QuotaScope::own("eu-west-1_A")));
        queue.ready(&format!("team/{number}").into(), &scope, request(number), now);
        queue.ready(&format!("team/api-{number}").into(), &None, request(1_000 + number), now);
    }
    let mut started = 0;
    while now < Duration::from_mins(1) {
        match queue.next(now) {
            Next::Start(..) => started += 1,
            Next::Wait(until) => now = until,
            Next::Idle => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(started, MAX_RUNNING_PER_SCOPE + 2);
}

#[test]
fn another_owner_waits_until_the_write_of_the_first_can_no_longer_arrive() {
    let mut queue = Queue::new(1.0, 2);
    let (first, heir) = ("team/first".into(), "other/heir".into());
    let request = |namespace: &str| CallRequest {
        namespace: namespace.into(),
        pool: "eu-west-1_A".into(),
        priority: Priority::Changed,
        kind: Kind::StartExclusive,
    };
    let scope = || Some(Arc::new(QuotaScope::own("eu-west-1_A")));
    queue.ready(&first, &scope(), request("team"), SECOND);
    queue.ready(&heir, &scope(), request("other"), SECOND);
    assert_eq!(queue.next(SECOND), Next::Start(first.clone(), start(scope())));
    assert_eq!(queue.next(SECOND * 9), Next::Idle, "the pool is being reconciled");
    queue.end(&first, SECOND * 30, None, SECOND * 10);
    assert_eq!(queue.next(SECOND * 39), Next::Wait(SECOND * 40));
    assert!(queue.any_blocked(SECOND * 39) && !queue.any_blocked(SECOND * 40));
    assert_eq!(queue.next(SECOND * 40), Next::Due(heir.clone()));
    queue.ready(&heir, &scope(), request("other"), SECOND * 40);
    assert_eq!(queue.next(SECOND * 40), Next::Start(heir, start(scope())));
}

#[test]
fn a_due_object_is_dispatched_once_however_often_it_is_woken() {
    let (mut queue, key) = (Queue::new(1.0, 2), "team/a".into());
    for _ in 0..10_000 {
        queue.wake(&key, SECOND);
        queue.next(SECOND);
    }
    assert_eq!(queue.next(SECOND), Next::Idle);
    queue.begin_dispatch(&key);
    queue.wake(&key, SECOND);
    queue.plan(&key, SECOND * 60);
    assert_eq!(queue.next(SECOND), Next::Due(key), "it changed after its dispatch had begun");
}

#[test]
fn a_namespace_with_many_scopes_runs_a_bounded_number_and_keeps_no_other_waiting() {
    let mut queue = Queue::new(1.0, 2);
    let ready = |queue: &mut Queue, namespace: &str, number: usize, now| {
        let pool = format!("region-{number}_{namespace}");
        let request = CallRequest {
            namespace: namespace.into(),
            pool: pool.clone(),
            priority: Priority::Changed,
            kind: Kind::StartExclusive,
        };
        let scope = Some(Arc::new(QuotaScope::own(&pool)));
        queue.ready(&format!("{namespace}/{number}").into(), &scope, request, now);
    };
    let mut running = VecDeque::new();
    let run = |queue: &mut Queue, running: &mut VecDeque<_>, mut now: Duration, until: Duration| loop {
        match queue.next(now) {
            Next::Start(key, _) => running.push_back(key),
            Next::Due(key) => {
                queue.begin_dispatch(&key);
                let (namespace, number) = key.split_once('/').unwrap();
                ready(queue, namespace, number.parse().unwrap(), now);
            }
            Next::Wait(at) if at <= until => now = at,
            Next::Wait(_) | Next::Idle => return,
            Next::Call(_) => unreachable!(),
        }
    };
    (0..1_000).for_each(|number| ready(&mut queue, "many", number, SECOND));
    run(&mut queue, &mut running, SECOND, SECOND * 2);
    assert_eq!(running.len(), MAX_RUNNING_PER_NAMESPACE);
    ready(&mut queue, "one", 1, SECOND * 2);
    run(&mut queue, &mut running, SECOND * 2, SECOND * 2);
    assert_eq!(running.back().map(|key| &**key), Some("one/1"));
    let (mut ended, mut now) = (0, SECOND * 2);
    while let Some(key) = running.pop_front() {
        ended += 1;
        queue.end(&key, Duration::ZERO, None, now);
        run(&mut queue, &mut running, now, now + SECOND);
        now += SECOND;
    }
    assert_eq!(ended, 1_001, "those that found the namespace full are retried");
}

#[test]
fn a_scope_that_nobody_uses_is_forgotten_and_a_new_one_may_be_used_at_once() {
    let mut queue = Queue::new(0.5, 2);
    let scope = Some(Arc::new(QuotaScope::own("eu-west-1_A")));
    let request = CallRequest {
        namespace: "team".into(),
        pool: "eu-west-1_A".into(),
        priority: Priority::Routine,
        kind: Kind::Call,
    };
    let ticket = queue.join(&scope, Operation::Get, request, SECOND);
    assert_eq!(queue.next(SECOND), Next::Call(ticket), "the process started long ago");
    queue.budget(&scope, Operation::Get).record_throttled(SECOND, SECOND);
    assert_eq!((queue.next(SECOND * 3_000), queue.scopes()), (Next::Wait(SECOND * 3_601), 1));
    assert!(queue.slowest(Operation::Get) < CallBudget::new(Operation::Get, 0.5).rate());
    assert_eq!((queue.next(SECOND * 3_700), queue.scopes()), (Next::Idle, 0));
}

#[test]
fn an_observer_does_not_keep_its_pool_from_its_owner() {
    let (mut queue, scope) = (Queue::new(1.0, 2), Some(Arc::new(QuotaScope::own("eu-west-1_A"))));
    let request =
        |kind, priority| CallRequest { namespace: "team".into(), pool: "eu-west-1_A".into(), priority, kind };
    queue.ready(&"team/observer".into(), &scope, request(Kind::Start, Priority::Routine), SECOND);
    assert!(matches!(queue.next(SECOND), Next::Start(..)));
    queue.ready(&"team/owner".into(), &scope, request(Kind::StartExclusive, Priority::Changed), SECOND);
    let Next::Start(key, _) = queue.next(SECOND * 2) else { panic!("the observer runs") };
    assert_eq!(&*key, "team/owner");
}
