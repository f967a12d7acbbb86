//! Cognito over the AWS SDK: one Get, one Set, one List, and every way they fail.
//!
//! The SDK signs, sends and times out. What an answer means is decided here, from its raw body, because
//! the SDK drops the members that it does not know.

mod answer;
mod attempt;
mod caller;
mod capture;
mod clients;
mod environment;
mod errors;
mod gateway;
mod http;
mod json;
mod limiter;
mod list;
mod logs;
mod request;
mod setup;

pub use answer::{CANNOT_BE_READ, decode};
pub use attempt::Permit;
pub use caller::Caller;
pub use environment::forget_empty_endpoints;
pub use errors::label;
pub use gateway::{Gateway, Observed, Observer};
pub use http::SetupError;
pub use list::Listed;
pub use logs::may_log;
pub use setup::{Setup, Timeouts};
