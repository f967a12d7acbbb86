//! The real kubectl.

use std::process::Stdio;

use tokio::{io::AsyncWriteExt, process::Command};

/// How a kubectl command ended.
pub struct Ended {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

/// Runs kubectl with words separated by spaces, and a manifest on its standard input.
pub async fn kubectl(words: &str, manifest: &str) -> Ended {
    let program = std::env::var_os("KUBECTL").unwrap_or_else(|| "kubectl".into());
    let mut child = Command::new(program)
        .args(words.split(' '))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kubectl starts");
    let mut input = child.stdin.take().expect("standard input is piped");
    input.write_all(manifest.as_bytes()).await.expect("kubectl reads");
    drop(input);
    let ended = child.wait_with_output().await.expect("kubectl ends");
    let text = |bytes| String::from_utf8(bytes).expect("kubectl writes text");
    Ended { ok: ended.status.success(), out: text(ended.stdout), err: text(ended.stderr) }
}
