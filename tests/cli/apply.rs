//! `apply`.

use serde_json::json;

use crate::ran::{Desk, OFF, POOL, TOTP_ON, manifest, totp_on};

const OTHER: &str = "us-east-1_Partners";

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_set_once_and_then_as_declared() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    let ran = desk.run(&["apply", "a.yaml"]);
    assert!(ran.code == 0 && ran.out.starts_with("a (us-east-1_Customers): set\n"), "{ran:#?}");
    assert_eq!(desk.live(POOL), totp_on());
    let ran = desk.run(&["apply", "a.yaml"]);
    assert!(ran.code == 0 && ran.out.contains("as declared"), "{ran:#?}");
    assert_eq!(desk.sets(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sets_nothing() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let ran = desk.fed(&["apply", "--dry-run", "-"], &manifest("a", POOL, TOTP_ON));
    assert!(ran.code == 1 && ran.out.contains("would be set"), "{ran:#?}");
    assert_eq!(desk.sets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_is_the_memory_of_the_next_run() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    desk.file("status.yaml", "");
    let apply = ["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"];
    let ran = desk.run(&apply);
    assert!(ran.code == 0 && !ran.err.contains("adopts its pool"), "{ran:#?}");
    desk.file("a.yaml", &manifest("a", POOL, OFF));
    let without = desk.run(&["apply", "a.yaml"]);
    assert!(without.code == 1 && without.out.contains("AdoptionHeld"), "{without:#?}");
    assert_eq!(desk.sets(), 1);
    let ran = desk.run(&apply);
    assert!(ran.code == 0 && ran.out.contains("takes away: mode ON to OFF"), "{ran:#?}");
    assert_eq!(desk.live(POOL)["MfaConfiguration"], json!("OFF"));
    // Somebody turns it on by hand: that is drift, and is set back.
    desk.pool(POOL, &totp_on());
    let ran = desk.run(&apply);
    assert!(ran.code == 0 && ran.out.contains("(us-east-1_Customers): set"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_document_means_that_nothing_is_set_and_the_others_are_shown() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let text = [manifest("a", POOL, TOTP_ON), manifest("b", OTHER, "mfaConfiguration: ON")].join("---\n");
    let ran = desk.fed(&["apply", "-"], &text);
    ran.refused("(standard input):17: spec.mfaConfiguration: YAML reads a bare ON as true");
    ran.refused("nothing was set, because of the mistakes above");
    assert!(ran.out.contains("a (us-east-1_Customers): would be set"), "{ran:#?}");
    assert_eq!(desk.sets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_documents_for_one_pool_are_refused_and_an_observer_beside_one_is_not() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let two = |more: &str| {
        [manifest("a", POOL, TOTP_ON), manifest("b", POOL, &format!("{OFF}{more}"))].join("---\n")
    };
    let ran = desk.fed(&["apply", "-"], &two("\nsuspend: true"));
    ran.refused("(standard input):1: spec.userPoolId: (standard input):11 declares the same pool");
    ran.refused("(standard input):11: spec.userPoolId: (standard input):1 declares the same pool");
    assert_eq!(desk.sets(), 0);
    let ran = desk.fed(&["apply", "-"], &two("\nmanagementPolicy: Observe"));
    assert!(ran.code == 1 && ran.out.contains("a (us-east-1_Customers): set"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_fails_does_not_keep_the_others() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let text = [manifest("gone", OTHER, TOTP_ON), manifest("a", POOL, TOTP_ON)].join("---\n");
    let ran = desk.fed(&["apply", "-"], &text);
    ran.refused("(standard input):1: gone (us-east-1_Partners): GetUserPoolMfaConfig failed: ResourceNotFoundException");
    assert_eq!(desk.live(POOL), totp_on());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_nobody_knows_are_not_wiped_unless_named() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({"PushMfaConfiguration": {"Enabled": true}}));
    let object = manifest("a", POOL, TOTP_ON);
    let ran = desk.fed(&["apply", "-"], &object);
    ran.refused("PushMfaConfiguration");
    assert_eq!(desk.sets(), 0);
    let ran = desk.fed(&["apply", "--tolerate-settings", "PushMfaConfiguration", "-"], &object);
    assert_eq!((ran.code, desk.sets()), (0, 1), "{ran:#?}");
}
