//! The queue, asked step by step.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{
        queue::{
            CallRequest, Kind, MAX_RUNNING_PER_NAMESPACE, MAX_RUNNING_PER_SCOPE, Next, Priority, Queue,
            Scope, Start,
        },
        quota::{CallBudget, QuotaScope},
    },
};

use super::SECOND;

/// The start of a reconciliation that has reserved the pool, and has not waited.
fn start(scope: Scope) -> Start {
    Start { scope, pool: Some("eu-west-1_A".into()), waited: Duration::ZERO }
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
