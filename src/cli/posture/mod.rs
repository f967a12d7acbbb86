//! The fleet as somebody sees it who has to answer for it: what the specs, the statuses and the time prove.
//!
//! Pure: the objects come in as values, and so does the time. What it says of a pool never goes beyond what a fresh,
//! Ready status has seen.

mod exceptions;
mod factors;
mod pool;
mod proof;
mod record;
mod rules;
mod state;
mod totals;

use cognito_mfa_core::text;
pub use exceptions::{EXCEPTION_REASON, Exception};
pub use factors::{Factor, Strength};
pub use pool::{Correction, Pool};
pub use proof::{Limits, MAX_AGE};
pub use record::Record;
pub use rules::{Rule, Standing};
pub use state::ObjectState;
pub use totals::{Count, Posture, Source, Totals};

/// Text of the cluster, fit to be shown: one line, nothing that hides or reorders what stands beside it.
fn shown(text: &str) -> String {
    text::safe(text, text::MAX_MESSAGE)
}
