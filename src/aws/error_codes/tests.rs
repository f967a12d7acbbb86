use std::collections::BTreeSet;

use super::*;

#[test]
fn the_status_decides_the_class_of_an_unknown_code() {
    let table = [
        (Some("BrandNewException"), 400, FailureClass::InvalidParameter),
        (Some("BrandNewException"), 403, FailureClass::AccessDenied),
        (Some("BrandNewException"), 429, FailureClass::Throttled),
        (Some("BrandNewException"), 500, FailureClass::Transient),
        (None, 400, FailureClass::Transient),
        (None, 401, FailureClass::AccessDenied),
        (None, 403, FailureClass::AccessDenied),
        (None, 407, FailureClass::Transient),
        (None, 413, FailureClass::Transient),
        (None, 429, FailureClass::Throttled),
        (None, 302, FailureClass::Transient),
        (None, 502, FailureClass::Transient),
    ];
    for (code, status, expected) in table {
        assert_eq!(class(code, status), expected, "{code:?} {status}");
    }
}

#[test]
fn a_known_code_takes_precedence_over_the_status() {
    assert_eq!(class(Some("TooManyRequestsException"), 400), FailureClass::Throttled);
    assert_eq!(class(Some("ThrottlingException"), 503), FailureClass::Throttled);
    assert_eq!(class(Some("ResourceNotFoundException"), 404), FailureClass::PoolNotFound);
}

#[test]
fn each_code_is_in_the_table_once() {
    let codes: BTreeSet<_> = CODES.iter().map(|(code, _)| code).collect();
    assert_eq!(codes.len(), CODES.len());
}

#[test]
fn a_metric_label_is_a_known_code_or_other() {
    assert_eq!(label("ThrottlingException"), "ThrottlingException");
    assert_eq!(label("arn:aws:iam::123456789012:role/x"), "Other");
}
