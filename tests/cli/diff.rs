//! `diff`.

use clap::Parser;
use cognito_mfa_core::calls::{decode::decode, failure::Operation};
use cognito_mfa_operator::cli::{Cli, Command, ToolCommand};
use serde_json::{Map, json};

use crate::ran::{Desk, OFF, POOL, TOTP_ON, manifest, totp_on};

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_pool_ends_with_0() {
    let desk = Desk::new().await;
    desk.pool(POOL, &totp_on());
    let ran = desk.fed(&["diff", "-"], &manifest("a", POOL, TOTP_ON));
    assert_eq!((ran.code, &*ran.out), (0, "a (us-east-1_Customers): as declared\n"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_set_is_shown_field_by_field_and_not_set() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let ran = desk.fed(&["diff", "-"], &manifest("a", POOL, TOTP_ON));
    assert_eq!(ran.code, 1);
    for line in [
        "a (us-east-1_Customers): would be set\n",
        "  mfaConfiguration: OFF -> ON\n",
        "  softwareTokenMfaConfiguration.enabled: false -> true\n",
    ] {
        assert!(ran.out.contains(line), "{line} {ran:#?}");
    }
    assert_eq!(desk.sets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_meeting_holds_what_would_take_protection_away_and_says_so() {
    let desk = Desk::new().await;
    desk.pool(POOL, &totp_on());
    let ran = desk.fed(&["diff", "-"], &manifest("a", POOL, OFF));
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("differs, left alone") && ran.out.contains("AdoptionHeld: The spec would take away"),
        "{ran:#?}"
    );
    assert!(ran.err.contains("without --previous or --cluster"), "{ran:#?}");
    let ran = desk.fed(&["diff", "-"], &manifest("a", POOL, &format!("{OFF}\nadoptionPolicy: Overwrite")));
    assert!(ran.out.contains("would be set") && ran.out.contains("takes away: mode ON to OFF"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_gets_it_as_json() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let ran = desk.fed(&["diff", "-o", "json", "-"], &manifest("a", POOL, TOTP_ON));
    let told = &ran.json()[0];
    assert_eq!((&told["action"], &told["done"], &told["line"]), (&json!("set"), &json!(false), &json!(1)));
    assert_eq!(
        told["differences"][0],
        json!({"field": "mfaConfiguration", "declared": "ON", "found": "OFF"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_observes_or_rests_is_never_set() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let observe = format!("{TOTP_ON}\nmanagementPolicy: Observe");
    let ran = desk.fed(&["diff", "-"], &manifest("a", POOL, &observe));
    assert!(
        ran.code == 1 && ran.out.contains("DriftDetected") && !ran.out.contains("would be set"),
        "{ran:#?}"
    );
    let calls = desk.aws.calls().len();
    let ran = desk.fed(&["diff", "-"], &manifest("a", POOL, &format!("{TOTP_ON}\nsuspend: true")));
    assert!(ran.code == 1 && ran.out.contains("suspended, not looked at"), "{ran:#?}");
    assert_eq!(desk.aws.calls().len(), calls);
}

#[test]
fn what_is_not_named_cannot_be_tolerated() {
    let members = (0..23).map(|index| (format!("New{index}"), json!(1)));
    let mut body = json!(members.collect::<Map<_, _>>());
    body["MfaConfiguration"] = json!("ON");
    let unnamed = decode(Operation::Get, body.to_string().as_bytes()).unwrap().unknown.pop().unwrap();
    let line = ["cognito-mfa-operator", "diff", "--tolerate-settings", &unnamed, "a.yaml"];
    let Command::Tool(ToolCommand::Diff(diff)) = Cli::try_parse_from(line).unwrap().command else { panic!() };
    assert!(unnamed.starts_with("and 3 more") && !diff.sync.tolerate_settings.contains(&unnamed), "{unnamed}");
}
