mod candidate;
mod failure;
mod two_replicas;

use super::*;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn timing() -> Timing {
    Timing::new(secs(15), secs(10), secs(2)).unwrap()
}

/// A Lease as the API server stores it.
fn lease(holder: &str, version: u64) -> Lease {
    let spec = LeaseSpec {
        holder_identity: Some(holder.into()),
        lease_duration_seconds: Some(15),
        lease_transitions: Some(4),
        ..LeaseSpec::default()
    };
    stored(Lease { spec: Some(spec), ..Lease::default() }, version)
}

fn stored(mut lease: Lease, version: u64) -> Lease {
    lease.metadata.uid = Some("uid".into());
    lease.metadata.resource_version = Some(version.to_string());
    lease
}

fn new_candidate() -> Candidate {
    Candidate::new("me".into(), timing())
}

fn claim(candidate: &mut Candidate, now: Duration) -> Option<Write> {
    candidate.claim(now, Timestamp::UNIX_EPOCH)
}

fn written(write: Option<Write>) -> LeaseSpec {
    match write {
        Some(Write::Create(lease) | Write::Replace(lease)) => lease.spec.unwrap(),
        None => panic!("nothing is written"),
    }
}

/// A candidate that leads by a write that began at `began`.
fn leader(began: Duration) -> Candidate {
    let mut candidate = new_candidate();
    candidate.observe(Some(lease("", 1)), began);
    let spec = written(claim(&mut candidate, began));
    candidate.wrote(stored(Lease { spec: Some(spec), ..Lease::default() }, 2), began);
    candidate
}
