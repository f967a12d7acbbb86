//! The operator's binary as a process.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::rig::DEADLINE;

/// A running operator.
pub struct Operator {
    process: Child,
    address: String,
    _files: TempDir,
}

impl Drop for Operator {
    fn drop(&mut self) {
        // A test that failed must not leave it running.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Operator {
    /// Starts it with access to the API server and an endpoint for AWS, and waits until it listens.
    pub async fn start(access: &Access, aws: &str, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let files = TempDir::new().expect("a temporary folder");
        let kubeconfig = files.path().join("kubeconfig");
        write_kubeconfig(&kubeconfig, access);
        let mut process = Command::new(env!("CARGO_BIN_EXE_cognito-mfa-operator"))
            .args(["run", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(flags)
            .env_clear()
            .env("KUBECONFIG", kubeconfig)
            .env("AWS_ENDPOINT_URL", aws)
            .env("AWS_ACCESS_KEY_ID", "operator")
            .env("AWS_SECRET_ACCESS_KEY", "any")
            .env("AWS_REGION", "us-east-1")
            // No slot falls into a test that does not ask for one.
            .env("DRIFT_CHECK_INTERVAL", "24h")
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the operator's binary starts");
        let log = BufReader::new(process.stderr.take().expect("stderr is piped"));
        let (tell, told) = oneshot::channel();
        std::thread::spawn(move || follow(log, tell));
        let address = tokio::time::timeout(DEADLINE, told).await.expect("the operator starts in time");
        Self { process, address: address.expect("the operator tells its address"), _files: files }
    }

    /// Sends SIGTERM and waits for the end. Returns whether the exit was clean.
    pub async fn stop(mut self) -> bool {
        let pid = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        let ended =
            tokio::task::spawn_blocking(move || self.process.wait().expect("the operator ends").success());
        tokio::time::timeout(DEADLINE, ended)
            .await
            .expect("SIGTERM ends the operator")
            .expect("it is waited for")
    }

    /// A page of the operator's own server: its status and its text.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.address);
        let asked = tokio::process::Command::new("curl").args(["-s", "-w", "\n%{http_code}", &url]).output();
        let text = String::from_utf8(asked.await.expect("curl runs").stdout).expect("the page is text");
        let (page, code) = text.rsplit_once('\n').expect("curl tells the code");
        (code.parse().expect("a code is a number"), page.to_owned())
    }
}

/// Who asks the API server, and where.
pub struct Access {
    pub token: String,
    /// In place of the API server's own address, such as that of a proxy.
    pub server: Option<String>,
}

/// The administrator's kubeconfig with another token, and perhaps another address.
fn write_kubeconfig(path: &Path, access: &Access) {
    let own = std::env::var("KUBECONFIG").expect("KUBECONFIG is set");
    let text = std::fs::read_to_string(own).expect("KUBECONFIG can be read");
    let mut config: Value = serde_saphyr::from_str(&text).expect("a kubeconfig is YAML");
    for user in config["users"].as_array_mut().expect("a kubeconfig has users") {
        user["user"] = json!({"token": access.token});
    }
    if let Some(server) = &access.server {
        config["clusters"][0]["cluster"]["server"] = json!(server);
    }
    std::fs::write(path, config.to_string()).expect("the kubeconfig is written");
}

/// Passes the operator's log on, and tells the address that it listens on.
fn follow(log: impl BufRead, tell: oneshot::Sender<String>) {
    let mut tell = Some(tell);
    for line in log.lines().map_while(Result::ok) {
        let entry: Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(address) = entry["listen"].as_str()
            && let Some(tell) = tell.take()
        {
            let _ = tell.send(address.to_owned());
        }
        eprintln!("{line}");
    }
}
