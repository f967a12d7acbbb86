//! A status says nothing about a spec that was not compared with the pool.

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, Difference, UserPoolMfaConfigStatus},
    settings::fields::fields,
};
use proptest::prelude::*;
use serde_json::Value;
use test_support::simulated_world::{Change, Pass, World};

use super::{config, edits::declaration, walk};

/// The declarations that the present object was compared with, by generation.
#[derive(Default)]
struct Compared(Vec<(Option<i64>, Value)>);

impl Compared {
    fn record(&mut self, pass: &Pass) {
        if pass.outcome.observed().is_some() {
            self.0.push((pass.planned.metadata.generation, declaration(pass)));
        }
    }

    /// Whether the settings of the object at this generation were compared.
    fn has(&self, generation: Option<i64>) -> bool {
        self.0.iter().any(|(one, _)| *one == generation)
    }

    fn has_settings(&self, settings: &Value) -> bool {
        self.0.iter().any(|(_, one)| one == settings)
    }
}

fn check_status(world: &World, pass: &Pass, compared: &Compared) -> Result<(), TestCaseError> {
    let status = world.status();
    let generation = world.object.metadata.generation;
    for type_ in [ConditionType::Ready, ConditionType::Synced] {
        let Some(condition) = status.condition(type_) else { continue };
        let is_about = condition.observed_generation;
        let is_known = compared.has(is_about);
        let may_say_false = type_ == ConditionType::Ready && condition.status == "False";
        prop_assert!(
            condition.status == "Unknown" || is_known || may_say_false,
            "{} of {:?}: {:#?}",
            type_,
            is_about,
            status
        );
        if condition.status == "True" && is_about == generation {
            prop_assert!(compared.has_settings(&declaration(pass)) || pass.planned.spec != world.object.spec);
        }
    }
    if status.observed_generation == generation && pass.planned.spec == world.object.spec {
        check_drift(status, pass)?;
    }
    Ok(())
}

/// The drift names only what this spec declares.
fn check_drift(status: &UserPoolMfaConfigStatus, pass: &Pass) -> Result<(), TestCaseError> {
    let declared = fields("", &pass.planned.spec.settings);
    let is_about = |one: &Difference| {
        one.declared.is_none()
            || declared.contains_key(&one.field)
            || pass.planned.spec.settings.email_mfa_configuration.is_some()
            || one.declared.as_deref() == Some("{}")
    };
    prop_assert!(status.drift.iter().all(is_about), "{:#?}", status);
    for one in &status.drift {
        if let (Some(shown), Some(value)) = (&one.declared, declared.get(&one.field)) {
            prop_assert_eq!(shown, value, "of another spec: {:#?}", status);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_status_says_nothing_about_a_spec_that_was_not_checked(walk in walk()) {
        let (mut world, mut compared) = (walk.world(), Compared::default());
        for (changes, disturbance) in &walk.steps {
            for change in changes {
                world.apply(change);
                if matches!(change, Change::LoseStatus) {
                    compared.0.clear();
                }
            }
            let pass = world.reconcile(disturbance);
            compared.record(&pass);
            check_status(&world, &pass, &compared)?;
        }
    }
}
