//! Completion scripts and manual pages, taken by the programs that read them.

use std::process::Command;

use crate::run;

/// Whether a program is there.
fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

#[test]
fn bash_takes_its_completion_and_completes_with_it() {
    let script = run(&["completion", "bash"], "").out;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("completion");
    std::fs::write(&file, script).unwrap();
    let ask = r#"source "$1"; set -- $(complete -p cognito-mfa-operator); while [ "$1" != -F ]; do shift; done
        COMP_WORDS=(cognito-mfa-operator stat) COMP_CWORD=1
        "$2" cognito-mfa-operator stat cognito-mfa-operator; echo "${COMPREPLY[@]}""#;
    let told = Command::new("bash").args(["-euc", ask, "bash"]).arg(file).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success() && out == "status\n", "{out}{err}");
}

#[test]
fn under_the_name_of_the_plugin_the_script_is_for_that_name() {
    let folder = tempfile::TempDir::new().unwrap();
    let link = folder.path().join("kubectl-upmfa");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_cognito-mfa-operator"), &link).unwrap();
    let told = |arguments: &[&str]| {
        String::from_utf8(Command::new(&link).args(arguments).output().unwrap().stdout).unwrap()
    };
    assert!(told(&["completion", "zsh"]).starts_with("#compdef kubectl-upmfa\n"));
    let help = told(&["completion", "--help"]);
    assert!(help.contains("kubectl_complete-upmfa") && !help.contains("cognito-mfa-operator"), "{help}");
}

#[test]
fn each_shell_gets_a_script_of_its_own() {
    for (shell, words) in [
        ("zsh", "#compdef cognito-mfa-operator"),
        ("fish", "complete -c cognito-mfa-operator"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer"),
    ] {
        let ended = run(&["completion", shell], "");
        assert!(ended.code == Some(0) && ended.out.contains(words), "{shell}");
    }
    assert_eq!(run(&["completion", "tcsh"], "").code, Some(2));
}

#[test]
fn each_command_has_a_manual_page_that_man_reads_without_complaint() {
    let folder = tempfile::TempDir::new().unwrap();
    let ended = run(&["man", "--dir", folder.path().to_str().unwrap()], "");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let pages: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let names: Vec<_> = pages.iter().map(|page| page.file_name().unwrap().to_str().unwrap()).collect();
    for name in ["cognito-mfa-operator.1", "cognito-mfa-operator-run.1", "cognito-mfa-operator-report.1"] {
        assert!(names.contains(&name), "{names:?}");
    }
    if has("groff") {
        for page in &pages {
            let read =
                Command::new("groff").args(["-man", "-Tutf8", "-ww", "-z"]).arg(page).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&read.stderr), "", "{}", page.display());
        }
    }
}

#[test]
fn the_first_manual_page_goes_to_standard_output() {
    let page = run(&["man"], "");
    assert!(page.code == Some(0) && page.out.contains(".SH NAME"), "{}", page.err);
}
