//! `--previous` and `--save`: the status that one run leaves to the next.

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
};

use serde_json::json;

use crate::sandbox::{OFF, POOL, Sandbox, TOTP_ON, manifest, totp_on};

const OTHER: &str = "us-east-1_Partners";
const APPLY: [&str; 6] = ["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"];

fn saved(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.folder.path().join("status.yaml")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_inside_a_manifest_is_never_saved() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    let forged = "status:\n  appliedHash: forged\n  observedGeneration: 1\n";
    sandbox.write_file("a.yaml", &(manifest("a", POOL, TOTP_ON) + forged));
    // The saved object is for another pool, so this one is refused before any call.
    sandbox.write_file("status.yaml", &manifest("a", OTHER, TOTP_ON));
    sandbox.run(&APPLY).assert_failed("is for us-east-1_Partners");
    assert!(!saved(&sandbox).contains("forged"), "{}", saved(&sandbox));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_object_keeps_its_saved_status() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    sandbox.write_file("status.yaml", "");
    assert_eq!(sandbox.run(&APPLY).code, 0);
    let before = saved(&sandbox);
    assert!(before.contains("appliedHash"), "{before}");
    sandbox.write_file("a.yaml", &manifest("a", OTHER, TOTP_ON));
    sandbox.run(&APPLY).assert_failed("is for us-east-1_Customers");
    assert_eq!(saved(&sandbox), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_previous_file_with_other_or_duplicate_objects_is_refused() {
    let sandbox = Sandbox::new().await;
    sandbox.write_file("a.yaml", &manifest("a", POOL, OFF));
    let valid = manifest("a", POOL, OFF);
    for (previous, words) in [
        (valid.replace("UserPoolMfaConfig", "Deployment"), "status.yaml:2: kind: this is a Deployment"),
        (valid.replace("v1alpha1", "v2"), "status.yaml:2: kind: this is a UserPoolMfaConfig of"),
        (valid.replace("name: a", "labels: {}"), "status.yaml:1: this is no earlier object: it has no name"),
        (
            valid.replace("\"OFF\"", "[]"),
            "; give what kubectl get upmfa -o yaml printed, or apply --save wrote",
        ),
        ([valid.clone(), valid.clone()].join("---\n"), "status.yaml:9: this object is in it twice"),
    ] {
        sandbox.write_file("status.yaml", &previous);
        sandbox.run(&APPLY).assert_failed(words);
    }
    assert!(sandbox.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_is_a_valid_previous_file_and_no_manifest() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    sandbox.write_file("status.yaml", "apiVersion: v1\nkind: List\nitems: []\n");
    assert_eq!(sandbox.run(&APPLY).code, 0);
    sandbox
        .run_with_input(&["apply", "-"], "apiVersion: v1\nkind: List\nitems: []\n")
        .assert_failed("there is no document in it");
    let output =
        sandbox.run_with_input(&["report", "--csv", "-", "-"], "apiVersion: v1\nkind: List\nitems: []\n");
    assert_eq!((output.code, &*output.stderr), (0, ""), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_made_when_the_status_could_not_be_saved() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    let _socket = UnixListener::bind(sandbox.folder.path().join("socket")).unwrap();
    for file in ["nowhere/status.yaml", ".", "socket"] {
        let output = sandbox.run(&["apply", "--save", file, "a.yaml"]);
        output.assert_failed("nothing was set, because the status could not be saved");
        output.assert_failed("; choose another --save");
    }
    assert!(sandbox.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_is_saved_through_a_link_without_leftover_files() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    let target = sandbox.write_file("target/status.yaml", "");
    symlink(&target, sandbox.folder.path().join("status.yaml")).unwrap();
    assert_eq!(sandbox.run(&APPLY).code, 0);
    assert!(fs::read_to_string(target).unwrap().contains("appliedHash"));
    assert_eq!(fs::read_dir(sandbox.folder.path().join("target")).unwrap().count(), 1);
}
