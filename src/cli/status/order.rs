//! The objects in the order of `status`.

use jiff::Timestamp;

use crate::cli::posture::{ListedObject, PoolReport, ProofCriteria};

/// The report on an object now. Readers judge the age of a verification by the column VERIFIED, so no maximum age is asked
/// for.
pub(super) fn report(listed: &ListedObject, now: Timestamp) -> PoolReport {
    PoolReport::new(listed, &ProofCriteria::with_default_age(now))
}

/// Objects that need a person come first.
pub(super) fn sorted(mut pools: Vec<PoolReport>) -> Vec<PoolReport> {
    pools.sort_by_cached_key(|pool| (pool.state, pool.namespace.clone(), pool.name.clone()));
    pools
}
