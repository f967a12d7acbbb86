//! A hostile world in virtual time: reconciliations hang, panic and are throttled, objects are removed and created again
//! and move to other accounts, reads are retried, and time jumps.

mod runs;
mod world;

use std::{collections::HashSet, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{queue::Priority, quota::published_rate},
};
use proptest::prelude::*;
use world::{Fate, OBJECTS, Step, World, pool};

use super::{SECOND, busiest, ceil};

fn priorities() -> impl Strategy<Value = Priority> {
    prop_oneof![2 => Just(Priority::Changed), 1 => Just(Priority::Requested), 2 => Just(Priority::Routine)]
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let fate =
        prop_oneof![Just(Fate::Hangs), Just(Fate::Panics), Just(Fate::Throttled), Just(Fate::Answered)];
    let step = prop_oneof![
        10 => (0..OBJECTS, any::<bool>(), priorities()).prop_map(|(object, writes, priority)| Step::Wake(object, writes, priority)),
        2 => (0..OBJECTS).prop_map(Step::Remove),
        2 => (0..OBJECTS, 0..3u8).prop_map(|(object, account)| Step::Move(object, account)),
        5 => (0..OBJECTS, fate).prop_map(|(object, fate)| Step::Fate(object, fate)),
        1 => prop_oneof![0u64..100, Just(7_200)].prop_map(Step::Wait),
    ];
    prop::collection::vec((prop_oneof![Just(0), 0u64..30, 0u64..4_000], step), 1..150)
}

fn check(share: f64, lag: Duration, steps: Vec<(u64, Step)>) -> Result<(), TestCaseError> {
    let mut world = World::new(share, lag);
    for (wait, step) in steps {
        world.run_until(world.now + Duration::from_millis(wait));
        world.apply(step);
    }
    prop_assert!(!world.run_until(world.now + SECOND * 100_000), "something goes on for ever");
    prop_assert!(world.runs.is_empty(), "it waits for ever: {:?}", world.runs);
    for (object, state) in world.objects.iter().enumerate() {
        let served = state.started_at >= state.woken_at;
        prop_assert!(!state.exists || (served && state.need.is_none()), "{object} was not served: {state:?}");
    }
    for operation in [Operation::Get, Operation::Set] {
        let scopes: HashSet<_> = world.calls.iter().map(|(_, _, scope, _)| scope.clone()).collect();
        for scope in scopes {
            let calls = || world.calls.iter().filter(|(_, made, of, _)| *made == operation && *of == scope);
            let limit = ceil(published_rate(operation) * share);
            prop_assert!(busiest(calls().map(|(at, ..)| *at)) <= limit);
            for object in 0..OBJECTS {
                let of_pool = calls().filter(|(.., called)| *called == pool(object));
                prop_assert!(busiest(of_pool.map(|(at, ..)| *at)) <= ceil(5.0 * share));
            }
        }
    }
    world.queue.next(world.now + SECOND * 3_700);
    prop_assert_eq!(world.queue.scopes(), 0, "nothing is left");
    prop_assert!(!world.queue.any_blocked(world.now + SECOND * 3_700));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn promises_hold_when_dispatches_are_answered_at_once(share in 0.05..=1.0f64, steps in steps()) {
        check(share, Duration::ZERO, steps)?;
    }

    #[test]
    fn promises_hold_when_dispatches_wait(share in 0.05..=1.0f64, lag in 1u64..20, steps in steps()) {
        check(share, Duration::from_millis(lag), steps)?;
    }
}
