//! What an outage, and an error that stays, cost over hours of virtual time.

use std::{collections::BTreeSet, time::Duration};

use cognito_mfa_core::{
    calls::failure::{FailureClass, Operation},
    schedule::requeue,
    status::{
        event::{Event, for_outcome},
        next_status::next_status,
    },
};
use test_support::fixtures::{at, failed_read, failed_write, object, observed, off, on_totp};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// An object whose every pass fails the same way.
#[derive(Default)]
struct Course {
    /// When it is passed over.
    passes: Vec<Duration>,
    /// How often its status is written.
    writes: usize,
    /// What people are told.
    notices: Vec<Event>,
}

impl Course {
    /// The waits between the passes from this time on.
    fn waits(&self, from: Duration) -> impl Iterator<Item = Duration> {
        self.passes.windows(2).filter(move |pair| pair[0] >= from).map(|pair| pair[1].abs_diff(pair[0]))
    }
}

/// The course of an object with this UID, checked every minute where nothing fails.
fn course(uid: usize, class: FailureClass, operation: Operation, end: Duration) -> Course {
    let mut object = object(&on_totp());
    object.metadata.uid = Some(format!("uid-{uid}"));
    let (mut course, mut time) = (Course::default(), Duration::ZERO);
    while time < end {
        let now = at(0) + time;
        let outcome = match operation {
            Operation::Get | Operation::List => failed_read(class),
            Operation::Set => failed_write(&object, &observed(&off()), class),
        };
        let next = next_status(&object, &outcome, now);
        course.notices.extend(for_outcome(&object, &outcome, next.is_some()));
        course.writes += usize::from(next.is_some());
        object.status = next.or(object.status);
        let failures = u32::try_from(course.passes.len()).expect("a few");
        course.passes.push(time);
        let status = object.status.as_ref().expect("a status");
        time += requeue::requeue_after(&object, status, &outcome, failures, MINUTE, now)
            .expect("a failure is tried again");
    }
    course
}

/// The most passes of a fleet in any span that begins at a whole multiple of it, from this time on.
fn most_in(span: Duration, fleet: &[Course], from: Duration, end: Duration) -> usize {
    let mut spans = vec![0; usize::try_from(end.as_millis() / span.as_millis()).expect("not too many") + 1];
    for time in fleet.iter().flat_map(|course| &course.passes).filter(|time| **time >= from) {
        spans[usize::try_from(time.as_millis() / span.as_millis()).expect("not too many")] += 1;
    }
    spans.into_iter().max().expect("there is a span")
}

#[test]
fn an_error_that_stays_comes_to_cost_at_most_a_call_in_ten_minutes() {
    for class in FailureClass::all().filter(|class| class.grace().is_some()) {
        for (operation, calls) in [(Operation::Get, 1), (Operation::Set, 2)] {
            for uid in 0..50 {
                let course = course(uid, class, operation, 12 * HOUR);
                let least = course.waits(HOUR).min().expect("it goes on");
                assert!(least >= calls * 10 * MINUTE, "{class:?} {operation:?}: {calls} in {least:?}");
                let first_hour = course.passes.iter().filter(|time| **time < HOUR).count();
                assert!(first_hour <= 16, "{class:?}: {first_hour} passes");
            }
        }
    }
}

/// One that has a grace is told twice: when it begins, and when it has outlasted that.
#[test]
fn an_error_that_stays_is_written_once_and_is_one_series_of_events() {
    for class in FailureClass::all().filter(|class| class.grace().is_some()) {
        for operation in [Operation::Get, Operation::Set] {
            let course = course(1, class, operation, 12 * HOUR);
            let told = if class.grace() == Some(Duration::ZERO) { 1 } else { 2 };
            assert_eq!((course.writes, course.notices.len()), (told, told), "{class:?}");
            let series: BTreeSet<_> = course.notices.iter().map(|told| (told.reason, &told.action)).collect();
            assert_eq!(series.len(), 1, "{class:?}");
        }
    }
}

#[test]
fn an_outage_costs_an_object_a_pass_in_four_minutes_and_it_is_back_in_five() {
    for class in [FailureClass::Transient, FailureClass::Throttled] {
        for uid in 0..50 {
            let course = course(uid, class, Operation::Get, 6 * HOUR);
            let in_the_first_ten = course.passes.iter().filter(|time| **time < 10 * MINUTE).count();
            assert!(in_the_first_ten <= 10, "{class:?}: {in_the_first_ten}");
            assert!(course.waits(10 * MINUTE).all(|wait| wait >= 4 * MINUTE && wait <= 5 * MINUTE));
            assert_eq!((course.writes, course.notices.len()), (1, 1));
        }
    }
}

#[test]
fn a_fleet_that_failed_together_does_not_come_back_together() {
    let fleet: Vec<_> =
        (0..1_000).map(|uid| course(uid, FailureClass::Transient, Operation::Get, 2 * HOUR)).collect();
    let (second, minute) = (Duration::from_secs(1), MINUTE);
    // Spread evenly, a thousand passes in 4 to 5 minutes are 3.7 in a second and 222 in a minute.
    let (in_a_second, in_a_minute) =
        (most_in(second, &fleet, HOUR, 2 * HOUR), most_in(minute, &fleet, HOUR, 2 * HOUR));
    assert!(in_a_second <= 20 && in_a_minute <= 450, "{in_a_second} in a second, {in_a_minute} in a minute");
}

#[test]
fn what_the_api_server_failed_is_tried_again_within_half_a_minute_and_ever_more_slowly_until_then() {
    for name in ["shop/a", "shop/b"] {
        let waits: Vec<_> = (0..40).map(|attempt| requeue::after_api_error(name, attempt)).collect();
        assert!(waits[..4].is_sorted() && waits[0] >= Duration::from_secs(1), "{waits:?}");
        let slow = Duration::from_secs(24)..=Duration::from_secs(30);
        assert!(waits[4..].iter().all(|wait| slow.contains(wait)), "{waits:?}");
    }
}
