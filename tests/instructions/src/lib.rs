//! The decisions, the resource and the reading of Cognito's answer, taken from the operator's source: with its whole
//! package would come the AWS SDK, the HTTP client and TLS, which nothing here counts, and their build takes minutes.

#[path = "../../../src/aws/answer.rs"]
pub mod answer;
#[path = "../../../src/api/mod.rs"]
pub mod api;
#[path = "../../../src/core/mod.rs"]
pub mod core;
#[path = "../../../src/aws/json.rs"]
mod json;
