use proptest::prelude::*;

use super::*;

#[test]
fn request_ids_and_encoded_denials_are_removed() {
    let denied = "You are not authorized. Encoded authorization failure message: 8RkQxYz";
    assert_eq!(without_call_details(denied), "You are not authorized.");
    let traced = "Rate exceeded (Service: CognitoIdentityProvider, Status Code: 400, Request ID: 1-2)";
    assert_eq!(without_call_details(traced), "Rate exceeded");
    let refused = r#"Error { code: "AccessDenied", message: "no", aws_request_id: "1-2" }"#;
    assert_eq!(without_call_details(refused), r#"Error { code: "AccessDenied", message: "no""#);
}

#[test]
fn the_times_of_an_expired_signature_are_replaced() {
    let expired = "Signature expired: 20261123T061500Z is now earlier than 20261123T062000Z (20261123T062500Z - 5 min.)";
    assert_eq!(
        without_call_details(expired),
        "Signature expired: <time> is now earlier than <time> <time> - 5 min.)"
    );
}

#[test]
fn a_request_id_is_removed_however_it_is_written() {
    for id in [
        "(Service: Cognito, Status Code: 400, Request ID: 1-2)",
        "status code: 403, request id: 1-2",
        "(Request ID: 1-2)",
        "RequestId: 1-2",
        "requestID=1-2",
        "x-amzn-RequestId: 1-2",
    ] {
        let shown = without_call_details(&format!("User is not authorized, {id}"));
        assert!(shown.starts_with("User is not authorized") && !shown.contains("1-2"), "{shown}");
    }
}

/// A denial as IAM words it, for a session of this name.
fn denial(session: &str) -> String {
    format!(
        "User: arn:aws:sts::123456789012:assumed-role/operator/{session} is not authorized to perform: cognito-idp:GetUserPoolMfaConfig on resource: arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab12Cd34E because no identity-based policy allows the cognito-idp:GetUserPoolMfaConfig action"
    )
}

#[test]
fn a_denial_names_user_action_and_resource_and_no_varying_session() {
    let shown = |session: &str| without_call_details(&denial(session));
    assert_eq!(shown("web-identity-token-1795567879123"), denial("web-identity-token-<id>"));
    assert_eq!(
        shown("eks-prod-operator-7d9f-0a1b2c3d-1111-2222-3333-0123456789ab"),
        denial("eks-prod-operator-7d9f-<id>")
    );
    for fixed in ["cognito-mfa-operator@shop", "i-0abcdef1234567890a", "jane.doe@example.com", "build-42"] {
        assert_eq!(shown(fixed), denial(fixed));
    }
}

#[test]
fn ids_outside_session_names_are_kept() {
    let key = "not authorized to perform kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-1111-2222-3333-0123456789ab";
    assert_eq!(without_call_details(key), key);
}

/// A varying part in each of its forms, and the text around it that two calls have in common.
fn message() -> impl Strategy<Value = (String, String)> {
    let session = prop_oneof![
        (10u64.pow(9)..10u64.pow(14)).prop_map(|time| format!("web-identity-token-{time}")),
        (10u64.pow(9)..10u64.pow(14)).prop_map(|time| format!("assume-role-provider-{time}")),
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
            .prop_map(|uuid| format!("eks-prod-operator-{uuid}")),
    ];
    let kind = |session: &str| session[..4].to_owned();
    let end = ("[A-Za-z0-9_-]{20,60}", "[0-9a-f-]{8,36}");
    (session, end, 0..3).prop_map(move |(session, (encoded, id), form)| {
        let end = match form {
            0 => format!(" Encoded authorization failure message: {encoded}"),
            1 => format!(" (Service: AWSSecurityTokenService; Status Code: 403; Request ID: {id})"),
            _ => String::new(),
        };
        (format!("{} {form}", kind(&session)), format!("{}{end}", denial(&session)))
    })
}

proptest! {
    #[test]
    fn two_calls_that_fail_alike_have_the_same_message(
        messages in proptest::collection::vec(message(), 2..40)
    ) {
        let mut shown = std::collections::HashMap::new();
        for (kind, message) in messages {
            let kind = kind.split_once(' ').map(|(session, _)| session.to_owned());
            let text = without_call_details(&message);
            let first = shown.entry(kind).or_insert_with(|| text.clone());
            prop_assert_eq!(&*first, &text);
        }
    }

    #[test]
    fn a_message_without_details_stays_as_it_is(message in "\\PC{0,600}") {
        let once = without_call_details(&message);
        prop_assert_eq!(without_call_details(&once), once);
    }
}
