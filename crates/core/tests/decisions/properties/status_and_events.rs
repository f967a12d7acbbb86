//! The status and the events: they are true, they fit their limits, and they are written once.

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, ManagementPolicy, MfaSettings, Strengths, UserPoolMfaConfig},
    plan::memory::memory,
    settings::{
        diff::{differences, to_write},
        strengths::{Strength, with_strengths},
    },
    status::{event::for_outcome, next_status::next_status, outcome::Outcome},
};
use proptest::prelude::*;
use test_support::{
    arbitrary::{is_applied, object_with_history, outcome_template},
    fixtures::{after, at, first_check},
    kstatus::{Kstatus, kstatus},
};

/// Whether the pool equals the declaration but for strengths in which it is stronger.
fn is_at_least(observed: &MfaSettings, declared: &MfaSettings) -> bool {
    let sent = to_write(declared);
    let stronger: Vec<_> = Strength::all()
        .filter(|one| one.is_stronger(Strengths::of(observed), Strengths::of(&sent)))
        .collect();
    differences(&sent, &with_strengths(observed, &sent, &stronger)).is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_status_of_an_outcome_is_written_once(object in object_with_history(), template in outcome_template(), second in 0i64..1_000) {
        let outcome = template.outcome_for(&object);
        let written = after(&object, &outcome, at(second));
        prop_assert!(next_status(&written, &outcome, first_check(), at(second)).is_none());
    }

    #[test]
    fn a_repeated_outcome_writes_no_status(object in object_with_history(), template in outcome_template()) {
        let outcome = template.outcome_for(&object);
        prop_assume!(!matches!(outcome, Outcome::Written { .. }));
        let written = after(&object, &outcome, at(600));
        // The check is within the grace period of a failure and within a day of lastVerifiedTime.
        let began = |object: &UserPoolMfaConfig| {
            object.status.as_ref().unwrap().condition(ConditionType::Reconciling).map(|one| one.last_transition_time.0)
        };
        prop_assume!(began(&written).is_none_or(|began| began == at(600)));
        prop_assert!(next_status(&written, &outcome, first_check(), at(890)).is_none());
    }

    #[test]
    fn ready_is_true_exactly_when_the_pool_is_protected_as_declared(object in object_with_history(), template in outcome_template()) {
        let outcome = template.outcome_for(&object);
        let reported = after(&object, &outcome, at(600));
        let is_ready = |object: &UserPoolMfaConfig| {
            let ready = object.status.as_ref().unwrap().condition(ConditionType::Ready);
            ready.is_some_and(|ready| ready.status == "True" && ready.observed_generation == object.metadata.generation)
        };
        let ready = is_ready(&reported);
        prop_assert_eq!(ready, kstatus(&reported) == Kstatus::Current);
        let Some(observed) = outcome.observed() else {
            // A failed read that may pass changes no summary.
            prop_assert!(!ready || is_ready(&object));
            return Ok(());
        };
        let is_protected = observed.unknown.is_empty() && is_at_least(&observed.settings, &object.spec.settings);
        let is_equal = differences(&object.spec.settings, &observed.settings).is_empty();
        prop_assert!(!ready || is_protected);
        prop_assert!(ready || matches!(outcome, Outcome::Failed(..)) || !is_equal || !observed.unknown.is_empty());
    }

    #[test]
    fn a_status_never_has_both_reconciling_and_stalled(
        object in object_with_history(), template in outcome_template(),
    ) {
        let status = after(&object, &template.outcome_for(&object), at(600)).status.unwrap();
        let types = status.conditions.iter().map(|one| one.type_.as_str());
        let types: Vec<_> = types.filter(|type_| *type_ != "PoolResolved").collect();
        prop_assert!(
            [&["Ready", "Synced"][..], &["Ready", "Synced", "Reconciling"], &["Ready", "Synced", "Stalled"]].contains(&&types[..]),
            "{:?}", types
        );
        prop_assert_eq!(status.observed_generation, object.metadata.generation);
        prop_assert!(status.corrections.len() <= 5);
        prop_assert_eq!(status.drift.is_empty(), status.drift_summary.is_none());
    }

    /// Otherwise a newer build that computes another hash would write every pool, or a spec change would be lost.
    #[test]
    fn an_enforcing_object_in_sync_has_the_applied_hash_of_its_settings(object in object_with_history()) {
        let memory = memory(&object);
        let in_sync = memory.settled && !memory.not_taken;
        prop_assert!(!in_sync || is_applied(&object) || object.spec.management_policy == ManagementPolicy::Observe);
    }

    #[test]
    fn every_event_fits_the_api_servers_limits(object in object_with_history(), template in outcome_template(), changed: bool) {
        if let Some(event) = for_outcome(&object, &template.outcome_for(&object), changed) {
            prop_assert!((1..=128).contains(&event.action.len()) && (1..=1024).contains(&event.note.len()));
        }
    }
}
