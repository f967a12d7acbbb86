//! What AWS will answer to a write that nobody has sent yet, and what users will notice of it.
//!
//! The facts and their grades are those of crates/cognito-emulator/README.md. The code here is independent of the
//! emulator's, so that a property can compare the two.

mod accepted_but;
mod finding;
mod not_looked_at;
mod planned_write;
mod pool_description;
mod refused;
mod remedies;
mod users_will_notice;

use strum::VariantArray;

pub use self::{
    accepted_but::Acceptance,
    finding::{Finding, Grade, Kind, Place, Remedy, Topic},
    not_looked_at::Unseen,
    planned_write::{PlannedWrite, PoolView},
    pool_description::PoolDescription,
    users_will_notice::Notice,
};
use crate::calls::advice::Refusal;

/// Everything that is known in advance about a write, refusals first.
#[must_use]
pub fn examine(write: &PlannedWrite) -> Vec<Finding> {
    let refused = Refusal::all().filter_map(|refusal| refused::predict(refusal, write));
    let accepted = Acceptance::VARIANTS.iter().filter_map(|topic| accepted_but::predict(*topic, write));
    let noticed = Notice::VARIANTS.iter().filter_map(|topic| users_will_notice::predict(*topic, write));
    let unseen = Unseen::VARIANTS.iter().filter_map(|topic| not_looked_at::find(*topic, write));
    refused.chain(accepted).chain(noticed).chain(unseen).collect()
}
