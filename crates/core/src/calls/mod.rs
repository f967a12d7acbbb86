//! Calls to the Cognito API: decoding of responses and classes of failures.

pub mod advice;
pub mod decode;
pub mod failure;
pub mod json;
