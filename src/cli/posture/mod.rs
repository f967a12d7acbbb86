//! The MFA posture of a fleet: what the specs and statuses of its objects prove at a given time.
//!
//! Pure: the objects, the time, and what the account has are values. What a report says of a pool never exceeds what a fresh read shows.

mod exceptions;
mod factors;
mod listed_object;
mod pool_report;
mod proof;
mod rules;
mod state;
mod text;
mod totals;
mod undeclared;

pub use exceptions::{EXCEPTION_REASON, Exception};
pub use factors::{Factor, Strength};
pub use listed_object::ListedObject;
pub use pool_report::{Correction, PoolReport};
pub use proof::ProofCriteria;
pub use rules::{Rule, RuleResult};
pub use state::ObjectState;
pub use totals::{Count, Posture, Source, Totals};
