//! Status writes that somebody else's writes always forestall.

use test_support::cluster::namespace::totp;

use super::{fault_proxy::Answer, proxied_rig::ProxiedRig};

const READ: &str = "GET userpoolmfaconfigs any";
const WRITE: &str = "PUT userpoolmfaconfigs/status any";

/// The status writes of the first reconciliation. Within one, the object is read between two writes.
fn writes_of_first_reconciliation(proxied: &ProxiedRig) -> usize {
    let requests: Vec<_> =
        proxied.kube.arrived().into_iter().filter(|kind| kind == READ || kind == WRITE).collect();
    let first_pair = requests.windows(2).position(|pair| pair.iter().all(|kind| kind == WRITE));
    let of_first = first_pair.map_or(requests.as_slice(), |at| &requests[..=at]);
    of_first.iter().filter(|kind| *kind == WRITE).count()
}

#[tokio::test]
async fn a_status_write_that_always_conflicts_is_retried_later_and_blocks_no_other() {
    let proxied = ProxiedRig::new(None).await;
    proxied.kube.answer(Answer::Conflict, |kind, _| kind == WRITE);
    // The status writes of all objects share one place.
    proxied.start(&["--concurrency", "1"]).await;
    proxied.apply("any", 1).await;
    proxied.until_logged("the reconciliation failed and is retried").await;
    assert_eq!(writes_of_first_reconciliation(&proxied), 5);
    proxied.rig.apply("other", totp(&proxied.rig.pool())).await;
    proxied.rig.until_reason("other", "InSync").await;
    proxied.kube.answer_nothing();
    proxied.rig.until_reason("any", "InSync").await;
    assert_eq!(proxied.written_specs(), [1], "the write to Cognito is not repeated");
}
