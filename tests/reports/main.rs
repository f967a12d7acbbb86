//! The commands that need no cluster: reports of files, completion scripts, manual pages.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod files;
mod shells;

use std::{
    io::Write,
    process::{Command, Stdio},
};

/// How the binary ended.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs the binary, where no cluster can be found.
fn run(arguments: &[&str], input: &str) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cognito-mfa-operator"))
        .args(arguments)
        .env_remove("KUBECONFIG")
        .env("HOME", "/nonexistent")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: ended.status.code(), out: text(ended.stdout), err: text(ended.stderr) }
}
