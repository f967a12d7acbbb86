//! A report never says more than the statuses of the fleet show.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, Strengths, UserPoolMfaConfig},
    settings::{diff::differences, observed::Observed, strengths::Strength},
};
use cognito_mfa_operator::cli::posture::{
    Count, Factor, ListedObject, ObjectState, PoolReport, Posture, ProofCriteria, RuleResult, Source, Totals,
};
use proptest::{collection::vec, prelude::*};
use test_support::{
    arbitrary::object_with_history,
    fixtures::{after, at, reconciled_fully},
};

const HOUR: i64 = 3600;

fn criteria(second: i64) -> ProofCriteria {
    ProofCriteria { at: at(second), max_age: Duration::from_hours(49) }
}

/// Objects of one namespace with different UIDs. Some have the same name or the same pool.
fn fleet() -> impl Strategy<Value = Vec<ListedObject>> {
    let object = (object_with_history(), 0..4usize, 0..3usize);
    vec(object, 0..8).prop_map(|objects| {
        let named = |(index, (mut object, name, pool)): (usize, (UserPoolMfaConfig, usize, usize))| {
            object.metadata.name = Some(format!("object-{name}"));
            object.metadata.uid = Some(format!("uid-{index}"));
            object.spec.user_pool_id = Some(format!("eu-west-1_Pool{pool}"));
            object.into()
        };
        objects.into_iter().enumerate().map(named).collect()
    })
}

/// Objects of which three in four were in sync at the last check.
fn mostly_in_sync() -> impl Strategy<Value = UserPoolMfaConfig> {
    (object_with_history(), 0..4).prop_map(|(object, choice)| {
        let observed = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
        if choice == 0 { object } else { after(&object, &reconciled_fully(&object, &observed), at(600)) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_proven_pool_shows_a_recent_read_and_a_ready_one_at_least_what_is_declared(object in mostly_in_sync(), hours in 0i64..60) {
        let pool = PoolReport::new(&object.clone().into(), &criteria(hours * HOUR));
        if !pool.is_proven() {
            return Ok(());
        }
        let status = object.status.unwrap();
        prop_assert_eq!(status.observed_generation, object.metadata.generation);
        prop_assert!(hours <= 50 && status.last_verified_time.is_some());
        let is_ready = status.condition(ConditionType::Ready).unwrap().status == "True";
        let observed = status.observed.unwrap();
        prop_assert_eq!(pool.mode, Some(observed.mfa_configuration));
        prop_assert_eq!(&pool.factors, &Factor::enabled_in(&observed));
        if !is_ready {
            prop_assert_eq!(pool.ready, "False");
            return Ok(());
        }
        let declared = &object.spec.settings;
        let (wanted, had) = (Strengths::of(declared), Strengths::of(&observed));
        let stronger = Strength::all().filter(|strength| strength.is_stronger(had, wanted));
        let stronger: Vec<_> = stronger.map(Strength::path).collect();
        for difference in differences(declared, &observed) {
            // A section that is not declared differs as a whole.
            let is_stronger = stronger.iter().any(|path| path.starts_with(&difference.field));
            prop_assert!(is_stronger, "{:?}", difference);
        }
    }

    #[test]
    fn an_unproven_pool_passes_no_rule(object in object_with_history(), hours in 0i64..100) {
        let pool = PoolReport::new(&object.into(), &criteria(hours * HOUR));
        let results = [pool.mfa_enabled, pool.no_sms];
        prop_assert_eq!(pool.is_proven(), !results.contains(&RuleResult::NotProven));
        let ready = [ObjectState::InSync, ObjectState::Stronger, ObjectState::Contested];
        prop_assert_eq!(ready.contains(&pool.state), pool.ready == "True");
        prop_assert!(results[1] != RuleResult::Passes || results[0] == RuleResult::Passes, "the second rule is stricter");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_totals_add_up(fleet in fleet()) {
        let posture = Posture::new(&fleet, &criteria(600), Source::default());
        let totals = &posture.totals;
        let sum = |results: &[Count<RuleResult>]| results.iter().map(|result| result.count).sum::<usize>();
        prop_assert_eq!(totals.objects, fleet.len());
        prop_assert_eq!([sum(&totals.mfa_enabled), sum(&totals.no_sms)], [totals.pools; 2]);
        prop_assert_eq!(totals.pools - totals.proven, Totals::count(&totals.no_sms, RuleResult::NotProven));
        prop_assert_eq!(totals.modes.iter().map(|mode| mode.count).sum::<usize>(), totals.proven);
        prop_assert_eq!(totals.states.iter().map(|state| state.count).sum::<usize>(), totals.objects);
        let mut pools: Vec<_> = posture.pools.iter().map(|pool| &pool.user_pool_id).collect();
        pools.sort();
        pools.dedup();
        prop_assert_eq!(pools.len(), totals.pools);
    }

    #[test]
    fn the_order_of_the_objects_does_not_change_the_report(mut fleet in fleet(), shuffled in any::<proptest::sample::Index>(), dumps in any::<bool>()) {
        // Several files may list the same object.
        for object in fleet.iter_mut().filter(|_| dumps) {
            object.uid = object.name.clone();
        }
        let mut other = fleet.clone();
        if !other.is_empty() {
            let middle = shuffled.index(other.len());
            other.rotate_left(middle);
            other[middle..].reverse();
        }
        let report = |objects: &[ListedObject]| serde_json::to_string(&Posture::new(objects, &criteria(600), Source::default())).unwrap();
        prop_assert_eq!(report(&fleet), report(&other));
    }
}
