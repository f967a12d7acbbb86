//! The status and the events: they are true, they fit their limits, and they are written once.

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, ManagementPolicy, UserPoolMfaConfig},
    plan::memory::memory,
    settings::diff::differences,
    status::{event::for_outcome, next_status::next_status, outcome::Outcome},
};
use proptest::prelude::*;
use test_support::{
    arbitrary::{is_applied, object_with_history, outcome_template},
    fixtures::{after, at},
    kstatus::{Kstatus, kstatus},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_status_of_an_outcome_is_written_once(object in object_with_history(), template in outcome_template(), second in 0i64..1_000) {
        let outcome = template.outcome_for(&object);
        let written = after(&object, &outcome, at(second));
        prop_assert!(next_status(&written, &outcome, at(second)).is_none());
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
        prop_assert!(next_status(&written, &outcome, at(890)).is_none());
    }

    #[test]
    fn ready_is_true_exactly_when_the_observed_settings_equal_the_spec(object in object_with_history(), template in outcome_template()) {
        let outcome = template.outcome_for(&object);
        let reported = after(&object, &outcome, at(600));
        let ready = reported.status.as_ref().unwrap().condition(ConditionType::Ready).unwrap().status == "True";
        let equal = outcome.observed().is_some_and(|observed| {
            observed.unknown.is_empty() && differences(&object.spec.settings, &observed.settings).is_empty()
        });
        prop_assert!(!ready || equal);
        prop_assert_eq!(ready, kstatus(&reported) == Kstatus::Current);
        let failed = matches!(outcome, Outcome::Failed(..));
        prop_assert_eq!(ready, equal && !failed);
    }

    #[test]
    fn a_status_never_has_both_reconciling_and_stalled(
        object in object_with_history(), template in outcome_template(),
    ) {
        let status = after(&object, &template.outcome_for(&object), at(600)).status.unwrap();
        let types: Vec<_> = status.conditions.iter().map(|one| one.type_.as_str()).collect();
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
