//! How old the read may be that a write is planned on.

use replica_model::{
    scenario::{QUIET, Scenario},
    steps::Action,
    world::{Allowed, LONGEST_LOOK, PoolState, World},
};
use stateright::Model;

/// Somebody else changes the pool once.
fn drift() -> Scenario {
    Scenario::new(1, false, Allowed { drifts: 1, ..QUIET })
}

/// The world after these steps, each of the replica that can take it.
fn walk(scenario: &Scenario, steps: impl IntoIterator<Item = fn(usize) -> Action>) -> World {
    let after = |world, step: fn(usize) -> Action| {
        let mut next = [0, 1].into_iter().filter_map(|replica| scenario.next_state(&world, step(replica)));
        next.next().expect("a possible step")
    };
    steps.into_iter().fold(scenario.init_states().remove(0), after)
}

/// The steps up to a write that waits for its turn, and then as many ticks.
fn wait_for_turn(ticks: u8) -> impl Iterator<Item = fn(usize) -> Action> {
    let steps: [fn(usize) -> Action; 4] = [
        Action::TryLease,
        |replica| Action::Read(replica, 0),
        |replica| Action::Recheck(replica, 0),
        |replica| Action::CheckGuards(replica, 0),
    ];
    steps.into_iter().chain((0..ticks).map(|_| (|_| Action::Tick) as fn(usize) -> Action))
}

#[test]
fn drift_after_a_read_that_is_not_too_old_may_be_overwritten() {
    let late: [fn(usize) -> Action; 4] = [
        |_| Action::Drift,
        |replica| Action::GrantTurn(replica, 0),
        |replica| Action::Send(replica, 0),
        |_| Action::Apply(2),
    ];
    let world = walk(&drift(), wait_for_turn(LONGEST_LOOK).chain(late));
    assert!(matches!(world.pool, PoolState::Declared(_)), "{:?}", world.pool);
    assert_eq!(world.violation, None);
}

#[test]
fn a_read_that_is_too_old_ends_its_reconciliation_and_another_may_start() {
    let scenario = drift();
    let ended = walk(&scenario, wait_for_turn(LONGEST_LOOK + 1));
    assert!(ended.replicas.iter().all(|replica| replica.reconciliations == [None; 2]));
    assert_eq!((ended.objects, ended.writes), (scenario.init_states()[0].objects, [None; 3]));
    assert!(
        [0, 1].into_iter().any(|replica| scenario.next_state(&ended, Action::Read(replica, 0)).is_some())
    );
}
