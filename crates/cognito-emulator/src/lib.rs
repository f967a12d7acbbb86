//! A strict local emulator of the Amazon Cognito operations around the MFA settings of a user pool.
//!
//! The rules are the pure functions [`get`] and [`set`] over a [`Pool`]: they need no I/O and no clock.
//! [`EmulatorState`] adds access keys, quotas, a call log and scripted faults. [`Emulator`] serves it over HTTP; it
//! needs the feature `server`, which is on by default.
//!
//! ```
//! use cognito_emulator::{Facts, Fault, Emulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let emulator = Emulator::start().await?;
//! emulator.state().pools.create("us-east-1_Example01", Facts::ready());
//! emulator.state().faults.push(Fault::error("SetUserPoolMfaConfig", "InternalErrorException", "").times(2));
//! let endpoint = emulator.url(); // The client under test connects to this.
//! # let _ = endpoint;
//! assert!(emulator.calls().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! Each rule has a grade, which names its source: `[model]` is the AWS service model, `[docs]` AWS's documentation,
//! `[measured]` recorded runs against AWS, `[reported]` public issues, and `[inferred]` a conclusion from the other
//! sources. A rule that is not measured and changes what is stored has a switch for its opposite: see [`Switches`].

#[cfg(feature = "server")]
mod admin;
mod call_log;
mod cognito;
mod error;
mod faults;
mod iam;
mod mfa_config;
mod model;
mod pool;
mod quota;
mod rules;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "server")]
mod shared;
mod state;
mod sts;
mod switches;
mod user_pool;
mod validate;
#[cfg(feature = "server")]
mod wire;

pub use call_log::{Call, CallLog};
pub use error::ApiError;
pub use faults::{Effect, Fault, Faults, When};
pub use iam::{CredentialScope, Iam, KeyStatus};
pub use mfa_config::{get, set};
pub use pool::{EmailSender, Facts, Pool, Pools, SmsRole, Tier};
pub use quota::Quota;
#[cfg(feature = "server")]
pub use server::Emulator;
pub use state::{EmulatorState, ReceivedCall, Reply, Request};
pub use switches::{
    CrossAccountRole, OtherSnsRegion, PhoneVerification, RelyingPartyOnOmission, ServerDefaults, SetAnswer,
    SingleFactor, SmsReadUnderOff, SmsRemoval, SmsUnderOff, SmsWithPhoneRecovery, SnsRegionDefault, Switches,
    TotpDisabledAlone,
};
pub use user_pool::describe;
