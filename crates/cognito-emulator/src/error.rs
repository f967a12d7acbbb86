//! AWS errors: code, HTTP status and message.

use serde_json::{Value, json};

/// An error that AWS would answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// AWS's error code, such as `InvalidParameterException`.
    pub code: String,
    /// The HTTP status of the response.
    pub status: u16,
    /// The text for people. Where AWS's own words are not recorded, it is the emulator's.
    pub message: String,
    /// `reasonCode`, which only InvalidParameterException has. [model]
    pub reason_code: Option<String>,
}

impl ApiError {
    /// An error with the status that Cognito uses for its code: 500 for InternalErrorException, 400 for all others.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let status = if code == "InternalErrorException" { 500 } else { 400 };
        Self { code: code.into(), status, message: message.into(), reason_code: None }
    }

    /// InvalidParameterException, which Cognito uses for nearly every refusal.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// ResourceNotFoundException for a user pool that does not exist.
    #[must_use]
    pub fn no_such_pool(id: &str) -> Self {
        Self::new("ResourceNotFoundException", format!("User pool {id} does not exist."))
    }

    /// UnknownOperationException for an operation that the emulator does not implement.
    #[must_use]
    pub fn unknown_operation(name: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!("The emulator does not implement the operation {name}"),
        )
    }

    /// SerializationException: the body is not JSON, or a member has the wrong type.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    /// The response body in awsJson1.1.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body = json!({"__type": self.code, "message": self.message});
        if let Some(reason) = &self.reason_code {
            body["reasonCode"] = json!(reason);
        }
        body
    }
}
