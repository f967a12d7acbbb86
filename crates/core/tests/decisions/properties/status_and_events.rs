//! What a status says is true, and said once.

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, ManagementPolicy, UserPoolMfaConfig},
    plan::memory::memory,
    settings::diff::differences,
    status::{event::for_outcome, next_status::next_status, outcome::Outcome},
};
use proptest::prelude::*;
use test_support::{
    arbitrary::{ending, is_applied, object_with_a_past},
    fixtures::{after, at},
    kstatus::{Kstatus, kstatus},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_status_computed_twice_is_written_once(object in object_with_a_past(), ending in ending(), second in 0i64..1_000) {
        let outcome = ending.of(&object);
        let written = after(&object, &outcome, at(second));
        prop_assert!(next_status(&written, &outcome, at(second)).is_none());
    }

    #[test]
    fn a_pass_that_ends_as_the_last_one_writes_nothing_later(object in object_with_a_past(), ending in ending()) {
        let outcome = ending.of(&object);
        prop_assume!(!matches!(outcome, Outcome::Written { .. }));
        let written = after(&object, &outcome, at(600));
        // Within the grace of what is being retried, and the day of lastVerifiedTime.
        let began = |object: &UserPoolMfaConfig| {
            object.status.as_ref().unwrap().condition(ConditionType::Reconciling).map(|one| one.last_transition_time.0)
        };
        prop_assume!(began(&written).is_none_or(|began| began == at(600)));
        prop_assert!(next_status(&written, &outcome, at(890)).is_none());
    }

    #[test]
    fn ready_means_that_cognito_is_equal_and_was_seen_so(object in object_with_a_past(), ending in ending()) {
        let outcome = ending.of(&object);
        let told = after(&object, &outcome, at(600));
        let ready = told.status.as_ref().unwrap().condition(ConditionType::Ready).unwrap().status == "True";
        let equal = outcome.observed().is_some_and(|live| {
            live.unknown.is_empty() && differences(&object.spec.settings, &live.settings).is_empty()
        });
        prop_assert!(!ready || equal);
        prop_assert_eq!(ready, kstatus(&told) == Kstatus::Current);
        let failed = matches!(outcome, Outcome::Failed(..));
        prop_assert_eq!(ready, equal && !failed);
    }

    #[test]
    fn a_status_has_its_four_conditions_at_most_and_never_both_of_reconciling_and_stalled(
        object in object_with_a_past(), ending in ending(),
    ) {
        let status = after(&object, &ending.of(&object), at(600)).status.unwrap();
        let types: Vec<_> = status.conditions.iter().map(|one| one.type_.as_str()).collect();
        prop_assert!(
            [&["Ready", "Synced"][..], &["Ready", "Synced", "Reconciling"], &["Ready", "Synced", "Stalled"]].contains(&&types[..]),
            "{:?}", types
        );
        prop_assert_eq!(status.observed_generation, object.metadata.generation);
        prop_assert!(status.corrections.len() <= 5);
        prop_assert_eq!(status.drift.is_empty(), status.drift_summary.is_none());
    }

    /// Else a newer build that computes another hash would set a fleet, or a change would be lost.
    #[test]
    fn settings_that_an_enforcing_object_settled_on_are_the_applied_ones(object in object_with_a_past()) {
        let memory = memory(&object);
        let in_sync = memory.settled && !memory.not_taken;
        prop_assert!(!in_sync || is_applied(&object) || object.spec.management_policy == ManagementPolicy::Observe);
    }

    #[test]
    fn what_is_told_fits_into_an_event(object in object_with_a_past(), ending in ending(), news: bool) {
        if let Some(told) = for_outcome(&object, &ending.of(&object), news) {
            prop_assert!((1..=128).contains(&told.action.len()) && (1..=1024).contains(&told.note.len()));
        }
    }
}
