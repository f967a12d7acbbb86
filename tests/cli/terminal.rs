//! Colour, pipes, help and the name as a plugin.

use std::os::unix::process::CommandExt;

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
    for command in ["crd", "validate", "diff", "apply", "export", "import", "run"] {
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
