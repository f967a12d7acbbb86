//! `man`.

use std::process::Command;

use crate::sandbox::run_offline;

#[test]
fn every_command_has_a_manual_page_without_groff_warnings() {
    let folder = tempfile::TempDir::new().unwrap();
    let output = run_offline(&["man", "--dir", folder.path().to_str().unwrap()], "");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let pages: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let names: Vec<_> = pages.iter().map(|page| page.file_name().unwrap().to_str().unwrap()).collect();
    for name in ["cognito-mfa-operator.1", "cognito-mfa-operator-run.1", "cognito-mfa-operator-report.1"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let has_groff = Command::new("groff").arg("--version").output().is_ok();
    if has_groff {
        for page in &pages {
            let read =
                Command::new("groff").args(["-man", "-Tutf8", "-ww", "-z"]).arg(page).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&read.stderr), "", "{}", page.display());
        }
    }
}

#[test]
fn without_a_folder_the_first_page_goes_to_standard_output() {
    let page = run_offline(&["man"], "");
    assert!(page.code == 0 && page.stdout.contains(".SH NAME"), "{}", page.stderr);
}
