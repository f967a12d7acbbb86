//! Every error of the three operations, and its class.

use std::error::Error;

use aws_sdk_cognitoidentityprovider::{
    error::{ProvideErrorMetadata, SdkError},
    types::error::InvalidParameterException,
};
use aws_smithy_runtime_api::client::result::DispatchFailure;
use cognito_mfa_core::calls::{
    decode::UNREADABLE_PREFIX,
    failure::{Failure, FailureClass, Operation, UNREADABLE_ANSWER},
};

use super::{
    credential_sources::CredentialSources,
    credentials_failure::credentials_failure,
    error_causes::{causes_in_order, find},
};

/// The codes and their classes: first those that the API's model names, then the errors common to all of AWS
/// (API Reference, "Common Errors"; the SDK's retry classifiers), then the operator's own.
const CODES: &[(&str, FailureClass)] = &[
    ("ConcurrentModificationException", FailureClass::Concurrent),
    ("FeatureUnavailableInTierException", FailureClass::FeatureUnavailableInTier),
    ("InternalErrorException", FailureClass::Transient),
    ("InvalidParameterException", FailureClass::InvalidParameter),
    ("InvalidSmsRoleAccessPolicyException", FailureClass::SmsRoleNotUsable),
    ("InvalidSmsRoleTrustRelationshipException", FailureClass::SmsRoleNotUsable),
    ("NotAuthorizedException", FailureClass::AccessDenied),
    ("OperationNotEnabledException", FailureClass::OperationNotEnabled),
    ("ResourceNotFoundException", FailureClass::PoolNotFound),
    ("TooManyRequestsException", FailureClass::Throttled),
    // Throttling.
    ("RequestLimitExceeded", FailureClass::Throttled),
    ("RequestThrottled", FailureClass::Throttled),
    ("RequestThrottledException", FailureClass::Throttled),
    ("SlowDown", FailureClass::Throttled),
    ("ThrottledException", FailureClass::Throttled),
    ("Throttling", FailureClass::Throttled),
    ("ThrottlingException", FailureClass::Throttled),
    // Faults of AWS itself.
    ("InternalFailure", FailureClass::Transient),
    ("InternalServerError", FailureClass::Transient),
    ("InternalServerException", FailureClass::Transient),
    ("RequestTimeout", FailureClass::Transient),
    ("RequestTimeoutException", FailureClass::Transient),
    ("ServiceUnavailable", FailureClass::Transient),
    ("ServiceUnavailableException", FailureClass::Transient),
    // Requests that AWS cannot use.
    ("InvalidAction", FailureClass::InvalidParameter),
    ("InvalidParameterCombination", FailureClass::InvalidParameter),
    ("InvalidParameterValue", FailureClass::InvalidParameter),
    ("MalformedInputException", FailureClass::InvalidParameter),
    ("SerializationException", FailureClass::InvalidParameter),
    ("UnknownOperationException", FailureClass::InvalidParameter),
    ("ValidationError", FailureClass::InvalidParameter),
    ("ValidationException", FailureClass::InvalidParameter),
    // Permissions.
    ("AccessDenied", FailureClass::AccessDenied),
    ("AccessDeniedException", FailureClass::AccessDenied),
    ("NotAuthorized", FailureClass::AccessDenied),
    ("NotSignedUp", FailureClass::AccessDenied),
    ("OptInRequired", FailureClass::AccessDenied),
    ("SubscriptionRequiredException", FailureClass::AccessDenied),
    // Credentials, and wrong clocks: a signature is valid for minutes.
    ("AuthFailure", FailureClass::Credentials),
    ("ExpiredToken", FailureClass::Credentials),
    ("ExpiredTokenException", FailureClass::Credentials),
    ("IncompleteSignature", FailureClass::Credentials),
    ("IncompleteSignatureException", FailureClass::Credentials),
    ("InvalidAccessKeyId", FailureClass::Credentials),
    ("InvalidClientTokenId", FailureClass::Credentials),
    ("InvalidSignatureException", FailureClass::Credentials),
    ("InvalidToken", FailureClass::Credentials),
    ("MissingAuthenticationToken", FailureClass::Credentials),
    ("MissingAuthenticationTokenException", FailureClass::Credentials),
    ("RequestExpired", FailureClass::Credentials),
    ("RequestInTheFuture", FailureClass::Credentials),
    ("RequestTimeTooSkewed", FailureClass::Credentials),
    ("SignatureDoesNotMatch", FailureClass::Credentials),
    ("UnrecognizedClientException", FailureClass::Credentials),
    // The operator's own.
    ("ConnectionFailed", FailureClass::Transient),
    ("CredentialsNotFound", FailureClass::Credentials),
    ("CredentialsNotLoaded", FailureClass::Credentials),
    ("CredentialsUnreachable", FailureClass::Transient),
    ("HttpError", FailureClass::Transient),
    ("InvalidUserPoolId", FailureClass::InvalidParameter),
    ("RequestNotBuilt", FailureClass::InvalidParameter),
    ("Timeout", FailureClass::Transient),
    ("UnknownSetting", FailureClass::UnknownSetting),
    (UNREADABLE_ANSWER, FailureClass::Transient),
];

/// A code as a metric label: itself where it is in the table above, or else "Other". So the label's values are bounded,
/// whatever AWS answers.
#[must_use]
pub fn label(code: &str) -> &'static str {
    CODES.iter().find(|(known, _)| *known == code).map_or("Other", |(known, _)| known)
}

/// The class of AWS's answer. The status decides only where the code is not in the table: Cognito sends
/// TooManyRequestsException with 400 and with 429.
pub(super) fn class(code: Option<&str>, status: u16) -> FailureClass {
    let known = code.and_then(|code| CODES.iter().find(|(known, _)| *known == code));
    match (known, status) {
        (Some((_, class)), _) => *class,
        (None, 429) => FailureClass::Throttled,
        (None, 401 | 403) => FailureClass::AccessDenied,
        // With a code, the answer is AWS's own refusal; without one, it comes from a proxy or gateway.
        (None, 400..500) if code.is_some() => FailureClass::InvalidParameter,
        (None, _) => FailureClass::Transient,
    }
}

/// Translates an error of the SDK, in AWS's own words where there are any. Debug texts are not used: they contain whole
/// requests.
pub(super) fn failure<E>(operation: Operation, error: &SdkError<E>, sources: &CredentialSources) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let own_code = |class, code, message: &str| Failure::new(class, operation, code, message);
    match error {
        SdkError::ServiceError(answer) => {
            let reason =
                find::<InvalidParameterException>(error).and_then(InvalidParameterException::reason_code);
            answered_failure(
                operation,
                answer.err().code(),
                answer.err().message(),
                answer.raw().status().as_u16(),
            )
            .with_reason_code(reason)
        }
        SdkError::ResponseError(answer) if !answer.raw().status().is_success() => {
            answered_failure(operation, None, None, answer.raw().status().as_u16())
        }
        SdkError::ResponseError(_) => own_code(
            FailureClass::Transient,
            UNREADABLE_ANSWER,
            &format!("{UNREADABLE_PREFIX}{}", innermost(error)),
        ),
        _ if let Some(failure) = credentials_failure(operation, error, sources) => failure,
        SdkError::TimeoutError(_) => {
            own_code(FailureClass::Transient, "Timeout", "AWS did not answer in time")
        }
        SdkError::DispatchFailure(dispatch) => undelivered_failure(operation, error, dispatch),
        _ => own_code(FailureClass::InvalidParameter, "RequestNotBuilt", &innermost(error)),
    }
}

/// A request whose answer did not come. Where no connection was opened (DNS, TCP, TLS, a proxy's CONNECT), there was none
/// to send the request on.
fn undelivered_failure<E: Error + 'static>(
    operation: Operation,
    error: &SdkError<E>,
    dispatch: &DispatchFailure,
) -> Failure {
    let (code, what) = if dispatch.is_timeout() {
        ("Timeout", "AWS did not answer in time")
    } else {
        ("ConnectionFailed", "AWS could not be reached")
    };
    let message = format!("{what}: {}", innermost(error));
    let failure = Failure::new(FailureClass::Transient, operation, code, &message);
    match find::<hyper_util::client::legacy::Error>(error) {
        Some(error) if error.is_connect() => failure.not_sent(),
        Some(_) | None => failure,
    }
}

fn answered_failure(operation: Operation, code: Option<&str>, message: Option<&str>, status: u16) -> Failure {
    let class = class(code, status);
    let Some(code) = code else {
        let message =
            format!("HTTP status {status} without an AWS error code: a proxy or gateway may have answered");
        let failure = Failure::new(class, operation, "HttpError", &message);
        // A proxy that wants another login has not forwarded the request (RFC 9110, 15.5.8).
        return if status == 407 { failure.not_sent() } else { failure };
    };
    Failure::new(class, operation, code, message.unwrap_or("AWS gave no message"))
}

/// The causes of an SDK error, without the SDK's and the connector's names for its kind.
fn innermost<E: Error + 'static>(error: &SdkError<E>) -> String {
    let cause = match error {
        SdkError::DispatchFailure(dispatch) => dispatch.as_connector_error().and_then(Error::source),
        other => other.source(),
    };
    cause.map_or_else(|| error.to_string(), causes_in_order)
}

#[cfg(test)]
mod tests;
