//! An unchanged world makes no write and no event, but the repeated writes of what Cognito does not take.

use std::time::Duration;

use cognito_mfa_core::status::outcome::Outcome;
use proptest::prelude::*;
use test_support::simulated_world::{Disturbance, INTERVAL, Pass, World};

use super::{config, walk};

/// After this time each grace period, wait for the limit and contest has ended.
const SETTLES: Duration = Duration::from_hours(4);
/// The time in which nothing happens.
const QUIET: Duration = Duration::from_hours(8);

/// The reconciliations of this time.
fn passes(world: &mut World, time: Duration) -> Vec<Pass> {
    let end = world.elapsed + time;
    let mut passes = Vec::new();
    while world.elapsed + world.until_due() <= end {
        passes.push(world.reconcile(&Disturbance::Nothing));
    }
    passes
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_unchanged_world_makes_no_write_and_no_event(walk in walk(), settled_after in 0usize..30) {
        let mut world = walk.world();
        for (changes, disturbance) in walk.steps.iter().take(settled_after) {
            world.apply_all(changes);
            world.reconcile(disturbance);
        }
        passes(&mut world, SETTLES);
        let passes = passes(&mut world, QUIET);
        let repeated = passes.iter().filter(|pass| pass.sent.is_some()).count();
        let doubles = (QUIET.as_secs() / INTERVAL.as_secs()).ilog2() as usize;
        prop_assert!(repeated <= doubles, "{} writes: {:#?}", repeated, passes.last());
        let is_residue = repeated > 0 || passes.iter().any(|pass| matches!(pass.outcome, Outcome::OnHold(..)));
        // lastVerifiedTime alone is written once a day.
        let statuses = passes.iter().filter(|pass| pass.status_written).count();
        prop_assert!(statuses <= 1 || is_residue, "{} statuses: {:#?}", statuses, world.status());
        for pass in passes {
            prop_assert!(pass.events.is_empty(), "{:#?}", pass);
        }
    }
}
