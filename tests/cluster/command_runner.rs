//! Runs commands of the binary, directly or as a kubectl plugin, as a person or a pipeline does.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{Output, Stdio},
};

use tempfile::TempDir;
use test_support::cluster::deadline::DEADLINE;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

pub const BINARY: &str = env!("CARGO_BIN_EXE_cognito-mfa-operator");

/// What a command that has ended wrote.
pub struct CommandOutput {
    /// The exit code, or -1 when a signal ended the command.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl CommandOutput {
    /// Standard output, then standard error.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs the binary with words separated by spaces, under the administrator's kubeconfig.
pub async fn run_command(words: &str) -> CommandOutput {
    run(Command::new(BINARY).args(words.split(' '))).await
}

/// Runs the binary like [`run_command`], under another kubeconfig.
pub async fn run_command_under(kubeconfig: &Path, words: &str) -> CommandOutput {
    run(Command::new(BINARY).args(words.split(' ')).env("KUBECONFIG", kubeconfig)).await
}

/// Runs the real kubectl with the binary as its plugin.
pub async fn run_plugin(words: &str) -> CommandOutput {
    let (mut kubectl, _folder) = plugin_command(words);
    run(&mut kubectl).await
}

/// Runs a command with a text on its standard input.
pub async fn run_with_stdin(command: &mut Command, text: &str) -> CommandOutput {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.kill_on_drop(true).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    stdin.write_all(text.as_bytes()).await.expect("it reads");
    drop(stdin);
    wait_for(child.wait_with_output()).await
}

async fn run(command: &mut Command) -> CommandOutput {
    wait_for(command.kill_on_drop(true).output()).await
}

async fn wait_for(output: impl Future<Output = io::Result<Output>>) -> CommandOutput {
    let output = tokio::time::timeout(DEADLINE, output).await;
    let output = output.expect("the command ends").expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    CommandOutput {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// The real kubectl with the binary as its plugin. The plugin is in the folder, so the caller keeps the folder.
pub fn plugin_command(words: &str) -> (Command, TempDir) {
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

/// A command that keeps running, such as `status --watch`.
pub struct RunningCommand {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl RunningCommand {
    /// Starts the binary with words separated by spaces.
    pub fn start(words: &str) -> Self {
        let mut process = Command::new(BINARY)
            .args(words.split(' '))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let stdout = process.stdout.take().expect("stdout is piped");
        Self { process, lines: BufReader::new(stdout).lines() }
    }

    /// The next line of standard output.
    pub async fn next_line(&mut self) -> String {
        let line = tokio::time::timeout(DEADLINE, self.lines.next_line()).await;
        line.expect("a line comes").expect("it is text").expect("the command still runs")
    }

    /// Closes standard output at once. The returned future waits for the command's end and returns its exit code.
    pub fn close_stdout(self) -> impl Future<Output = Option<i32>> {
        let Self { mut process, lines } = self;
        drop(lines);
        async move {
            let ended = tokio::time::timeout(DEADLINE, process.wait()).await;
            ended.expect("it ends").expect("it is waited for").code()
        }
    }
}
