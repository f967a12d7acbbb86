//! Colour, pipes, help, and the binary as a plugin of kubectl.

use std::{os::unix::process::CommandExt, process::Stdio};

use serde_json::json;

use crate::sandbox::{POOL, Sandbox, TOTP_ON, manifest, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_gets_colour_only_with_color_always() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let object = manifest("a", POOL, TOTP_ON);
    assert!(!sandbox.run_with_input(&["diff", "-"], &object).stdout.contains('\u{1b}'));
    assert!(
        sandbox
            .run_with_input(&["diff", "--color", "always", "-"], &object)
            .stdout
            .contains("\u{1b}[31mOFF\u{1b}[0m")
    );
    let never = sandbox.run_with_input(&["diff", "--color", "never", "-"], &object);
    assert!(!never.stdout.contains('\u{1b}') && !never.stderr.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_help_with_an_example() {
    let sandbox = Sandbox::new().await;
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
        let output = sandbox.run(&[command, "--help"]);
        assert!(output.code == 0 && output.stdout.contains("Example"), "{command}: {output:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn help_of_the_plugin_names_kubectl_upmfa() {
    let sandbox = Sandbox::new().await;
    let output = run(sandbox.command().arg0("kubectl-upmfa").args(["diff", "--help"]), "");
    assert!(
        output.stdout.contains("Usage: kubectl upmfa diff")
            && !output.stdout.contains("cognito-mfa-operator"),
        "{output:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unwritable_standard_error_does_not_change_the_exit_code() {
    let sandbox = Sandbox::new().await;
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    for arguments in [&["diff", "none.yaml"][..], &["diff", "a.yaml"], &["export", "--user-pool-id", POOL]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let status = sandbox.command().args(arguments).stderr(full).stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_of_files_do_not_reach_the_terminal() {
    let sandbox = Sandbox::new().await;
    let name = "\u{1b}]0;x\u{7}\u{202e}.yaml";
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    sandbox.write_file(name, "a: \u{1b}[31m\n");
    let kind = "kind: \"\\e[31m\"\napiVersion: v1\n";
    for output in [
        sandbox.run(&["validate", name]),
        sandbox.run(&["diff", name]),
        sandbox.run(&["import", name]),
        sandbox.run(&["diff", "--previous", name, "a.yaml"]),
        sandbox.run_with_input(&["diff", "-"], kind),
    ] {
        let is_dangerous = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(
            output.code == 2
                && !output.stdout.contains(is_dangerous)
                && !output.stderr.contains(is_dangerous),
            "{output:#?}"
        );
    }
}
