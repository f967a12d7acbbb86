//! Calls to the Cognito API: decoding of responses and classes of failures.

mod call_details;
pub mod decode;
pub mod failure;
pub mod json;
