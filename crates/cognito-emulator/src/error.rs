//! Errors as AWS answers them.

use serde_json::{Value, json};

/// An error answer: AWS's code, the HTTP status that carries it, and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// AWS's error code, such as `InvalidParameterException`.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// The text for people.
    pub message: String,
    /// `reasonCode`, which only InvalidParameterException has. [model]
    pub reason_code: Option<String>,
}

impl ApiError {
    /// An error at the status that Cognito uses for the code: 500 for InternalErrorException, otherwise 400.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let status = if code == "InternalErrorException" { 500 } else { 400 };
        Self { code: code.into(), status, message: message.into(), reason_code: None }
    }

    /// InvalidParameterException, Cognito's answer to nearly everything it refuses.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// ResourceNotFoundException for a pool.
    #[must_use]
    pub fn no_such_pool(id: &str) -> Self {
        Self::new("ResourceNotFoundException", format!("User pool {id} does not exist."))
    }

    /// UnknownOperationException for an operation that the emulator lacks.
    #[must_use]
    pub fn unknown_operation(name: &str) -> Self {
        Self::new("UnknownOperationException", format!("The emulator has no operation {name}"))
    }

    /// A body that is not JSON, or a member of the wrong type: Cognito never gets to see it.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    /// The awsJson1.1 body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body = json!({"__type": self.code, "message": self.message});
        if let Some(reason) = &self.reason_code {
            body["reasonCode"] = json!(reason);
        }
        body
    }
}
