//! Calls Cognito in a child process, which has an environment of its own.

use std::{convert::Infallible, fs, path::PathBuf, process::Command, sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::failure::{Failure, SET_TIMEOUT, Transmission},
    schedule::queue::Priority,
    settings::observed::Observed,
};
use cognito_mfa_operator::{
    aws::{AwsOptions, CallEvent, CallObserver, Cognito, CognitoClient, ReadOutcome, Timeouts, WriteOutcome},
    ops::may_log,
};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{filter::filter_fn, prelude::*};

const MARK: &str = "OUTCOME ";
/// Set in a child process.
const IS_CHILD: &str = "IS_CHILD";
/// A share of the quotas so large that no call waits.
pub const UNLIMITED: f64 = 10_000.0;
pub const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub const SECRET_KEY: &str = "wJalrXUtnFEMI";
pub const SESSION_TOKEN: &str = "session-token-of-the-test";

/// This program as a child process that runs one test, with credentials in its environment and without this process's
/// environment.
pub fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env_clear()
        .env(IS_CHILD, "1")
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command
}

/// Whether this process was started by [`command`].
pub fn is_child() -> bool {
    std::env::var_os(IS_CHILD).is_some()
}

/// A connection to the Cognito that the environment names, on which no call waits.
pub async fn connect() -> Cognito {
    Cognito::connect(timeouts(), UNLIMITED, Arc::new(|_| {})).await.unwrap()
}

/// The results of the calls, and the output of the process.
pub struct Finished {
    /// One value for each call.
    pub outcomes: Vec<Value>,
    /// Standard output and standard error, so that the logs are included.
    pub printed: String,
}

/// A child process before its start. Its calls are lines: `get POOL` or `set POOL SETTINGS`.
pub struct Child {
    command: Command,
    calls: Vec<String>,
}

impl Child {
    pub fn new() -> Self {
        Self { command: command("child::child_process_makes_the_calls"), calls: Vec::new() }
    }

    /// A child that finds Cognito at `url`.
    pub fn at(url: &str) -> Self {
        Self::new().env("AWS_ENDPOINT_URL", url)
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn without_credentials(self) -> Self {
        self.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY")
    }

    pub fn get(mut self, pool: &str) -> Self {
        self.calls.push(format!("get {pool}"));
        self
    }

    pub fn set(mut self, pool: &str, declared: &Value) -> Self {
        self.calls.push(format!("set {pool} {declared}"));
        self
    }

    pub fn run(mut self) -> Finished {
        let output = self.command.env("CHILD_CALLS", self.calls.join("\n")).output().unwrap();
        let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{printed}");
        let outcomes = printed.lines().filter_map(|line| line.split_once(MARK));
        let outcomes = outcomes.map(|(_, outcome)| serde_json::from_str(outcome).unwrap()).collect();
        Finished { outcomes, printed }
    }

    /// The outcome of the only call.
    pub fn outcome(self) -> Value {
        let mut finished = self.run();
        assert_eq!(finished.outcomes.len(), 1, "{}", finished.printed);
        finished.outcomes.remove(0)
    }
}

/// Whether the call succeeded and its answer has the pool's settings.
pub fn has_settings(outcome: &Value) -> bool {
    outcome["settings"].is_object()
}

/// Writes a file for one test; tests run at the same time, so each uses its own names.
pub fn file(name: &str, content: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The child process. It does nothing where no parent has set `CHILD_CALLS`.
#[test]
fn child_process_makes_the_calls() {
    let Ok(calls) = std::env::var("CHILD_CALLS") else { return };
    init_logs();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cancelled = CancellationToken::new();
        let options = AwsOptions { profile: std::env::var("CHILD_PROFILE").ok(), ..timeouts().into() };
        let cognito = match Cognito::connect(options, share(), observer(cancelled.clone())).await {
            Ok(cognito) => cognito,
            Err(error) => return println!("{MARK}{}", json!({ "setup": error.to_string() })),
        };
        let permitted = std::env::var_os("CHILD_PERMIT").is_none();
        let identity = identity();
        let namespace = std::env::var("CHILD_NAMESPACE").unwrap_or_else(|_| "team".into());
        let client = cognito.client(&identity, &namespace, Priority::Changed, cancelled);
        let client =
            client.with_permit(Arc::new(move || permitted)).with_longest_look(Duration::from_mins(1));
        let results = calls.lines().map(|call| make_call(&client, call));
        let at_once = if std::env::var_os("CHILD_AT_ONCE").is_some() { calls.lines().count() } else { 1 };
        let mut results = futures::stream::iter(results).buffered(at_once);
        while let Some(result) = results.next().await {
            println!("{MARK}{result}");
        }
    });
}

async fn make_call(client: &CognitoClient<'_>, call: &str) -> Value {
    match call.splitn(3, ' ').collect::<Vec<_>>()[..] {
        ["get", pool] => match client.get(pool).await {
            ReadOutcome::Answered(observed) => answer_as_json(&observed),
            ReadOutcome::Failed(failure) => failure_as_json(&failure),
            ReadOutcome::Cancelled => json!({ "sent": false, "why": "cancelled" }),
        },
        ["set", pool, declared] => {
            let declared: MfaSettings = serde_json::from_str(declared).unwrap();
            let Ok::<_, Infallible>(outcome) =
                client.set(pool, &declared, Instant::now(), async || Ok(true)).await;
            match outcome {
                WriteOutcome::Answered(observed) => answer_as_json(&observed),
                WriteOutcome::Failed(failure) => failure_as_json(&failure),
                WriteOutcome::Cancelled => json!({ "sent": false, "why": "cancelled" }),
                WriteOutcome::TooLate => json!({ "sent": false, "why": "too late" }),
                WriteOutcome::Refused => json!({ "sent": false, "why": "refused" }),
            }
        }
        _ => panic!("{call}"),
    }
}

fn answer_as_json(observed: &Observed) -> Value {
    json!({ "settings": observed.settings, "unknown": observed.unknown })
}

fn failure_as_json(failure: &Failure) -> Value {
    json!({
        "class": format!("{:?}", failure.class), "operation": failure.operation.as_str(),
        "code": failure.code, "message": failure.message, "reasonCode": failure.reason_code,
        "sent": failure.transmission != Transmission::NotSent,
    })
}

/// The operator's own identity, or the role that the parent names.
fn identity() -> Identity {
    let Ok(arn) = std::env::var("CHILD_ROLE") else { return Identity::Own };
    Identity::Role { arn, external_id: std::env::var("CHILD_EXTERNAL_ID").ok() }
}

fn share() -> f64 {
    std::env::var("CHILD_SHARE").map_or(UNLIMITED, |share| share.parse().unwrap())
}

/// Short timeouts where the parent tests them, or else long enough for a busy machine. As in production, that of the
/// connection is the first to end.
fn timeouts() -> Timeouts {
    let Ok(short) = std::env::var("CHILD_TIMEOUT_MS") else {
        return Timeouts { attempt: SET_TIMEOUT * 2, ..Timeouts::default() };
    };
    let short = Duration::from_millis(short.parse().unwrap());
    Timeouts { connect: short, read: short * 2, credentials: short, attempt: short * 4 }
}

/// Prints each turn and each call. With `CHILD_CANCELLED` it cancels the client when the call's turn has come, before the call is
/// sent.
fn observer(cancelled: CancellationToken) -> CallObserver {
    Arc::new(move |event| match event {
        CallEvent::Waited(..) if std::env::var_os("CHILD_CANCELLED").is_some() => cancelled.cancel(),
        CallEvent::Called(operation, code, took) => {
            assert!(took > Duration::ZERO);
            println!("OBSERVED {} {code}", operation.as_str());
        }
        CallEvent::Waited(operation, _) => println!("TURN {}", operation.as_str()),
    })
}

/// Logs at TRACE, with the filter [`may_log`] or without it.
fn init_logs() {
    let Ok(kind) = std::env::var("CHILD_TRACE") else { return };
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    let filter = filter_fn(move |metadata| kind == "unfiltered" || may_log(metadata));
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
}
