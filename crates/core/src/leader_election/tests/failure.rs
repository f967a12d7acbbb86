use kube::core::Status;
use serde_json::{Value, json};

use super::*;

fn classified(code: u16, message: &str, details: &Value) -> Option<LeaseFailure> {
    let status = json!({"status": "Failure", "code": code, "message": message, "details": details});
    let status: Status = serde_json::from_value(status).unwrap();
    LeaseFailure::of_status(&status)
}

/// The answers of a kube-apiserver 1.36, and of what may stand before it.
#[test]
fn an_answer_of_the_api_server_is_classified_by_what_it_is_about() {
    let (lease, namespace) = (json!({"kind": "leases"}), json!({"kind": "namespaces"}));
    let terminating = json!({"kind": "leases", "causes": [{"reason": "NamespaceTerminating"}]});
    let denied = r#"leases.coordination.k8s.io "cognito-mfa-operator" is forbidden: User "system:anonymous" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "operators""#;
    for (code, message, details, failure) in [
        (403, denied, &lease, LeaseFailure::Forbidden),
        (401, "Unauthorized", &Value::Null, LeaseFailure::Unauthorized),
        (404, r#"namespaces "operators" not found"#, &namespace, LeaseFailure::NamespaceMissing),
        (
            403,
            "unable to create new content in namespace operators",
            &terminating,
            LeaseFailure::NamespaceMissing,
        ),
        (403, r#"leases "x" is forbidden: exceeded quota: leases"#, &lease, LeaseFailure::Refused),
        (403, r#"admission webhook "w" denied the request"#, &Value::Null, LeaseFailure::Refused),
        (422, "Lease is invalid", &lease, LeaseFailure::Refused),
        (404, "404 page not found", &Value::Null, LeaseFailure::ServerError),
        (429, "Too many requests", &Value::Null, LeaseFailure::ServerError),
        (504, "Timeout", &Value::Null, LeaseFailure::ServerError),
    ] {
        assert_eq!(classified(code, message, details), Some(failure), "{code} {message}");
    }
}

#[test]
fn a_lost_race_for_the_lease_is_no_failure() {
    let lease = json!({"kind": "leases"});
    assert_eq!(classified(404, r#"leases "x" not found"#, &lease), None);
    assert_eq!(classified(409, r#"leases "x" already exists"#, &lease), None);
    assert_eq!(classified(409, "the object has been modified", &lease), None);
}

#[test]
fn only_the_advice_about_rights_speaks_of_rights() {
    for failure in LeaseFailure::all() {
        let advice = failure.advice("operators", "lease", Duration::from_secs(10) / 3);
        assert_eq!(advice.contains("may not"), failure == LeaseFailure::Forbidden, "{advice}");
        assert_eq!(advice.contains("within 3.3s"), failure == LeaseFailure::TimedOut, "{advice}");
        assert_eq!(
            advice.contains("--leader-election-namespace"),
            matches!(failure, LeaseFailure::Forbidden | LeaseFailure::NamespaceMissing),
            "{advice}"
        );
    }
}
