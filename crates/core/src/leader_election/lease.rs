//! Reads the fields of a Lease.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;

/// The identity of the replica that has the Lease. A released Lease has no holder or an empty one.
pub(super) fn holder(lease: &Lease) -> Option<&str> {
    lease.spec.as_ref()?.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

pub(super) fn transitions(lease: &Lease) -> i32 {
    lease.spec.as_ref().and_then(|spec| spec.lease_transitions).unwrap_or_default()
}

/// The duration that the holder wrote. It decides, because two versions of the operator may have different flags.
pub(super) fn written_duration(lease: &Lease) -> Option<Duration> {
    let seconds = lease.spec.as_ref()?.lease_duration_seconds?;
    Some(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// The UID and the resource version of a Lease. Every change of the Lease changes one of them.
pub(super) fn version(lease: Option<&Lease>) -> Option<(Option<&str>, Option<&str>)> {
    lease.map(|lease| (lease.metadata.uid.as_deref(), lease.metadata.resource_version.as_deref()))
}
