//! The plan for a pool: a function of the declared settings, the observed settings and the memory in the status.

pub mod approval;
pub mod budget;
pub mod contested;
pub mod deletion;
pub mod exemption;
pub mod hold;
pub mod memory;
pub mod not_taken;
pub mod step;
pub mod table;
pub mod weakening;

use step::Plan;

use crate::{api::v1alpha1::UserPoolMfaConfig, settings::observed::Observed};

/// The plan for an object: by the [plan table](table::plan), or by [`deletion::plan_deletion`] when it is being deleted.
#[must_use]
pub fn plan_for(object: &UserPoolMfaConfig, observed: &Observed) -> Plan {
    if object.metadata.deletion_timestamp.is_some() {
        return deletion::plan_deletion(object, observed);
    }
    table::plan(&object.spec, observed, &memory::memory(object))
}
