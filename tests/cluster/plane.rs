//! A control plane of a test's own, with an audit log.

/// Runs a test of this program again, on a control plane that writes an audit log and that no other test sees.
pub async fn again_on_a_plane_of_its_own(this: &str) {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let ended = tokio::process::Command::new("tests/tools/control-plane/control-plane")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "--audit-log"])
        .arg(folder.path().join("audit.log"))
        .arg("--")
        .arg(std::env::current_exe().expect("this program has a path"))
        .args(["--exact", this])
        .output()
        .await
        .expect("the control plane runs");
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success() && out.contains("1 passed"), "{out}\n{err}");
}
