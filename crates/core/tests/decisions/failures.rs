//! How patient the operator is with each kind of failure.

use std::time::Duration;

use cognito_mfa_core::calls::failure::{Class, Failure, Operation, UNREADABLE};
use test_support::fixtures::{after, at, failed_get, failed_set, live, object, off, on_totp, settled};

/// The first wait and the longest, in seconds, before it is Stalled.
fn patience(class: Class) -> (u64, u64) {
    match class {
        Class::Concurrent => (1, 30),
        Class::Throttled => (5, 300),
        Class::SmsRole | Class::AccessDenied | Class::Credentials | Class::PoolNotFound => (5, 40),
        Class::Transient
        | Class::InvalidParameter
        | Class::TierTooLow
        | Class::NotEnabled
        | Class::UnknownSetting => (2, 300),
    }
}

#[test]
fn waits_double_from_the_first_to_the_longest() {
    for class in Class::all() {
        let (first, longest) = patience(class);
        let waits = [0, 1, 2, 20].map(|attempt| class.backoff(attempt, false));
        let expected = [first, 2 * first, 4 * first, longest].map(Duration::from_secs);
        assert_eq!(waits, expected, "{class:?}");
        let stalled = [0, 1, 20].map(|attempt| class.backoff(attempt, true));
        assert_eq!(stalled, [1, 2, 25].map(Duration::from_mins), "{class:?}");
    }
}

#[test]
fn operations_have_awss_names() {
    let names = [Operation::Get, Operation::Set].map(Operation::as_str);
    assert_eq!(names, ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"]);
}

#[test]
fn only_a_set_that_may_have_been_done_is_open_and_only_an_answer_can_be_unreadable() {
    for class in Class::all() {
        for operation in [Operation::Get, Operation::Set] {
            let failure = Failure::new(class, operation, "SomeException", "why");
            let open = (class, operation) == (Class::Transient, Operation::Set);
            assert_eq!((failure.leaves_open(), failure.was_answered()), (open, false), "{failure:?}");
        }
    }
    assert!(Failure::new(Class::Transient, Operation::Set, UNREADABLE, "why").was_answered());
}

#[test]
fn a_failure_that_passes_hides_a_refusal_of_cognito_and_not_what_waits_for_a_person() {
    let reason = |object| {
        after(&object, &failed_get(Class::Throttled), at(20)).status.unwrap().conditions[0].reason.clone()
    };
    let refused = object(&on_totp());
    let refused = after(&refused, &failed_set(&refused, &live(&off()), Class::InvalidParameter), at(10));
    assert_eq!(reason(refused), "InvalidParameter");
    let held = object(&off());
    let held = after(&held, &test_support::fixtures::good_pass(&held, &live(&on_totp())), at(10));
    assert_eq!(held.status.as_ref().unwrap().conditions[0].reason, "AdoptionHeld");
    assert_eq!(reason(held), "Throttled");
    assert_eq!(reason(settled(&on_totp())), "Throttled");
}
