//! Equality of settings: which differences count, for any settings.

use cognito_mfa_core::settings::{
    diff::{differences, factors, hash, is_same, to_write},
    truncate::truncated,
};
use proptest::prelude::*;
use test_support::arbitrary::{declared, declared_and_filled, equivalent_settings, settings};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn settings_equal_themselves(one in settings()) {
        prop_assert!(differences(&one, &one).is_empty());
        prop_assert!(is_same(&one, &one));
    }

    #[test]
    fn two_forms_of_a_pool_have_the_same_differences_from_any_spec((one, other) in equivalent_settings(), declared in declared()) {
        prop_assert!(is_same(&one, &other));
        let fields = |observed| differences(&declared, observed).into_iter().map(|one| one.field).collect::<Vec<_>>();
        prop_assert_eq!(fields(&one), fields(&other));
        prop_assert_eq!(factors(&one), factors(&other));
    }

    #[test]
    fn fields_that_cognito_adds_to_a_declared_section_are_no_difference((declared, observed) in declared_and_filled()) {
        let differences = differences(&declared, &observed);
        prop_assert!(differences.is_empty(), "{:?}", differences);
    }

    #[test]
    fn settings_have_the_same_hash_exactly_when_the_same_write_sends_them(one in declared(), other in declared()) {
        prop_assert_eq!(hash(&one) == hash(&other), to_write(&one) == to_write(&other));
        prop_assert_eq!(hash(&one), hash(&one.clone()));
    }

    #[test]
    fn differences_are_sorted_and_name_each_field_once(declared in declared(), observed in settings()) {
        let fields: Vec<_> = differences(&declared, &observed).into_iter().map(|one| one.field).collect();
        prop_assert!(fields.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", fields);
    }

    #[test]
    fn settings_that_a_spec_may_have_are_never_truncated(one in declared()) {
        prop_assert_eq!(truncated(&one), one);
    }
}
