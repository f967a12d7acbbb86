//! Cognito over the AWS SDK: one Get, one Set, and every way they fail.
//!
//! The SDK signs, sends, retries and times out. What an answer means is decided here, from its raw body, because
//! the SDK drops the members that it does not know.
//!
//! Credentials stay out of the logs, at every level: the SDK redacts the headers and bodies that hold them (a test
//! watches it), unless LOG_SENSITIVE_BODIES=true is set.

mod answer;
mod capture;
mod errors;
mod gateway;
mod http;
mod json;
mod request;
mod setup;

pub use errors::label;
pub use gateway::{Gateway, Observer};
pub use setup::{SET_TIMEOUT, SetupError, Timeouts};
