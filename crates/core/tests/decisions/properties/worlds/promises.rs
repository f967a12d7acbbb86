//! No write takes away what nobody asked to take away, and a pool below its declared mode is on its way back.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{AdoptionPolicy, DriftPolicy, ManagementPolicy},
    status::outcome::Outcome,
};
use proptest::prelude::*;
use test_support::simulated_world::{Disturbance, Pass, World};

use super::{
    config,
    edits::{Edits, is_below, lowers},
    limit::Limit,
    walk,
};

/// The longest time that a pool stays below its mode in a quiet world: an hour of the limit or of a repeated write, the
/// backoff of a failure, and a few checks.
const LONGEST: Duration = Duration::from_hours(3);

fn check_write(edits: &Edits, pass: &Pass) -> Result<(), TestCaseError> {
    let Some(sent) = &pass.sent else { return Ok(()) };
    let spec = &pass.planned.spec;
    prop_assert!(spec.management_policy == ManagementPolicy::Enforce && !spec.suspend, "a write");
    if edits.accepted.is_none() {
        prop_assert!(spec.adoption_policy == AdoptionPolicy::Overwrite || !lowers(sent), "an adoption");
    } else if spec.drift_policy == DriftPolicy::KeepStronger {
        let unasked = edits.unasked(pass, sent);
        prop_assert!(unasked.is_empty(), "strengths {:?} of {:#?} after {:#?}", unasked, pass, edits);
    }
    Ok(())
}

/// Whether the object's mode is the operator's to raise, and Cognito does not refuse to.
fn is_owed(world: &World) -> bool {
    let spec = &world.object.spec;
    is_below(&world.cognito.read().settings, &spec.settings)
        && spec.management_policy == ManagementPolicy::Enforce
        && !spec.suspend
}

/// Lets a copy of the world go on without any disturbance. Returns the last pass.
fn comes_back(world: &World) -> Result<(), String> {
    let mut quiet = world.clone();
    let end = quiet.elapsed + LONGEST;
    let mut last = None;
    while quiet.elapsed + quiet.until_due() <= end {
        let pass = quiet.reconcile(&Disturbance::Nothing);
        if !is_owed(&quiet) {
            return Ok(());
        }
        let is_refused = matches!(pass.outcome, Outcome::Failed(..));
        let is_held_adoption =
            pass.outcome.summary(&pass.planned.spec.settings).reason.as_str() == "AdoptionHeld";
        if is_refused || is_held_adoption {
            return Ok(());
        }
        last = Some(pass);
    }
    Err(format!("{last:#?}"))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_write_lowers_a_strength_that_no_edit_lowered(walk in walk()) {
        let (mut world, mut edits, mut counted) = (walk.world(), Edits::default(), Limit::default());
        for (changes, disturbance) in &walk.steps {
            for change in changes {
                world.apply(change);
                edits.apply(change);
            }
            let pass = world.reconcile(disturbance);
            check_write(&edits, &pass)?;
            prop_assert!(counted.allows(&world, &pass, &edits, walk.limit), "beyond the limit: {:#?}", pass);
            edits.record(&pass);
        }
    }

    #[test]
    fn a_pool_below_its_declared_mode_is_on_its_way_back(walk in walk()) {
        let mut world = walk.world();
        for (changes, disturbance) in &walk.steps {
            world.apply_all(changes);
            world.reconcile(disturbance);
            if is_owed(&world) && walk.limit > 0 {
                let result = comes_back(&world);
                prop_assert!(result.is_ok(), "{}", result.unwrap_err());
            }
        }
    }
}
