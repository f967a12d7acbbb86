//! Cognito over the AWS SDK: one Get, one Set, one List, and every way they fail.
//!
//! The SDK signs, sends and times out. What an answer means is decided here, from its raw body, because
//! the SDK drops the members that it does not know.

mod answer;
mod attempt;
mod caller;
mod capture;
mod clients;
mod errors;
mod gateway;
mod http;
mod json;
mod limiter;
mod list;
mod logs;
mod request;
mod setup;

pub use answer::decode;
pub use attempt::Permit;
pub use caller::Caller;
pub use errors::label;
pub use gateway::{Gateway, Observed, Observer};
pub use http::SetupError;
pub use list::Listed;
pub use logs::may_log;
pub use setup::{Setup, Timeouts};
