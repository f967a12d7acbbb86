//! Calls to the Cognito API: decoding of responses and classes of failures.

pub mod advice;
mod call_details;
pub mod decode;
pub mod failure;
pub mod json;
