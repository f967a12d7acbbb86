//! Runs the real kubectl: `$KUBECTL`, or the one in PATH.

use std::process::Stdio;

use tokio::{io::AsyncWriteExt, process::Command};

/// The result of a kubectl command: whether it exited with 0, its stdout and its stderr.
pub struct KubectlOutput {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

/// Runs kubectl in the repository's root. `args` are separated by spaces; `manifest` is the standard input.
pub async fn kubectl(args: &str, manifest: &str) -> KubectlOutput {
    let program = std::env::var_os("KUBECTL").unwrap_or_else(|| "kubectl".into());
    let mut child = Command::new(program)
        .args(args.split(' '))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kubectl starts");
    let mut input = child.stdin.take().expect("standard input is piped");
    input.write_all(manifest.as_bytes()).await.expect("kubectl reads");
    drop(input);
    let output = child.wait_with_output().await.expect("kubectl exits");
    let text = |bytes| String::from_utf8(bytes).expect("kubectl writes text");
    KubectlOutput { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}
