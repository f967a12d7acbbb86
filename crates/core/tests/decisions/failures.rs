//! The failure classes: backoff, write results, and which failure the status reports.

use std::time::Duration;

use cognito_mfa_core::{
    calls::failure::{Failure, FailureClass, Operation, UNREADABLE_ANSWER},
    status::{next_status::next_status, outcome::Outcome},
};
use test_support::fixtures::{after, at, first_check, on_totp, settled};

/// The first and the longest backoff in seconds, while the object is not Stalled.
fn backoff_range(class: FailureClass) -> (u64, u64) {
    match class {
        FailureClass::Concurrent => (1, 30),
        FailureClass::Throttled => (5, 300),
        FailureClass::SmsRoleNotUsable
        | FailureClass::AccessDenied
        | FailureClass::Credentials
        | FailureClass::PoolNotFound => (5, 40),
        FailureClass::Transient => (2, 40),
        FailureClass::InvalidParameter
        | FailureClass::FeatureUnavailableInTier
        | FailureClass::OperationNotEnabled
        | FailureClass::UnknownSetting => (2, 300),
    }
}

#[test]
fn backoff_doubles_from_the_first_to_the_longest_wait() {
    for class in FailureClass::all() {
        let (first, longest) = backoff_range(class);
        let waits = [0, 1, 2, 20].map(|attempt| class.backoff(attempt, false));
        let expected = [first, 2 * first, 4 * first, longest].map(Duration::from_secs);
        assert_eq!(waits, expected, "{class:?}");
        let stalled = [0, 1, 20].map(|attempt| class.backoff(attempt, true));
        assert_eq!(stalled, [1, 2, 25].map(Duration::from_mins), "{class:?}");
    }
}

#[test]
fn operations_have_the_names_of_the_aws_api() {
    let names = [Operation::Get, Operation::Set].map(Operation::as_str);
    assert_eq!(names, ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"]);
}

#[test]
fn a_write_without_an_answer_and_one_with_an_unknown_answer_may_have_been_made() {
    for class in FailureClass::all() {
        for operation in [Operation::Get, Operation::Set] {
            let failure = Failure::new(class, operation, "SomeException", "why");
            let is_open = matches!(class, FailureClass::Transient | FailureClass::UnknownSetting)
                && operation == Operation::Set;
            assert_eq!(failure.write_may_have_been_accepted(), is_open, "{failure:?}");
            assert!(!failure.not_sent().write_may_have_been_accepted(), "{class:?} {operation:?}");
        }
    }
}

#[test]
fn only_the_code_of_an_unreadable_response_marks_one() {
    for class in FailureClass::all() {
        for operation in [Operation::Get, Operation::Set] {
            let failure = Failure::new(class, operation, "SomeException", "why");
            assert!(!failure.is_unreadable_answer(), "{failure:?}");
        }
    }
    assert!(
        Failure::new(FailureClass::Transient, Operation::Set, UNREADABLE_ANSWER, "why")
            .is_unreadable_answer()
    );
}

#[test]
fn a_denial_that_differs_only_in_its_session_writes_no_status_and_no_event() {
    let denied = |session: &str| {
        let message = format!(
            "User: arn:aws:sts::123456789012:assumed-role/operator/{session} is not authorized to perform: cognito-idp:GetUserPoolMfaConfig"
        );
        Outcome::Failed(
            Failure::new(FailureClass::AccessDenied, Operation::Get, "AccessDeniedException", &message),
            None,
        )
    };
    let first = after(&settled(&on_totp()), &denied("web-identity-token-1795567879123"), at(10));
    assert_eq!(next_status(&first, &denied("web-identity-token-1795567912456"), first_check(), at(20)), None);
}
