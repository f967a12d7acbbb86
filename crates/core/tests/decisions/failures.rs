//! How patient the operator is with each kind of failure.

use std::time::Duration;

use cognito_mfa_core::calls::failure::{Failure, FailureClass, Operation, UNREADABLE_ANSWER};
use test_support::fixtures::{after, at, failed_read, failed_write, object, observed, off, on_totp, settled};

/// The first wait and the longest, in seconds, before it is Stalled.
fn patience(class: FailureClass) -> (u64, u64) {
    match class {
        FailureClass::Concurrent => (1, 30),
        FailureClass::Throttled => (5, 300),
        FailureClass::SmsRoleNotUsable
        | FailureClass::AccessDenied
        | FailureClass::Credentials
        | FailureClass::PoolNotFound => (5, 40),
        FailureClass::Transient
        | FailureClass::InvalidParameter
        | FailureClass::FeatureUnavailableInTier
        | FailureClass::OperationNotEnabled
        | FailureClass::UnknownSetting => (2, 300),
    }
}

#[test]
fn waits_double_from_the_first_to_the_longest() {
    for class in FailureClass::all() {
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
    for class in FailureClass::all() {
        for operation in [Operation::Get, Operation::Set] {
            let failure = Failure::new(class, operation, "SomeException", "why");
            let open = (class, operation) == (FailureClass::Transient, Operation::Set);
            assert_eq!(
                (failure.may_have_been_written(), failure.is_unreadable_answer()),
                (open, false),
                "{failure:?}"
            );
        }
    }
    assert!(
        Failure::new(FailureClass::Transient, Operation::Set, UNREADABLE_ANSWER, "why")
            .is_unreadable_answer()
    );
}

#[test]
fn a_failure_that_passes_hides_a_refusal_of_cognito_and_not_what_waits_for_a_person() {
    let reason = |object| {
        after(&object, &failed_read(FailureClass::Throttled), at(20)).status.unwrap().conditions[0]
            .reason
            .clone()
    };
    let refused = object(&on_totp());
    let refused =
        after(&refused, &failed_write(&refused, &observed(&off()), FailureClass::InvalidParameter), at(10));
    assert_eq!(reason(refused), "InvalidParameter");
    let held = object(&off());
    let held = after(&held, &test_support::fixtures::reconciled_well(&held, &observed(&on_totp())), at(10));
    assert_eq!(held.status.as_ref().unwrap().conditions[0].reason, "AdoptionHeld");
    assert_eq!(reason(held), "Throttled");
    assert_eq!(reason(settled(&on_totp())), "Throttled");
}
