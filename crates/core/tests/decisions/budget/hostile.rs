//! Writes that are due for long, removed objects and new terms.

use std::time::Duration;

use cognito_mfa_core::plan::budget::{WeakeningBudget, WriteResult};
use proptest::prelude::*;

use super::{minutes, retry_after, seconds};

/// A write whose object is removed, or whose term ends, while it is being sent counts from then.
#[test]
fn a_write_that_was_due_for_an_hour_counts_from_its_sending() {
    for removed in [true, false] {
        let mut budget = WeakeningBudget::new(1);
        budget.enter_term(1, minutes(0).since_start);
        assert!(budget.request("team/a", 1, minutes(0)).is_ok());
        // Its write was not sent in time, and is due again in minute 59. Then it is sent while its object is removed.
        assert!(budget.request("team/a", 1, minutes(59)).is_ok());
        if removed {
            budget.remove("team/a");
        } else {
            budget.enter_term(2, minutes(59).since_start);
        }
        assert!(
            budget.request("team/b", 1, minutes(61)).is_err(),
            "removed {removed}: two writes in two minutes, the limit is 1 an hour"
        );
    }
}

/// An object that waits for a write without a result asks again in a minute, not at once.
#[test]
fn an_object_on_hold_does_not_ask_at_once_while_a_write_is_due_for_an_hour() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("team/a", 1, minutes(0)).is_ok());
    let wait = retry_after(&mut budget, "team/b", minutes(61));
    assert!(wait >= Duration::from_secs(30), "{wait:?}");
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Reads the pool and asks; the write is not sent in time.
    Due(u8),
    /// Reads the pool and asks; the write is sent and applied, and so recorded after these seconds.
    Send(u8, WriteResult),
    /// The same, but the object is removed before the result is recorded.
    SendAndRemove(u8),
    SendInOldTerm(u8),
    Edit(u8),
    Remove(u8),
    Leave(u8),
    Term,
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let result = prop_oneof![3 => Just(WriteResult::Accepted), 2 => Just(WriteResult::Unknown), 1 => Just(WriteResult::NotWritten)];
    let step = prop_oneof![
        4 => (0..5u8).prop_map(Step::Due),
        6 => (0..5u8, result).prop_map(|(object, result)| Step::Send(object, result)),
        2 => (0..5u8).prop_map(Step::SendAndRemove),
        1 => (0..5u8).prop_map(Step::SendInOldTerm),
        2 => (0..5u8).prop_map(Step::Edit),
        2 => (0..5u8).prop_map(Step::Remove),
        1 => (0..5u8).prop_map(Step::Leave),
        1 => Just(Step::Term),
        5 => (0u64..2_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..150)
}

proptest! {
    #[test]
    fn no_hour_exceeds_the_limit_with_due_writes_removals_and_terms(limit in 0u32..4, steps in steps()) {
        let (mut budget, mut now, mut term) = (WeakeningBudget::new(limit), 0u64, 1);
        let (mut generation, mut weakened, mut sent) = ([1_i64; 5], [false; 5], Vec::<u64>::new());
        let name = |object: u8| format!("team-{}/{object}", object % 2);
        budget.enter_term(term, seconds(now).since_start);
        for step in steps {
            let mut send = |budget: &mut WeakeningBudget, object: u8, applied: bool| {
                let index = usize::from(object);
                let allowed = !weakened[index] && budget.request(&name(object), generation[index], seconds(now)).is_ok();
                if allowed && applied { sent.push(now); weakened[index] = true; }
                allowed
            };
            match step {
                Step::Wait(seconds) => now += seconds,
                Step::Term => { term += 1; budget.enter_term(term, seconds(now).since_start); }
                Step::Edit(object) => { generation[usize::from(object)] += 1; weakened[usize::from(object)] = false; }
                Step::Leave(object) => {
                    budget.record_result(&name(object), WriteResult::NotWritten, seconds(now).since_start);
                    budget.leave_line(&name(object));
                }
                Step::Remove(object) => {
                    budget.remove(&name(object));
                    (generation[usize::from(object)], weakened[usize::from(object)]) = (1, false);
                }
                Step::Due(object) => drop(send(&mut budget, object, false)),
                Step::Send(object, result) => {
                    let allowed = send(&mut budget, object, result != WriteResult::NotWritten);
                    budget.record_read(&name(object));
                    budget.record_result(&name(object), if allowed { result } else { WriteResult::NotWritten }, seconds(now).since_start);
                }
                Step::SendAndRemove(object) => {
                    if send(&mut budget, object, true) {
                        budget.remove(&name(object));
                        budget.record_result(&name(object), WriteResult::Accepted, seconds(now).since_start);
                        (generation[usize::from(object)], weakened[usize::from(object)]) = (1, false);
                    }
                }
                Step::SendInOldTerm(object) => {
                    if send(&mut budget, object, true) {
                        term += 1;
                        budget.enter_term(term, seconds(now).since_start);
                        budget.record_result(&name(object), WriteResult::Accepted, seconds(now).since_start);
                    }
                }
            }
            let last_hour = sent.iter().filter(|at| now - **at < 3600).count();
            prop_assert!(last_hour <= usize::try_from(limit).unwrap(), "{sent:?} at {now}");
        }
    }
}
