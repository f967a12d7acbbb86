//! `crd`.

use crate::sandbox::run_offline;

#[test]
fn the_committed_crd_is_what_the_binary_prints() {
    let output = run_offline(&["crd"], "");
    let committed = include_str!("../../crds/userpoolmfaconfigs.yaml");
    assert!(
        output.stdout == committed,
        "crds/userpoolmfaconfigs.yaml is stale: run `make generate`, or `cargo run -- crd > crds/userpoolmfaconfigs.yaml`"
    );
}
