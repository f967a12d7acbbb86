//! A command of the binary, as a person or a pipeline runs it.

use std::{ffi::OsStr, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::{kubectl::Ended, rig::DEADLINE};

/// The binary's path.
pub const BINARY: &str = env!("CARGO_BIN_EXE_cognito-mfa-operator");

/// How a command ended, with its exit code.
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the binary with words separated by spaces, under the administrator's kubeconfig.
pub async fn command(words: &str) -> Told {
    run(Command::new(BINARY).args(words.split(' '))).await
}

/// The same under another kubeconfig.
pub async fn command_under(kubeconfig: &Path, words: &str) -> Told {
    run(Command::new(BINARY).args(words.split(' ')).env("KUBECONFIG", kubeconfig)).await
}

async fn run(command: &mut Command) -> Told {
    let ended = tokio::time::timeout(DEADLINE, command.kill_on_drop(true).output()).await;
    let ended = ended.expect("the command ends").expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    Told { code: ended.status.code().unwrap_or(-1), out: text(ended.stdout), err: text(ended.stderr) }
}

/// Runs the real kubectl with the binary as its plugin.
pub async fn plugin(words: &str) -> Ended {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    std::os::unix::fs::symlink(BINARY, folder.path().join("kubectl-upmfa")).expect("a link");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [folder.path().as_os_str(), &path].join(OsStr::new(":"));
    let kubectl = std::env::var_os("KUBECTL").unwrap_or_else(|| "kubectl".into());
    let ended =
        Command::new(kubectl).args(words.split(' ')).env("PATH", path).output().await.expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    Ended { ok: ended.status.success(), out: text(ended.stdout), err: text(ended.stderr) }
}

/// A command that goes on.
pub struct Going {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Going {
    /// Starts the binary with words separated by spaces.
    pub fn start(words: &str) -> Self {
        let mut process = Command::new(BINARY)
            .args(words.split(' '))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let out = process.stdout.take().expect("stdout is piped");
        Self { process, lines: BufReader::new(out).lines() }
    }

    /// The next line that it writes.
    pub async fn line(&mut self) -> String {
        let line = tokio::time::timeout(DEADLINE, self.lines.next_line()).await;
        line.expect("a line comes").expect("it is text").expect("it goes on")
    }

    /// Reads no further. Returns what waits for its end: its exit code.
    pub fn leave(self) -> impl Future<Output = Option<i32>> {
        let Self { mut process, lines } = self;
        drop(lines);
        async move {
            let ended = tokio::time::timeout(DEADLINE, process.wait()).await;
            ended.expect("it ends").expect("it is waited for").code()
        }
    }
}
