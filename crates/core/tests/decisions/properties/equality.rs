//! What equality means, for any settings.

use cognito_mfa_core::settings::{
    diff::{differences, factors, hash, is_same, to_write},
    truncate::truncated,
};
use proptest::prelude::*;
use test_support::arbitrary::{declared, declared_and_filled, settings, two_forms};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_declared_equals_itself(one in settings()) {
        prop_assert!(differences(&one, &one).is_empty());
        prop_assert!(is_same(&one, &one));
    }

    #[test]
    fn two_forms_of_one_pool_are_one_pool_to_every_declaration((one, other) in two_forms(), wanted in declared()) {
        prop_assert!(is_same(&one, &other));
        let fields = |live| differences(&wanted, live).into_iter().map(|one| one.field).collect::<Vec<_>>();
        prop_assert_eq!(fields(&one), fields(&other));
        prop_assert_eq!(factors(&one), factors(&other));
    }

    #[test]
    fn what_cognito_fills_into_a_declared_section_is_no_difference((wanted, live) in declared_and_filled()) {
        let differences = differences(&wanted, &live);
        prop_assert!(differences.is_empty(), "{:?}", differences);
    }

    #[test]
    fn settings_have_one_hash_exactly_when_one_set_sends_them(one in declared(), other in declared()) {
        prop_assert_eq!(hash(&one) == hash(&other), to_write(&one) == to_write(&other));
        prop_assert_eq!(hash(&one), hash(&one.clone()));
    }

    #[test]
    fn differences_are_sorted_and_name_each_field_once(wanted in declared(), live in settings()) {
        let fields: Vec<_> = differences(&wanted, &live).into_iter().map(|one| one.field).collect();
        prop_assert!(fields.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", fields);
    }

    #[test]
    fn what_the_spec_may_hold_is_observed_whole(one in declared()) {
        prop_assert_eq!(truncated(&one), one);
    }
}
