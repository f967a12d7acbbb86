//! Cognito over the AWS SDK: one Get, one Set, one List, and every way they fail.
//!
//! The SDK signs, sends and times out. What an answer means is decided here, from its raw body, because
//! the SDK drops the members that it does not know.

mod client;
mod cognito;
mod encode;
mod environment;
mod error_codes;
mod http_client;
mod list_user_pools;
mod rate_limiter;
mod raw_body;
pub mod read_plan_write;
mod sdk_clients;
mod sdk_config;
mod send_guard;

pub use client::CognitoClient;
pub use cognito::{CallEvent, CallObserver, Cognito};
pub use cognito_mfa_core::calls::decode::{UNREADABLE_PREFIX, decode};
pub use environment::forget_empty_endpoints;
pub use error_codes::label;
pub use http_client::SetupError;
pub use list_user_pools::ListedPool;
pub use sdk_config::{AwsOptions, Timeouts};
pub use send_guard::SendPermit;
