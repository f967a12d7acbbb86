//! The binary as a person or a pipeline runs it, with an emulated AWS and a folder of its own.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use cognito_emulator::{Emulator, Facts};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_cognito-mfa-operator");

pub const POOL: &str = "us-east-1_Customers";
pub const TOTP_ON: &str = "mfaConfiguration: \"ON\"\nsoftwareTokenMfaConfiguration:\n  enabled: true";
pub const OFF: &str = "mfaConfiguration: \"OFF\"";

/// The settings of [`TOTP_ON`] in the API's own names.
pub fn totp_on() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

/// A manifest of an object with this name, pool and further lines of spec.
pub fn manifest(name: &str, pool: &str, spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    format!(
        "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata:\n  name: {name}\nspec:\n  userPoolId: {pool}\n  {spec}\n"
    )
}

/// The exit code of a program and what it printed.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The program exited with 2 and printed these words to standard error.
    #[track_caller]
    pub fn assert_failed(&self, words: &str) {
        assert!(self.code == 2 && self.stderr.contains(words), "no {words:?} in {self:#?}");
    }
}

pub struct Sandbox {
    pub aws: Emulator,
    pub folder: TempDir,
}

impl Sandbox {
    pub async fn new() -> Self {
        Self { aws: Emulator::start().await.unwrap(), folder: TempDir::new().unwrap() }
    }

    /// Creates a pool, or edits it, so that it has these settings in the API's own names.
    pub fn set_pool(&self, id: &str, settings: &Value) {
        self.aws.state().pools.create(id, Facts::ready()).edit_live(settings);
    }

    /// The pool's settings in the API's own names.
    pub fn settings(&self, id: &str) -> Value {
        Value::Object(self.aws.state().pools.get(id).unwrap().live.clone())
    }

    /// How many calls of SetUserPoolMfaConfig there were.
    pub fn writes(&self) -> usize {
        self.aws.calls().iter().filter(|call| call.operation == "SetUserPoolMfaConfig").count()
    }

    pub fn write_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs the binary in the folder, without this process's environment.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_input(arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        run(self.command().args(arguments), input)
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("AWS_ENDPOINT_URL", self.aws.url())
            .env("AWS_ACCESS_KEY_ID", "any")
            .env("AWS_SECRET_ACCESS_KEY", "any")
            .env("AWS_REGION", "us-east-1")
            .env("QUOTA_SHARE", "1");
        command
    }
}

/// Runs the binary where it can find neither AWS nor a cluster.
pub fn run_offline(arguments: &[&str], input: &str) -> Output {
    // Without HOME the home folder would be looked up in /etc/passwd.
    run(Command::new(BINARY).args(arguments).env_remove("KUBECONFIG").env("HOME", "/nonexistent"), input)
}

pub fn run(command: &mut Command, input: &str) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // A program that refuses its arguments closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Output {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
