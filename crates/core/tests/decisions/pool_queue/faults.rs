//! Promises of the queue under hostile sequences.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{
        queue::{CallQueue, CallRequest, Kind, Next, NextCall, ObjectKey, Priority, Queue, Scope},
        quota::{CallBudget, QuotaScope, pool_gap},
    },
};

use super::{
    SECOND,
    world::{Need, World},
};

#[allow(clippy::unnecessary_wraps)]
fn scope() -> Scope {
    Some(Arc::new(QuotaScope::own("eu-west-1_A")))
}

fn request(namespace: &str, pool: &str, priority: Priority, kind: Kind) -> CallRequest {
    CallRequest { namespace: namespace.into(), pool: pool.into(), priority, kind }
}

fn slow(queue: &mut Queue, operation: Operation) -> Duration {
    for second in 0..20 {
        let at = Duration::from_secs(second);
        queue.budget(&scope(), operation).record_throttled(at + SECOND, at + SECOND);
    }
    queue.budget(&scope(), operation).gap()
}

/// An object is woken again before its dispatch is answered.
#[test]
fn an_object_that_is_dispatched_twice_runs_alone_and_runs_again() {
    for kind in [Kind::StartExclusive, Kind::Start] {
        let mut queue = Queue::new(1.0, 2);
        let key: ObjectKey = "team/a".into();
        let ask = || request("team", "eu-west-1_A", Priority::Changed, kind);
        for _ in 0..2 {
            queue.wake(&key, SECOND);
            assert_eq!(queue.next(SECOND), Next::Due(key.clone()));
            queue.begin_dispatch(&key);
        }
        queue.ready(&key, &scope(), ask(), SECOND);
        assert!(matches!(queue.next(SECOND), Next::Start(..)));
        queue.ready(&key, &scope(), ask(), SECOND);
        assert!(!matches!(queue.next(SECOND * 2), Next::Start(..)), "{kind:?}: it runs twice at a time");
        queue.end(&key, Duration::ZERO, None, SECOND * 3);
        queue.wake(&key, SECOND * 4);
        assert_eq!(queue.next(SECOND * 4), Next::Due(key.clone()), "{kind:?}");
        queue.ready(&key, &scope(), ask(), SECOND * 4);
        assert!(matches!(queue.next(SECOND * 5), Next::Start(..)), "{kind:?}: it never runs again");
    }
}

/// SETs are slowed, reads are not. A tenant floods; another has one changed spec and ordinary checks.
#[test]
fn a_flood_of_writes_does_not_delay_a_namespace_that_has_checks() {
    for checks in [false, true] {
        let mut world = World::new(0.5);
        let gap = slow(&mut world.queue, Operation::Set);
        world.now = SECOND * 60;
        for number in 0..100 {
            let key = world.add(&format!("flood/{number}"), &format!("eu-west-1_F{number}"), false);
            world.wake(&key, Need::Write, Priority::Changed);
        }
        world.run_until(SECOND * 120);
        let one = world.add("one/changed", "eu-west-1_One", false);
        let check = world.add("one/checked", "eu-west-1_Checked", false);
        world.wake(&one, Need::Write, Priority::Changed);
        let start = world.now;
        let mut at = None;
        while at.is_none() && world.now < start + gap * 110 {
            if checks {
                world.wake(&check, Need::Read, Priority::Routine);
            }
            world.run_until(world.now + SECOND);
            at = world.writes.iter().find(|(_, key)| *key == one).map(|(at, _)| *at);
        }
        let gaps = at.expect("written").abs_diff(start).as_secs_f64() / gap.as_secs_f64();
        assert!(gaps < 6.0, "checks={checks}: {gaps} gaps");
    }
}

/// F2b. The checks of a namespace that changes specs, beside a namespace with many checks.
#[test]
fn a_namespace_with_changes_gets_its_checks() {
    let mut queue = CallQueue::new(CallBudget::new(Operation::Get, 0.5), pool_gap(0.5));
    let (mut ticket, mut now, mut granted) = (0, SECOND, Vec::new());
    let mut join = |queue: &mut CallQueue, namespace: &str, pool: &str, priority, now| {
        ticket += 1;
        queue.join(ticket, request(namespace, pool, priority, Kind::Call), now);
    };
    for number in 0..300 {
        join(&mut queue, "many", &format!("m{number}"), Priority::Routine, now);
    }
    for number in 0..5 {
        join(&mut queue, "edits", &format!("e{number}"), Priority::Routine, now);
    }
    for number in 0..600 {
        if number % 2 == 0 {
            join(&mut queue, "edits", &format!("c{}", number % 20), Priority::Changed, now);
        }
        loop {
            match queue.next_call(now, |priority, _| Some(priority)) {
                NextCall::Granted(_, request) => {
                    granted.push(request);
                    break;
                }
                NextCall::Wait(until) => now = until,
                NextCall::Idle => break,
            }
        }
        if granted.iter().filter(|one| one.pool.starts_with('e')).count() == 5 {
            assert!(number < 60, "{number}");
            return;
        }
    }
    panic!(
        "the checks starve beside {} others",
        granted.iter().filter(|one| one.pool.starts_with('m')).count()
    );
}

/// A check of a pool whose observers change all the time.
#[test]
fn a_check_of_a_pool_with_urgent_calls_does_not_starve() {
    let mut queue = CallQueue::new(CallBudget::new(Operation::Get, 0.5), pool_gap(0.5));
    let mut now = SECOND;
    queue.join(1, request("owner", "P", Priority::Routine, Kind::Call), now);
    let mut ticket = 1;
    let mut waiting_p = 0;
    let mut fillers = 0;
    for turn in 0..400 {
        while waiting_p < 2 {
            ticket += 1;
            waiting_p += 1;
            queue.join(ticket, request("observers", "P", Priority::Changed, Kind::Call), now);
        }
        while fillers < 4 {
            ticket += 1;
            fillers += 1;
            queue.join(ticket, request("edits", &format!("f{ticket}"), Priority::Changed, Kind::Call), now);
        }
        loop {
            match queue.next_call(now, |priority, _| Some(priority)) {
                NextCall::Granted(1, _) => {
                    assert!(turn < 20, "{turn}");
                    return;
                }
                NextCall::Granted(_, request) => {
                    if request.pool == "P" {
                        waiting_p -= 1;
                    } else {
                        fillers -= 1;
                    }
                    break;
                }
                NextCall::Wait(until) => now = until,
                NextCall::Idle => unreachable!(),
            }
        }
    }
    panic!("starved for 400 turns");
}

/// The queue asks again in time for a read before a write while a check waits for its pool.
#[test]
fn the_read_of_a_due_write_is_not_late_because_a_check_waits_for_its_pool() {
    let mut queue = Queue::new(0.05, 2);
    let at = SECOND * 100;
    queue.ready(&"a/seen".into(), &scope(), request("a", "eu-west-1_A", Priority::Routine, Kind::Start), at);
    assert!(matches!(queue.next(at), Next::Start(..)));
    queue.budget(&scope(), Operation::Set).record_throttled(at + SECOND, at + SECOND);
    let set_at = queue.budget(&scope(), Operation::Set).next();
    let mut now = at + SECOND;
    queue.ready(&"b/seen".into(), &scope(), request("b", "eu-west-1_A", Priority::Routine, Kind::Start), now);
    queue.ready(
        &"c/due".into(),
        &scope(),
        request("c", "eu-west-1_C", Priority::WriteDue, Kind::StartExclusive),
        now,
    );
    loop {
        match queue.next(now) {
            Next::Start(key, ..) if &*key == "c/due" => break,
            Next::Wait(until) => now = until,
            other => panic!("{other:?}"),
        }
    }
    assert!(now + SECOND < set_at, "read at {now:?} for a turn at {set_at:?}");
}

/// Retried reads of reconciliations that run, in a full slowed scope.
#[test]
fn a_full_slowed_scope_goes_on_when_first_reads_fail() {
    for count in [60, 70] {
        let mut queue = Queue::new(0.5, 2);
        slow(&mut queue, Operation::Get);
        let mut now = SECOND * 100;
        for number in 0..count {
            let pool = format!("eu-west-1_{number}");
            queue.ready(
                &format!("team/{number}").into(),
                &scope(),
                request("team", &pool, Priority::Changed, Kind::StartExclusive),
                now,
            );
        }
        let mut retries = HashMap::new();
        let (mut ended, mut stuck) = (0, false);
        while ended < count {
            match queue.next(now) {
                Next::Start(key, ..) => {
                    let pool = format!("eu-west-1_{}", key.split('/').nth(1).unwrap());
                    let ticket = queue.join(
                        &scope(),
                        Operation::Get,
                        request("team", &pool, Priority::Changed, Kind::Call),
                        now,
                    );
                    retries.insert(ticket, key);
                }
                Next::Call(ticket) => {
                    ended += 1;
                    queue.end(&retries[&ticket], Duration::ZERO, None, now);
                }
                Next::Wait(until) => now = until,
                Next::Idle => {
                    stuck = true;
                    break;
                }
                Next::Due(_) => unreachable!(),
            }
        }
        assert!(!stuck, "{count}: {} run and wait for ever, {ended} ended", retries.len() - ended);
    }
}

/// An object that is woken while it waits keeps its place among the others of its namespace.
#[test]
fn a_waiting_object_that_is_woken_again_and_again_is_served() {
    let mut world = World::new(0.5);
    let gap = slow(&mut world.queue, Operation::Get);
    world.now = SECOND * 60;
    let keys: Vec<_> = (0..20)
        .map(|number| world.add(&format!("team/{number}"), &format!("eu-west-1_{number}"), false))
        .collect();
    let woken = world.add("team/woken", "eu-west-1_W", false);
    for key in &keys {
        world.wake(key, Need::Read, Priority::Changed);
    }
    world.wake(&woken, Need::Read, Priority::Changed);
    for _ in 0..400 {
        world.run_until(world.now + gap / 2);
        // Each one that was served changes again: the scope is overloaded.
        for key in &keys {
            if world.objects[key].need.is_none() {
                world.wake(key, Need::Read, Priority::Changed);
            }
        }
        if world.objects[&woken].need.is_none() {
            return;
        }
        world.wake(&woken, Need::Read, Priority::Changed);
    }
    panic!("it was never served in 200 turns of 21 objects");
}
