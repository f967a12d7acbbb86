//! What `--previous` believes and `--save` keeps.

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
};

use serde_json::json;

use crate::ran::{Desk, OFF, POOL, TOTP_ON, manifest, totp_on};

const OTHER: &str = "us-east-1_Partners";
const APPLY: [&str; 6] = ["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"];

fn saved(desk: &Desk) -> String {
    fs::read_to_string(desk.folder.path().join("status.yaml")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_a_manifest_brings_itself_is_never_saved() {
    let desk = Desk::new().await;
    desk.pool(POOL, &totp_on());
    let forged = "status:\n  appliedHash: forged\n  observedGeneration: 1\n";
    desk.file("a.yaml", &(manifest("a", POOL, TOTP_ON) + forged));
    // The memory is of another pool, so this one is not looked at.
    desk.file("status.yaml", &manifest("a", OTHER, TOTP_ON));
    desk.run(&APPLY).refused("is for us-east-1_Partners");
    assert!(!saved(&desk).contains("forged"), "{}", saved(&desk));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_of_an_object_that_is_refused_stays_known() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    desk.file("status.yaml", "");
    assert_eq!(desk.run(&APPLY).code, 0);
    let before = saved(&desk);
    assert!(before.contains("appliedHash"), "{before}");
    desk.file("a.yaml", &manifest("a", OTHER, TOTP_ON));
    desk.run(&APPLY).refused("is for us-east-1_Customers");
    assert_eq!(saved(&desk), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_of_something_else_is_refused() {
    let desk = Desk::new().await;
    desk.file("a.yaml", &manifest("a", POOL, OFF));
    let one = manifest("a", POOL, OFF);
    for (memory, words) in [
        (one.replace("UserPoolMfaConfig", "Deployment"), "status.yaml:2: kind: this is a Deployment"),
        (one.replace("v1alpha1", "v2"), "status.yaml:2: kind: this is a UserPoolMfaConfig of"),
        (one.replace("name: a", "labels: {}"), "status.yaml:1: this is no earlier object: it has no name"),
        ([one.clone(), one.clone()].join("---\n"), "status.yaml:9: this object is in it twice"),
    ] {
        desk.file("status.yaml", &memory);
        desk.run(&APPLY).refused(words);
    }
    assert!(desk.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_no_objects_is_a_memory_of_none() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    desk.file("status.yaml", "apiVersion: v1\nkind: List\nitems: []\n");
    assert_eq!(desk.run(&APPLY).code, 0);
    desk.fed(&["apply", "-"], "apiVersion: v1\nkind: List\nitems: []\n")
        .refused("there is no document in it");
    let ran = desk.fed(&["report", "--csv", "-", "-"], "apiVersion: v1\nkind: List\nitems: []\n");
    assert_eq!((ran.code, &*ran.err), (0, ""), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_set_when_its_status_could_not_be_saved() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    let _socket = UnixListener::bind(desk.folder.path().join("socket")).unwrap();
    for file in ["nowhere/status.yaml", ".", "socket"] {
        let ran = desk.run(&["apply", "--save", file, "a.yaml"]);
        ran.refused("nothing was set, because the status could not be saved");
    }
    assert!(desk.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_is_saved_through_a_link_and_nothing_else_is_left() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    let target = desk.file("kept/status.yaml", "");
    symlink(&target, desk.folder.path().join("status.yaml")).unwrap();
    assert_eq!(desk.run(&APPLY).code, 0);
    assert!(fs::read_to_string(target).unwrap().contains("appliedHash"));
    assert_eq!(fs::read_dir(desk.folder.path().join("kept")).unwrap().count(), 1);
}
