use cognito_mfa_core::schedule::queue::Priority;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};

use super::*;

const HALF: f64 = 0.5;

fn scope() -> QuotaScope {
    QuotaScope::own("eu-west-1_A")
}

fn request(pool: usize, priority: Priority) -> CallRequest {
    CallRequest { namespace: format!("team-{}", pool % 20), pool: pool.to_string(), priority }
}

/// The times of the turns of these calls, which all ask at once.
async fn turn_times(
    limiter: &RateLimiter,
    operation: Operation,
    requests: Vec<CallRequest>,
) -> Vec<Duration> {
    let scope = scope();
    let waiting: FuturesUnordered<_> = requests
        .into_iter()
        .map(|request| async { limiter.turn(&scope, operation, request).await.granted })
        .collect();
    waiting.collect().await
}

#[tokio::test(start_paused = true)]
async fn five_hundred_calls_at_once_keep_the_rate_and_use_the_budget() {
    let limiter = RateLimiter::new(HALF);
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
    let limiter = RateLimiter::new(HALF);
    for pool in 0..5 {
        let turn = limiter.turn(&scope(), Operation::Get, request(pool, Priority::Routine)).await;
        assert_eq!(turn.granted, limiter.start.elapsed());
        assert!(turn.granted >= Duration::from_millis(100) * u32::try_from(pool + 1).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_at_once_when_no_other_waits_and_the_rate_allows_it() {
    let (limiter, scope) = (RateLimiter::new(HALF), scope());
    limiter.turn(&scope, Operation::Get, request(1, Priority::Changed)).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let next = limiter.turn(&scope, Operation::Get, request(2, Priority::Changed));
    assert!(next.now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_gives_its_turn_to_the_next_one() {
    let limiter = RateLimiter::new(HALF);
    let scope = scope();
    let first = limiter.turn(&scope, Operation::Get, request(1, Priority::Changed));
    let cancelled = limiter.turn(&scope, Operation::Get, request(2, Priority::Changed));
    let last = limiter.turn(&scope, Operation::Get, request(3, Priority::Routine));
    let cancelled = tokio::time::timeout(Duration::from_millis(50), cancelled);
    let (first, cancelled, last) = tokio::join!(first, cancelled, last);
    assert!(cancelled.is_err());
    assert!(last.granted.abs_diff(first.granted) < Duration::from_millis(105));
}

#[tokio::test(start_paused = true)]
async fn a_late_change_goes_before_waiting_checks() {
    let limiter = RateLimiter::new(HALF);
    let checks =
        turn_times(&limiter, Operation::Get, (0..100).map(|pool| request(pool, Priority::Routine)).collect());
    let change = async {
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        limiter.turn(&scope(), Operation::Get, request(200, Priority::Changed)).await.granted
    };
    let (_, granted) = tokio::join!(checks, change);
    assert!(granted < Duration::from_millis(1_200), "{granted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_does_not_wait_behind_one_that_waits_for_its_pool() {
    let limiter = RateLimiter::new(0.05);
    let scope = scope();
    let same = || limiter.turn(&scope, Operation::Get, request(1, Priority::Changed));
    let other = async {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        limiter.turn(&scope, Operation::Get, request(2, Priority::Routine)).await.granted
    };
    let (_, second, other) = tokio::join!(same(), same(), other);
    assert!(second.granted >= Duration::from_secs(5), "{:?}", second.granted);
    assert!(other < Duration::from_millis(2_600), "{other:?}");
}

#[tokio::test(start_paused = true)]
async fn operations_accounts_and_regions_do_not_wait_for_each_other() {
    let limiter = RateLimiter::new(HALF);
    let other_region = QuotaScope::own("us-east-1_A");
    let other_account = QuotaScope { account: "another".into(), ..scope() };
    for (scope, operation) in [
        (&scope(), Operation::Get),
        (&scope(), Operation::Set),
        (&other_region, Operation::Get),
        (&other_account, Operation::Get),
    ] {
        let start = limiter.start.elapsed();
        let turn = limiter.turn(scope, operation, request(1, Priority::Routine)).await;
        assert!(turn.granted.abs_diff(start) < Duration::from_millis(140), "{scope:?} {operation:?}");
    }
    assert_eq!(limiter.lanes.lock().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_scope_is_slower_and_recovers() {
    let limiter = RateLimiter::new(HALF);
    let turn = limiter.turn(&scope(), Operation::Get, request(1, Priority::Changed)).await;
    assert_eq!(limiter.record_result(&turn, Some(FailureClass::Throttled)), Some(5.0));
    assert_eq!(
        limiter.record_result(&turn, Some(FailureClass::Throttled)),
        None,
        "the call was already in flight"
    );
    assert_eq!(limiter.record_result(&turn, Some(FailureClass::Transient)), None, "no answer says nothing");
    assert_eq!((limiter.slowest(Operation::Get), limiter.slowest(Operation::Set)), (5.0, 7.5));
    let next = limiter.turn(&scope(), Operation::Get, request(2, Priority::Changed)).await;
    assert!(next.granted.abs_diff(turn.granted) >= Duration::from_millis(200));
    for _ in 0..100 {
        limiter.record_result(&next, None);
    }
    assert!(limiter.slowest(Operation::Get) > 9.99);
}
