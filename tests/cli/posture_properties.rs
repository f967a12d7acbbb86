//! Properties of a fleet's report: it never claims more than the statuses show.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, UserPoolMfaConfig},
    settings::{diff::differences, observed::Observed},
};
use cognito_mfa_operator::cli::posture::{
    Count, Factor, Limits, ObjectState, Pool, Posture, Record, Source, Standing, Totals,
};
use proptest::{collection::vec, prelude::*};
use test_support::{
    arbitrary::object_with_a_past,
    fixtures::{after, at, reconciled_well},
};

const HOUR: i64 = 3600;

fn limits(second: i64) -> Limits {
    Limits { at: at(second), max_age: Duration::from_hours(49) }
}

/// Objects of one namespace with unique UIDs. Some share a name or a pool.
fn fleet() -> impl Strategy<Value = Vec<Record>> {
    let object = (object_with_a_past(), 0..4usize, 0..3usize);
    vec(object, 0..8).prop_map(|objects| {
        let named = |(at, (mut object, name, pool)): (usize, (UserPoolMfaConfig, usize, usize))| {
            object.metadata.name = Some(format!("object-{name}"));
            object.metadata.uid = Some(format!("uid-{at}"));
            object.spec.user_pool_id = format!("eu-west-1_Pool{pool}");
            object.into()
        };
        objects.into_iter().enumerate().map(named).collect()
    })
}

/// Objects, most of which were read as declared in their last reconciliation.
fn mostly_settled() -> impl Strategy<Value = UserPoolMfaConfig> {
    (object_with_a_past(), 0..4).prop_map(|(object, dice)| {
        let observed = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
        if dice == 0 { object } else { after(&object, &reconciled_well(&object, &observed), at(600)) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_proven_pool_was_seen_equal_to_the_spec_and_recently(object in mostly_settled(), hours in 0i64..60) {
        let pool = Pool::of(&object.clone().into(), &limits(hours * HOUR));
        if !pool.is_proven() {
            return Ok(());
        }
        let status = object.status.unwrap();
        prop_assert_eq!(status.observed_generation, object.metadata.generation);
        prop_assert_eq!(&status.condition(ConditionType::Ready).unwrap().status, "True");
        prop_assert!(hours <= 50 && status.last_verified_time.is_some());
        let observed = status.observed.unwrap();
        prop_assert_eq!(differences(&object.spec.settings, &observed), vec![]);
        prop_assert_eq!(pool.mode, Some(object.spec.settings.mfa_configuration));
        prop_assert_eq!(pool.factors, Factor::of(&observed));
    }

    #[test]
    fn an_unproven_pool_passes_nothing(object in object_with_a_past(), hours in 0i64..100) {
        let pool = Pool::of(&object.into(), &limits(hours * HOUR));
        let standings = [pool.mfa_enabled, pool.no_sms];
        prop_assert_eq!(pool.is_proven(), !standings.contains(&Standing::NotProven));
        prop_assert_eq!(pool.state == ObjectState::InSync, pool.ready == "True");
        prop_assert!(standings[1] != Standing::Passes || standings[0] == Standing::Passes, "no_sms is stricter than mfa_enabled");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_totals_add_up(fleet in fleet()) {
        let posture = Posture::of(&fleet, &limits(600), Source::default());
        let totals = &posture.totals;
        let sum = |standings: &[Count<Standing>]| {
            standings.iter().map(|standing| standing.count).sum::<usize>()
        };
        prop_assert_eq!(totals.objects, fleet.len());
        prop_assert_eq!([sum(&totals.mfa_enabled), sum(&totals.no_sms)], [totals.pools; 2]);
        prop_assert_eq!(totals.pools - totals.proven, Totals::count(&totals.no_sms, Standing::NotProven));
        prop_assert_eq!(totals.modes.iter().map(|mode| mode.count).sum::<usize>(), totals.proven);
        prop_assert_eq!(totals.states.iter().map(|state| state.count).sum::<usize>(), totals.objects);
        let mut pools: Vec<_> = posture.pools.iter().map(|pool| &pool.user_pool_id).collect();
        pools.sort();
        pools.dedup();
        prop_assert_eq!(pools.len(), totals.pools);
    }

    #[test]
    fn the_order_of_the_objects_changes_nothing(mut fleet in fleet(), shuffled in any::<proptest::sample::Index>(), dumps in any::<bool>()) {
        // Several dumps of the same objects: the objects with one name have one UID.
        for record in fleet.iter_mut().filter(|_| dumps) {
            record.uid = record.name.clone();
        }
        let mut other = fleet.clone();
        if !other.is_empty() {
            let middle = shuffled.index(other.len());
            other.rotate_left(middle);
            other[middle..].reverse();
        }
        let report = |records: &[Record]| serde_json::to_string(&Posture::of(records, &limits(600), Source::default())).unwrap();
        prop_assert_eq!(report(&fleet), report(&other));
    }
}
