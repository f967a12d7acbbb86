use cognito_mfa_core::schedule::{
    queue::{Kind, Priority},
    quota::QuotaScope,
};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};

use super::*;

const HALF: f64 = 0.5;

#[allow(clippy::unnecessary_wraps, reason = "the type that a turn is asked for with")]
fn scope() -> Scope {
    Some(Arc::new(QuotaScope::own("eu-west-1_A")))
}

fn queue(share: f64) -> SharedQueue {
    SharedQueue::new(share, 1).0
}

fn slowest(queue: &SharedQueue, operation: Operation) -> f64 {
    queue.ask(|queue, _| queue.slowest(operation))
}

impl CallTurn {
    fn granted_at(&self, queue: &SharedQueue) -> Duration {
        queue.time(self.granted_at)
    }
}

fn request(pool: usize, priority: Priority) -> CallRequest {
    CallRequest {
        namespace: format!("team-{}", pool % 20),
        pool: pool.to_string(),
        priority,
        kind: Kind::Call,
    }
}

/// The times of the turns of these calls, which all ask at once.
async fn turn_times(
    limiter: &SharedQueue,
    operation: Operation,
    requests: Vec<CallRequest>,
) -> Vec<Duration> {
    let scope = scope();
    let waiting: FuturesUnordered<_> = requests
        .into_iter()
        .map(|request| async { limiter.turn(&scope, operation, request).await.granted_at(limiter) })
        .collect();
    waiting.collect().await
}

#[tokio::test(start_paused = true)]
async fn five_hundred_calls_at_once_keep_the_rate_and_use_the_budget() {
    let limiter = queue(HALF);
    let all = (0..500).map(|pool| request(pool, Priority::Changed)).collect();
    let times = turn_times(&limiter, Operation::Set, all).await;
    for pair in times.windows(2) {
        assert!(pair[1].abs_diff(pair[0]) >= Duration::from_secs_f64(1.0 / 7.5), "{pair:?}");
    }
    let used = 499.0 / times[499].abs_diff(times[0]).as_secs_f64() / 7.5;
    assert!(used >= 0.95, "{used}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_is_granted_at_the_time_that_it_states() {
    let limiter = queue(HALF);
    for pool in 0..5 {
        let turn = limiter.turn(&scope(), Operation::Get, request(pool, Priority::Routine)).await;
        assert_eq!(turn.granted_at(&limiter), limiter.time(Instant::now()));
        assert!(turn.granted_at(&limiter) >= Duration::from_millis(100) * u32::try_from(pool + 1).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_at_once_when_no_other_waits_and_the_rate_allows_it() {
    let (limiter, scope) = (queue(HALF), scope());
    limiter.turn(&scope, Operation::Get, request(1, Priority::Changed)).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let next = limiter.turn(&scope, Operation::Get, request(2, Priority::Changed));
    assert!(next.now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_gives_its_turn_to_the_next_one() {
    let limiter = queue(HALF);
    let scope = scope();
    let first = limiter.turn(&scope, Operation::Get, request(1, Priority::Changed));
    let cancelled = limiter.turn(&scope, Operation::Get, request(2, Priority::Changed));
    let last = limiter.turn(&scope, Operation::Get, request(3, Priority::Routine));
    let cancelled = tokio::time::timeout(Duration::from_millis(50), cancelled);
    let (first, cancelled, last) = tokio::join!(first, cancelled, last);
    assert!(cancelled.is_err());
    assert!(last.granted_at(&limiter).abs_diff(first.granted_at(&limiter)) < Duration::from_millis(105));
}

#[tokio::test(start_paused = true)]
async fn a_late_change_goes_before_waiting_checks() {
    let limiter = queue(HALF);
    let checks =
        turn_times(&limiter, Operation::Get, (0..100).map(|pool| request(pool, Priority::Routine)).collect());
    let change = async {
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        limiter.turn(&scope(), Operation::Get, request(200, Priority::Changed)).await.granted_at(&limiter)
    };
    let (_, granted) = tokio::join!(checks, change);
    assert!(granted < Duration::from_millis(1_200), "{granted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_does_not_wait_behind_one_that_waits_for_its_pool() {
    let limiter = queue(0.05);
    let scope = scope();
    let same = || limiter.turn(&scope, Operation::Get, request(1, Priority::Changed));
    let other = async {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        limiter.turn(&scope, Operation::Get, request(2, Priority::Routine)).await.granted_at(&limiter)
    };
    let (_, second, other) = tokio::join!(same(), same(), other);
    assert!(second.granted_at(&limiter) >= Duration::from_secs(5), "{:?}", second.granted_at(&limiter));
    assert!(other < Duration::from_millis(2_600), "{other:?}");
}

#[tokio::test(start_paused = true)]
async fn operations_accounts_and_regions_do_not_wait_for_each_other() {
    let limiter = queue(HALF);
    let other_region = Some(Arc::new(QuotaScope::own("us-east-1_A")));
    let (account, region) = ("another".into(), "eu-west-1".into());
    let other_account = Some(Arc::new(QuotaScope { account, region }));
    for (scope, operation) in [
        (&scope(), Operation::Get),
        (&scope(), Operation::Set),
        (&other_region, Operation::Get),
        (&other_account, Operation::Get),
    ] {
        let start = limiter.time(Instant::now());
        let turn = limiter.turn(scope, operation, request(1, Priority::Routine)).await;
        assert!(
            turn.granted_at(&limiter).abs_diff(start) < Duration::from_millis(140),
            "{scope:?} {operation:?}"
        );
    }
    assert_eq!(limiter.ask(|queue, _| queue.scopes()), 3);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_scope_is_slower_and_recovers() {
    let limiter = queue(HALF);
    let turn = limiter.turn(&scope(), Operation::Get, request(1, Priority::Changed)).await;
    assert_eq!(limiter.record_result(&turn, Some(FailureClass::Throttled)), Some(5.0));
    assert_eq!(
        limiter.record_result(&turn, Some(FailureClass::Throttled)),
        None,
        "the call was already in flight"
    );
    assert_eq!(limiter.record_result(&turn, Some(FailureClass::Transient)), None, "no answer says nothing");
    assert_eq!((slowest(&limiter, Operation::Get), slowest(&limiter, Operation::Set)), (5.0, 7.5));
    let next = limiter.turn(&scope(), Operation::Get, request(2, Priority::Changed)).await;
    assert!(next.granted_at(&limiter).abs_diff(turn.granted_at(&limiter)) >= Duration::from_millis(200));
    for _ in 0..100 {
        limiter.record_result(&next, None);
    }
    assert!(slowest(&limiter, Operation::Get) > 9.99);
}

#[tokio::test(start_paused = true)]
async fn the_calls_of_turns_that_were_granted_during_a_stall_do_not_leave_together() {
    let limiter = queue(HALF);
    let mut turns = Vec::new();
    for pool in 0..75 {
        turns.push(limiter.turn(&scope(), Operation::Set, request(pool, Priority::Changed)).await);
    }
    let now = Instant::now();
    let may_leave = turns.iter().filter(|turn| turn.valid_until(0) >= now);
    assert!(may_leave.count() <= 4, "7.5 calls a second");
}
