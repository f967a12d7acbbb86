//! A command of the binary, as a person or a pipeline runs it.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{Output, Stdio},
};

use tempfile::TempDir;
use test_support::cluster::namespace::DEADLINE;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// The binary's path.
pub const BINARY: &str = env!("CARGO_BIN_EXE_cognito-mfa-operator");

/// How a command ended, with its exit code.
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Told {
    /// All that it wrote.
    pub fn printed(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
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
    told(command.kill_on_drop(true).output()).await
}

async fn told(ending: impl Future<Output = io::Result<Output>>) -> Told {
    let ended = tokio::time::timeout(DEADLINE, ending).await;
    let ended = ended.expect("the command ends").expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    Told { code: ended.status.code().unwrap_or(-1), out: text(ended.stdout), err: text(ended.stderr) }
}

/// The same with a text on its standard input.
pub async fn over(command: &mut Command, text: &str) -> Told {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.kill_on_drop(true).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("standard input is piped");
    input.write_all(text.as_bytes()).await.expect("it reads");
    drop(input);
    told(child.wait_with_output()).await
}

/// Runs the real kubectl with the binary as its plugin.
pub async fn plugin(words: &str) -> Told {
    let (mut kubectl, _folder) = as_plugin(words);
    run(&mut kubectl).await
}

/// The real kubectl with the binary as its plugin, while the folder is there.
pub fn as_plugin(words: &str) -> (Command, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    for name in ["kubectl-upmfa", "kubectl_complete-upmfa"] {
        std::os::unix::fs::symlink(BINARY, folder.path().join(name)).expect("a link");
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [folder.path().as_os_str(), &path].join(OsStr::new(":"));
    let mut kubectl = Command::new(std::env::var_os("KUBECTL").unwrap_or_else(|| "kubectl".into()));
    kubectl.args(words.split(' ')).env("PATH", path);
    (kubectl, folder)
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
