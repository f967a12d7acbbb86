//! No hour has more weakening writes than the limit, every object is served, and exempt writes take no kept place.

use cognito_mfa_core::plan::budget::{Now, WeakeningBudget, WriteResult};
use proptest::prelude::*;

use super::{minutes, seconds, weakens, weakens_exempt};

/// An event in the life of a few objects whose specs weaken their pools.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A reconciliation: it reads the pool, and writes it if it is not weakened yet and the budget allows it.
    Reconcile(u8, Response),
    /// An edit after which the spec weakens the pool again.
    Edit(u8),
    /// Somebody restores the pool after the operator has read it.
    Restore(u8),
    LeaveLine(u8),
    Wait(u64),
}

/// Cognito's response to a write.
#[derive(Clone, Copy, Debug)]
enum Response {
    Accepted,
    Refused,
    /// The response is lost; the write was applied or not.
    Lost {
        applied: bool,
    },
}

#[derive(Clone, Copy, Debug, Default)]
struct Pool {
    generation: i64,
    weakened: bool,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let response = prop_oneof![
        4 => Just(Response::Accepted),
        2 => Just(Response::Refused),
        4 => any::<bool>().prop_map(|applied| Response::Lost { applied }),
    ];
    let event = prop_oneof![
        8 => (0u8..8, response).prop_map(|(object, response)| Event::Reconcile(object, response)),
        2 => (0u8..8).prop_map(Event::Edit),
        1 => (0u8..8).prop_map(Event::Restore),
        1 => (0u8..8).prop_map(Event::LeaveLine),
        3 => (0u64..1200).prop_map(Event::Wait),
    ];
    proptest::collection::vec(event, 0..200)
}

/// Reconciles a pool. Returns whether that weakened it.
fn reconcile(
    budget: &mut WeakeningBudget,
    object: u8,
    pool: &mut Pool,
    response: Response,
    now: Now,
) -> bool {
    let name = object.to_string();
    let allowed = !pool.weakened && budget.request(&name, pool.generation, now).is_ok();
    budget.record_read(&name);
    if !allowed {
        return false;
    }
    let (result, applied) = match response {
        Response::Accepted => (WriteResult::Accepted, true),
        Response::Refused => (WriteResult::NotWritten, false),
        Response::Lost { applied } => (WriteResult::Unknown, applied),
    };
    budget.record_result(&name, result, now.since_start);
    pool.weakened = applied;
    applied
}

proptest! {
    #[test]
    fn no_hour_has_more_weakening_writes_than_the_limit(limit in 0u32..5, events in events()) {
        let (mut budget, mut now, mut writes) = (WeakeningBudget::new(limit), 0, Vec::<u64>::new());
        let mut pools = [Pool::default(); 8];
        for event in events {
            match event {
                Event::Wait(waited) => now += waited,
                Event::LeaveLine(object) => budget.leave_line(&object.to_string()),
                Event::Edit(object) => {
                    pools[usize::from(object)].generation += 1;
                    pools[usize::from(object)].weakened = false;
                }
                Event::Restore(object) => {
                    budget.record_read(&object.to_string());
                    pools[usize::from(object)].weakened = false;
                }
                Event::Reconcile(object, response) => {
                    if reconcile(&mut budget, object, &mut pools[usize::from(object)], response, seconds(now)) {
                        writes.push(now);
                    }
                }
            }
            let last_hour = writes.iter().filter(|at| now - **at < 3600).count();
            prop_assert!(last_hour <= usize::try_from(limit).unwrap());
        }
    }

    #[test]
    fn every_object_that_asks_again_in_time_is_served_in_turn(limit in 1u32..5, count in 1usize..30) {
        let (mut budget, mut now) = (WeakeningBudget::new(limit), 0);
        let mut waiting: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        let mut rounds = 0;
        while !waiting.is_empty() {
            let turns: Vec<_> =
                waiting.iter().filter_map(|object| budget.request(object, 1, seconds(now)).err()).collect();
            for object in &waiting {
                budget.record_result(object, WriteResult::Accepted, seconds(now).since_start);
            }
            waiting = waiting.split_off(waiting.len() - turns.len());
            now += turns.iter().map(|turn| turn.retry_after.as_secs()).min().unwrap_or_default();
            rounds += 1;
            prop_assert!(rounds <= 2 * count + 2, "{} still wait", waiting.len());
        }
    }

    /// While objects wait and ask, the last hour always has as many ordinary writes as are kept for them, however many
    /// are exempt.
    #[test]
    fn exempt_writes_never_take_the_kept_half(
        limit in 1u32..7, exempt in proptest::collection::vec((0u64..360, 0u8..20), 0..200), namespaces in 1usize..8,
    ) {
        let mut budget = WeakeningBudget::new(limit);
        let mut waiting: Vec<_> = (0..40).map(|number| format!("team-{}/{number}", number % namespaces)).collect();
        let mut writes = Vec::new();
        let kept = usize::try_from(limit.div_ceil(2)).unwrap();
        for minute in 0..360 {
            for (_, number) in exempt.iter().filter(|(at, _)| *at == minute) {
                weakens_exempt(&mut budget, &format!("exempt-{number}/a"), minutes(minute));
            }
            // The rounds repeat because an object may ask before the one that goes first.
            for _ in 0..40 {
                let before = waiting.len();
                waiting.retain(|object| !weakens(&mut budget, object, minutes(minute)));
                writes.extend(std::iter::repeat_n(minute, before - waiting.len()));
                if before == waiting.len() {
                    break;
                }
            }
            let count = writes.iter().filter(|at| minute - **at < 60).count();
            prop_assert!(count >= kept, "{count} writes in the hour before minute {minute} of {limit}");
        }
    }

    /// A namespace that joins waits for at most one write of each other namespace.
    #[test]
    fn no_namespace_starves(limit in 1u32..5, sizes in proptest::collection::vec(1usize..40, 1..6), joins_at in 0u64..300) {
        let mut budget = WeakeningBudget::new(limit);
        let others = sizes.iter().enumerate();
        let mut waiting: Vec<_> = others.flat_map(|(team, size)| (0..*size).map(move |object| format!("{team}/{object}"))).collect();
        let mut before = vec![0; sizes.len()];
        for minute in (0..900).step_by(5) {
            let has_joined = minute >= joins_at;
            if has_joined && weakens(&mut budget, "late/a", minutes(minute)) {
                prop_assert!(before.iter().all(|count| *count <= 1), "{before:?}");
                return Ok(());
            }
            waiting.retain(|object| {
                let is_served = weakens(&mut budget, object, minutes(minute));
                if is_served && has_joined {
                    before[object.split_once('/').unwrap().0.parse::<usize>().unwrap()] += 1;
                }
                !is_served
            });
        }
        prop_assert!(false, "it was never served");
    }
}
