//! From what is declared, what is live and what the status remembers to what is done.

pub mod budget;
pub mod contested;
pub mod deletion;
pub mod hold;
pub mod memory;
pub mod step;
pub mod table;
pub mod weakening;

use step::Plan;

use crate::{api::v1alpha1::UserPoolMfaConfig, settings::observed::Observed};

/// The plan for an object as it is: by the table, or by [`deletion::plan`] when it is being deleted.
#[must_use]
pub fn plan_for(object: &UserPoolMfaConfig, live: &Observed) -> Plan {
    if object.metadata.deletion_timestamp.is_some() {
        return deletion::plan_deletion(&object.spec, live);
    }
    table::plan(&object.spec, live, &memory::memory(object))
}
