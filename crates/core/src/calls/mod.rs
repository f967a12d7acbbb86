//! Calls of the Cognito API: how they fail, and what an answer says.

pub mod decode;
pub mod failure;
pub mod json;
