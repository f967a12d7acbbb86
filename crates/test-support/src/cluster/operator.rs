//! Runs the operator's binary as a process.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    sync::watch,
};

use super::deadline::DEADLINE;

/// The path of the operator's binary. Cargo sets `CARGO_BIN_EXE_*` only for tests of the binary's own package, so
/// the path is derived from the test's own.
///
/// # Panics
/// In a program that is not in target/PROFILE/deps.
#[must_use]
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a process has a path");
    let profile = test.parent().and_then(Path::parent).expect("cargo puts tests in target/PROFILE/deps");
    profile.join("cognito-mfa-operator")
}

/// A running operator.
pub struct Operator {
    process: Child,
    address: String,
    /// The lines of the log so far.
    log: watch::Receiver<Vec<String>>,
    _files: TempDir,
}

impl Operator {
    /// Starts the operator with this access to the API server and this AWS endpoint, and waits until it listens.
    pub async fn start(access: &Access, aws: &str, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let files = TempDir::new().expect("a temporary folder");
        let kubeconfig = files.path().join("kubeconfig");
        write_kubeconfig(&kubeconfig, access);
        let mut process = Command::new(binary())
            .args(["run", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(flags)
            .env_clear()
            .env("KUBECONFIG", kubeconfig)
            .env("AWS_ENDPOINT_URL", aws)
            .env("AWS_ACCESS_KEY_ID", "operator")
            .env("AWS_SECRET_ACCESS_KEY", "any")
            .env("AWS_REGION", "us-east-1")
            // A test that does not set another interval sees no scheduled checks.
            .env("DRIFT_CHECK_INTERVAL", "24h")
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            // A failed test must not leave the operator running.
            .kill_on_drop(true)
            .spawn()
            .expect("the operator's binary starts");
        let log = process.stderr.take().expect("stderr is piped").into_owned_fd().expect("it is open");
        let log = BufReader::new(File::from(log));
        let (lines, log_lines) = watch::channel(Vec::new());
        std::thread::spawn(move || follow(log, &lines));
        let mut operator = Self { process, address: String::new(), log: log_lines, _files: files };
        let started = operator.until_logged("\"listen\"").await;
        let entry: Value = serde_json::from_str(&started).expect("the log is JSON");
        entry["listen"].as_str().expect("an address").clone_into(&mut operator.address);
        operator
    }

    /// Waits until the log has a line with these words, and returns the line.
    pub async fn until_logged(&self, words: &str) -> String {
        let mut log = self.log.clone();
        let line = |lines: &Vec<String>| lines.iter().find(|line| line.contains(words)).cloned();
        let met = log.wait_for(|lines| line(lines).is_some());
        let lines =
            tokio::time::timeout(DEADLINE, met).await.expect("the line is logged").expect("the log is open");
        line(&lines).expect("it was found")
    }

    /// Sends a signal by its name without SIG, such as STOP.
    pub fn signal(&self, name: &str) {
        let pid = self.process.id().expect("it runs").to_string();
        std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill runs");
    }

    /// The current resident memory, in MiB.
    pub fn resident_mib(&self) -> f64 {
        self.mib("VmRSS:")
    }

    /// The peak resident memory, in MiB.
    pub fn peak_mib(&self) -> f64 {
        self.mib("VmHWM:")
    }

    fn mib(&self, field: &str) -> f64 {
        let kib = self
            .proc("status")
            .lines()
            .find_map(|line| Some(line.strip_prefix(field)?.strip_suffix("kB")?.trim().to_owned()));
        kib.expect("the kernel reports the field").parse::<f64>().expect("a number") / 1024.0
    }

    /// The user and system CPU time used so far, in seconds. The kernel counts in hundredths.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = self.proc("stat");
        // The name in brackets may have spaces; user and system time are the 12th and 13th field after it.
        let fields = stat.rsplit_once(')').expect("the name is in brackets").1.split_whitespace();
        let ticks = fields.skip(11).take(2).map(|field| field.parse::<f64>().expect("a number"));
        ticks.sum::<f64>() / 100.0
    }

    fn proc(&self, file: &str) -> String {
        let pid = self.process.id().expect("it runs");
        std::fs::read_to_string(format!("/proc/{pid}/{file}")).expect("it runs")
    }

    /// Sends SIGTERM and waits until the operator exits. Returns whether the exit code was 0.
    pub async fn stop(mut self) -> bool {
        self.signal("TERM");
        let exit = tokio::time::timeout(DEADLINE, self.process.wait()).await;
        exit.expect("SIGTERM ends the operator").expect("its exit status is read").success()
    }

    /// Sends SIGKILL, as if the node had died.
    pub async fn kill(mut self) {
        self.process.kill().await.expect("SIGKILL ends the operator");
    }

    /// Requests a page of the operator's HTTP server. Returns the status code and the body.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.address);
        let response = Command::new("curl").args(["-s", "-w", "\n%{http_code}", &url]).output();
        let text = String::from_utf8(response.await.expect("curl runs").stdout).expect("the page is text");
        let (page, code) = text.rsplit_once('\n').expect("curl prints the code last");
        (code.parse().expect("a code is a number"), page.to_owned())
    }
}

/// Credentials and address for the API server.
pub struct Access {
    pub token: String,
    /// Replaces the API server's own address, for example by that of a proxy.
    pub server: Option<String>,
}

/// The administrator's kubeconfig, from KUBECONFIG.
pub fn own_kubeconfig() -> Value {
    let own = std::env::var("KUBECONFIG").expect("KUBECONFIG is set");
    let text = std::fs::read_to_string(own).expect("KUBECONFIG can be read");
    serde_saphyr::from_str(&text).expect("a kubeconfig is YAML")
}

/// Writes the administrator's kubeconfig with the token and the address of `access`.
pub fn write_kubeconfig(path: &Path, access: &Access) {
    let mut config = own_kubeconfig();
    for user in config["users"].as_array_mut().expect("a kubeconfig has users") {
        user["user"] = json!({"token": access.token});
    }
    if let Some(server) = &access.server {
        config["clusters"][0]["cluster"]["server"] = json!(server);
    }
    std::fs::write(path, config.to_string()).expect("the kubeconfig is written");
}

/// Copies the operator's log to stderr and to the channel.
fn follow(log: impl BufRead, sender: &watch::Sender<Vec<String>>) {
    for line in log.lines().map_while(Result::ok) {
        eprintln!("{line}");
        sender.send_modify(|lines| lines.push(line));
    }
}
