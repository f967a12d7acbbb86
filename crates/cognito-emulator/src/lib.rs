//! A strict local emulator for the Amazon Cognito operations around a user pool's MFA settings.
//!
//! The rules are pure ([`set`], [`get`] over a [`Pool`]): no I/O and no clock. [`World`] adds what an account
//! has (pools, callers, quotas, a call log, scripted faults), and [`Emulator`] serves it over HTTP.
//!
//! ```
//! use cognito_emulator::{Facts, Fault, Emulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let emulator = Emulator::start().await?;
//! emulator.world().pools.create("us-east-1_Example01", Facts::ready());
//! emulator.world().faults.push(Fault::error("SetUserPoolMfaConfig", "InternalErrorException", "").times(2));
//! let endpoint = emulator.url(); // for the client under test
//! # let _ = endpoint;
//! assert!(emulator.calls().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! Grades of the rules: `[model]` the AWS service model, `[docs]` AWS's documentation, `[measured]` recorded runs
//! against AWS, `[reported]` public issues, `[inferred]` a reading. What is below `[measured]` and decides what a
//! pool looks like afterwards has a switch for its opposite, see [`Switches`].

#[cfg(feature = "server")]
mod admin;
mod iam;
mod cognito;
mod error;
mod faults;
mod call_log;
mod pool;
mod quota;
mod rules;
#[cfg(feature = "server")]
mod server;
mod mfa_config;
mod sts;
mod switches;
mod user_pool;
mod validate;
#[cfg(feature = "server")]
mod wire;
mod state;

pub use iam::{Iam, CredentialScope, KeyStatus};
pub use error::ApiError;
pub use faults::{Effect, Fault, Faults, When};
pub use call_log::{Call, CallLog};
pub use pool::{EmailSender, Facts, Pool, Pools, SmsRole, Tier};
pub use quota::Quota;
#[cfg(feature = "server")]
pub use server::Emulator;
pub use mfa_config::{get, set};
pub use switches::{
    RelyingPartyOnOmission, ServerDefaults, SetAnswer, SingleFactor, SmsRemoval, SmsUnderOff, Switches,
    TotpDisabledAlone,
};
pub use state::{ReceivedCall, Reply, Request, EmulatorState};
