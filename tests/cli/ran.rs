//! The binary as a person or a pipeline runs it.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use cognito_emulator::{Emulator, Facts};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a run ended with and printed.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It ended so and said these words on standard error.
    #[track_caller]
    pub fn refused(&self, words: &str) {
        assert!(self.code == 2 && self.err.contains(words), "no {words:?} in {self:#?}");
    }
}

/// An AWS of its own, and a folder of its own.
pub struct Desk {
    pub aws: Emulator,
    pub folder: TempDir,
}

impl Desk {
    pub async fn new() -> Self {
        Self { aws: Emulator::start().await.unwrap(), folder: TempDir::new().unwrap() }
    }

    /// A pool with these settings, in the API's own names.
    pub fn pool(&self, id: &str, live: &Value) {
        self.aws.state().pools.create(id, Facts::ready()).edit_live(live);
    }

    /// What the pool has.
    pub fn live(&self, id: &str) -> Value {
        Value::Object(self.aws.state().pools.get(id).unwrap().live.clone())
    }

    /// How many Sets there were.
    pub fn sets(&self) -> usize {
        self.aws.calls().iter().filter(|call| call.operation == "SetUserPoolMfaConfig").count()
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// A run in the folder, with nothing of this process's environment.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.fed(arguments, "")
    }

    pub fn fed(&self, arguments: &[&str], input: &str) -> Ran {
        finished(self.command().args(arguments), input)
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cognito-mfa-operator"));
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

pub fn finished(command: &mut Command, input: &str) -> Ran {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // Who refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A manifest of an object with this name, pool and further lines of spec.
pub fn manifest(name: &str, pool: &str, spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    format!(
        "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata:\n  name: {name}\nspec:\n  userPoolId: {pool}\n  {spec}\n"
    )
}

pub const TOTP_ON: &str = "mfaConfiguration: \"ON\"\nsoftwareTokenMfaConfiguration:\n  enabled: true";
pub const OFF: &str = "mfaConfiguration: \"OFF\"";
pub const POOL: &str = "us-east-1_Customers";

pub fn totp_on() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}
