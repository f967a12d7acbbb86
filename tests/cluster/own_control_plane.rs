//! A control plane that only one test uses.

/// Runs a test of this program again, on a control plane with these flags that writes an audit log and that no other test
/// shares.
pub async fn rerun_on_own_control_plane(test: &str, flags: &[&str]) {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let output = tokio::process::Command::new("tests/tools/control-plane/control-plane")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "--audit-log"])
        .arg(folder.path().join("audit.log"))
        .args(flags)
        .arg("--")
        .arg(std::env::current_exe().expect("this program has a path"))
        .args(["--exact", test])
        .output()
        .await
        .expect("the control plane runs");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}\n{stderr}");
}
