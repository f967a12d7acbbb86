//! `completion`, and the name of the plugin in it.

use std::process::Command;

use crate::sandbox::{BINARY, run, run_offline};

#[test]
fn bash_completes_a_command_with_the_script() {
    let script = run_offline(&["completion", "bash"], "").stdout;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("completion");
    std::fs::write(&file, script).unwrap();
    let program = r#"source "$1"; set -- $(complete -p cognito-mfa-operator); while [ "$1" != -F ]; do shift; done
        COMP_WORDS=(cognito-mfa-operator stat) COMP_CWORD=1
        "$2" cognito-mfa-operator stat cognito-mfa-operator; echo "${COMPREPLY[@]}""#;
    let output = run(Command::new("bash").args(["-euc", program, "bash"]).arg(file), "");
    assert!(output.code == 0 && output.stdout == "status\n", "{output:#?}");
}

#[test]
fn the_script_of_the_plugin_completes_the_plugins_name() {
    let folder = tempfile::TempDir::new().unwrap();
    let link = folder.path().join("kubectl-upmfa");
    std::os::unix::fs::symlink(BINARY, &link).unwrap();
    let stdout = |arguments: &[&str]| run(Command::new(&link).args(arguments), "").stdout;
    assert!(stdout(&["completion", "zsh"]).starts_with("#compdef kubectl-upmfa\n"));
    let help = stdout(&["completion", "--help"]);
    assert!(help.contains("kubectl_complete-upmfa") && !help.contains("cognito-mfa-operator"), "{help}");
}

#[test]
fn every_shell_has_its_own_script() {
    for (shell, words) in [
        ("zsh", "#compdef cognito-mfa-operator"),
        ("fish", "complete -c cognito-mfa-operator"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer"),
    ] {
        let output = run_offline(&["completion", shell], "");
        assert!(output.code == 0 && output.stdout.contains(words), "{shell}");
    }
    assert_eq!(run_offline(&["completion", "tcsh"], "").code, 2);
}
