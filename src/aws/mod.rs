//! Calls Cognito over the AWS SDK: a read, a write, a list, and every way they fail.
//!
//! The SDK signs, sends and times out. This crate decodes the raw body of an answer itself, because the SDK drops the
//! members that it does not know.

mod call_context;
mod call_outcome;
mod client;
mod cognito;
mod credential_sources;
mod credentials_failure;
mod describe_user_pool;
mod encode;
mod error_causes;
mod error_codes;
mod http_client;
mod list_user_pools;
mod named_host;
mod named_profile;
mod patience;
mod raw_body;
pub mod read_plan_write;
mod sdk_clients;
mod sdk_config;
mod send_guard;
mod setup_error;
mod shared_queue;

pub use call_context::SendPermit;
pub use call_outcome::{ReadOutcome, WriteOutcome};
pub use client::{CognitoClient, LONGEST_LOOK};
pub use cognito::{CallEvent, CallObserver, Cognito};
pub use error_codes::label;
pub use list_user_pools::ListedPool;
pub use patience::Patience;
pub use sdk_config::{AwsOptions, Timeouts};
pub use setup_error::SetupError;
pub use shared_queue::{Dispatch, Dispatches, SharedQueue, StartTurn};
