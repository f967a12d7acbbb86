//! The cost of an outage, and of an error that stays, over hours of virtual time.

use std::{collections::BTreeSet, time::Duration};

use cognito_mfa_core::{
    calls::failure::{FailureClass, Operation},
    schedule::requeue,
    status::{
        event::{Event, for_outcome},
        next_status::next_status,
    },
};
use test_support::fixtures::{at, failed_read, failed_write, first_check, object, observed, off, on_totp};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The history of an object whose every reconciliation fails in the same way.
#[derive(Default)]
struct History {
    /// The time of each reconciliation.
    reconciliations: Vec<Duration>,
    /// How often its status is written.
    status_writes: usize,
    /// The published events.
    events: Vec<Event>,
}

impl History {
    /// The waits between the reconciliations from this time on.
    fn waits(&self, from: Duration) -> impl Iterator<Item = Duration> {
        let pairs = self.reconciliations.windows(2);
        pairs.filter(move |pair| pair[0] >= from).map(|pair| pair[1].abs_diff(pair[0]))
    }
}

/// The history of the object with this UID. Its interval is one minute.
fn history(uid: usize, class: FailureClass, operation: Operation, end: Duration) -> History {
    let mut object = object(&on_totp());
    object.metadata.uid = Some(format!("uid-{uid}"));
    let (mut history, mut time) = (History::default(), Duration::ZERO);
    while time < end {
        let now = at(0) + time;
        let outcome = match operation {
            Operation::Get | Operation::List | Operation::Describe => failed_read(class),
            Operation::Set => failed_write(&object, &observed(&off()), class),
        };
        let next = next_status(&object, &outcome, first_check(), now);
        history.events.extend(for_outcome(&object, &outcome, next.is_some()));
        history.status_writes += usize::from(next.is_some());
        object.status = next.or(object.status);
        let failures = u32::try_from(history.reconciliations.len()).expect("a few");
        history.reconciliations.push(time);
        let status = object.status.as_ref().expect("a status");
        time += requeue::requeue_after(&object, status, &outcome, failures, MINUTE, now)
            .expect("a failure is retried");
    }
    history
}

/// The most reconciliations of a fleet in any span from this time on. A span begins at a multiple of its length.
fn most_in(span: Duration, fleet: &[History], from: Duration, end: Duration) -> usize {
    let mut spans = vec![0; usize::try_from(end.as_millis() / span.as_millis()).expect("not too many") + 1];
    for time in fleet.iter().flat_map(|history| &history.reconciliations).filter(|time| **time >= from) {
        spans[usize::try_from(time.as_millis() / span.as_millis()).expect("not too many")] += 1;
    }
    spans.into_iter().max().expect("there is a span")
}

#[test]
fn a_lasting_error_costs_at_most_one_call_in_ten_minutes_after_an_hour() {
    for class in FailureClass::all().filter(|class| class.grace().is_some()) {
        for (operation, calls) in [(Operation::Get, 1), (Operation::Set, 2)] {
            for uid in 0..50 {
                let history = history(uid, class, operation, 12 * HOUR);
                let shortest = history.waits(HOUR).min().expect("reconciliations go on");
                assert!(shortest >= calls * 10 * MINUTE, "{class:?} {operation:?}: {calls} in {shortest:?}");
                let first_hour = history.reconciliations.iter().filter(|time| **time < HOUR).count();
                assert!(first_hour <= 16, "{class:?}: {first_hour} reconciliations");
            }
        }
    }
}

/// An error with a grace period is reported twice: when it begins, and when the grace period is over.
#[test]
fn a_lasting_error_is_written_once_and_has_one_series_of_events() {
    for class in FailureClass::all().filter(|class| class.grace().is_some()) {
        for operation in [Operation::Get, Operation::Set] {
            let history = history(1, class, operation, 12 * HOUR);
            let reports = if class.grace() == Some(Duration::ZERO) { 1 } else { 2 };
            assert_eq!((history.status_writes, history.events.len()), (reports, reports), "{class:?}");
            let series: BTreeSet<_> =
                history.events.iter().map(|event| (event.reason, &event.action)).collect();
            assert_eq!(series.len(), 1, "{class:?}");
        }
    }
}

#[test]
fn an_object_is_retried_within_40s_of_the_end_of_an_outage() {
    for uid in 0..50 {
        let history = history(uid, FailureClass::Transient, Operation::Get, 6 * HOUR);
        let first_minute = history.reconciliations.iter().filter(|time| **time < MINUTE).count();
        assert!(first_minute <= 6, "{first_minute} reconciliations in the first minute");
        let waits = Duration::from_secs(32)..=Duration::from_secs(40);
        assert!(history.waits(MINUTE).all(|wait| waits.contains(&wait)));
        assert_eq!((history.status_writes, history.events.len()), (1, 1));
    }
}

#[test]
fn throttled_objects_are_retried_every_four_to_five_minutes() {
    for uid in 0..50 {
        let history = history(uid, FailureClass::Throttled, Operation::Get, 6 * HOUR);
        let first_ten = history.reconciliations.iter().filter(|time| **time < 10 * MINUTE).count();
        assert!(first_ten <= 10, "{first_ten}");
        assert!(history.waits(10 * MINUTE).all(|wait| wait >= 4 * MINUTE && wait <= 5 * MINUTE));
        assert_eq!((history.status_writes, history.events.len()), (1, 1));
    }
}

#[test]
fn the_retries_of_a_fleet_are_spread_in_time() {
    let fleet: Vec<_> =
        (0..1_000).map(|uid| history(uid, FailureClass::Transient, Operation::Get, 2 * HOUR)).collect();
    let (second, minute) = (Duration::from_secs(1), MINUTE);
    // Spread evenly, a thousand reconciliations in 32 to 40 s are 28 in a second and 1,667 in a minute. The quotas let
    // fewer calls pass.
    let (in_a_second, in_a_minute) =
        (most_in(second, &fleet, HOUR, 2 * HOUR), most_in(minute, &fleet, HOUR, 2 * HOUR));
    assert!(
        in_a_second <= 60 && in_a_minute <= 1_900,
        "{in_a_second} in a second, {in_a_minute} in a minute"
    );
}

#[test]
fn api_errors_back_off_to_at_most_30s() {
    for name in ["shop/a", "shop/b"] {
        let waits: Vec<_> = (0..40).map(|attempt| requeue::after_api_error(name, attempt)).collect();
        assert!(waits[..4].is_sorted() && waits[0] >= Duration::from_secs(1), "{waits:?}");
        let slow = Duration::from_secs(24)..=Duration::from_secs(30);
        assert!(waits[4..].iter().all(|wait| slow.contains(wait)), "{waits:?}");
    }
}
