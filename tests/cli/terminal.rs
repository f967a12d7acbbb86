//! Colour, pipes, help and the name as a plugin.

use std::{os::unix::process::CommandExt, process::Stdio};

use serde_json::json;

use crate::ran::{Desk, POOL, TOTP_ON, finished, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_gets_no_colour_unless_it_asks() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    let object = manifest("a", POOL, TOTP_ON);
    assert!(!desk.fed(&["diff", "-"], &object).out.contains('\u{1b}'));
    assert!(desk.fed(&["diff", "--color", "always", "-"], &object).out.contains("\u{1b}[31mOFF\u{1b}[0m"));
    let never = desk.fed(&["diff", "--color", "never", "-"], &object);
    assert!(!never.out.contains('\u{1b}') && !never.err.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_help_with_an_example() {
    let desk = Desk::new().await;
    for command in [
        "crd",
        "validate",
        "diff",
        "apply",
        "export",
        "import",
        "status",
        "report",
        "completion",
        "man",
        "run",
    ] {
        let ran = desk.run(&[command, "--help"]);
        assert!(ran.code == 0 && ran.out.contains("Example"), "{command}: {ran:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_a_plugin_it_calls_itself_kubectl_upmfa() {
    let desk = Desk::new().await;
    let ran = finished(desk.command().arg0("kubectl-upmfa").args(["diff", "--help"]), "");
    assert!(
        ran.out.contains("Usage: kubectl upmfa diff") && !ran.out.contains("cognito-mfa-operator"),
        "{ran:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_hear_the_errors_gets_the_exit_code() {
    let desk = Desk::new().await;
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    for arguments in [&["diff", "none.yaml"][..], &["diff", "a.yaml"], &["export", "--user-pool-id", POOL]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = desk.command().args(arguments).stderr(full).stdout(Stdio::null()).status().unwrap();
        assert_eq!(ended.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_texts_of_others_do_not_steer_the_terminal() {
    let desk = Desk::new().await;
    let name = "\u{1b}]0;x\u{7}\u{202e}.yaml";
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    desk.file(name, "a: \u{1b}[31m\n");
    let kind = "kind: \"\\e[31m\"\napiVersion: v1\n";
    for ran in [
        desk.run(&["validate", name]),
        desk.run(&["diff", name]),
        desk.run(&["import", name]),
        desk.run(&["diff", "--previous", name, "a.yaml"]),
        desk.fed(&["diff", "-"], kind),
    ] {
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(ran.code == 2 && !ran.out.contains(steers) && !ran.err.contains(steers), "{ran:#?}");
    }
}
