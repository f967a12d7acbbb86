//! The gateway in a process of its own, with an environment of its own.

use std::{convert::Infallible, fs, path::PathBuf, process::Command, sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::failure::{Failure, SET_TIMEOUT},
    schedule::queue::Priority,
    settings::observed::Observed,
};
use cognito_mfa_operator::{
    aws::{AwsOptions, CallEvent, CallObserver, Cognito, CognitoClient, Timeouts},
    ops::may_log,
};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{filter::filter_fn, prelude::*};

const MARK: &str = "OUTCOME ";
/// A share of the quotas that slows nothing.
pub const UNLIMITED: f64 = 10_000.0;
pub const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub const SECRET_KEY: &str = "wJalrXUtnFEMI";
pub const SESSION_TOKEN: &str = "session-token-of-the-test";

/// What the child did and printed.
pub struct Ran {
    /// One value for each call.
    pub outcomes: Vec<Value>,
    /// All it printed, its logs included.
    pub printed: String,
}

/// A child to be: `calls` are `get POOL` or `set POOL`.
pub struct Child {
    command: Command,
    calls: Vec<String>,
}

impl Child {
    /// With credentials in the environment, and nothing else of this process's environment.
    pub fn new() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "child::runs_what_its_parent_asks", "--nocapture", "--test-threads=1"])
            .env_clear();
        Self { command, calls: Vec::new() }
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/nonexistent")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    }

    /// The same, with Cognito at `url`.
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

    pub fn run(mut self) -> Ran {
        let output = self.command.env("CHILD_CALLS", self.calls.join("\n")).output().unwrap();
        let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{printed}");
        let outcomes = printed.lines().filter_map(|line| line.split_once(MARK));
        let outcomes = outcomes.map(|(_, outcome)| serde_json::from_str(outcome).unwrap()).collect();
        Ran { outcomes, printed }
    }

    /// The outcome of the only call.
    pub fn outcome(self) -> Value {
        let mut ran = self.run();
        assert_eq!(ran.outcomes.len(), 1, "{}", ran.printed);
        ran.outcomes.remove(0)
    }
}

/// Whether the call succeeded.
pub fn is_live(outcome: &Value) -> bool {
    outcome["live"].is_object()
}

/// A file of the test's own.
pub fn file(name: &str, content: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The child's side; in an ordinary run there is nothing to do.
#[test]
fn runs_what_its_parent_asks() {
    let Ok(calls) = std::env::var("CHILD_CALLS") else { return };
    log();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let away = CancellationToken::new();
        let setup = AwsOptions { profile: std::env::var("CHILD_PROFILE").ok(), ..timeouts().into() };
        let gateway = match Cognito::connect(setup, share(), observer(away.clone())).await {
            Ok(gateway) => gateway,
            Err(error) => return println!("{MARK}{}", json!({ "setup": error.to_string() })),
        };
        let permitted = std::env::var_os("CHILD_PERMIT").is_none();
        let identity = identity();
        let namespace = std::env::var("CHILD_NAMESPACE").unwrap_or_else(|_| "team".into());
        let caller = gateway.client(&identity, &namespace, Priority::Changed, away);
        let caller = caller.with_permit(Arc::new(move || permitted));
        let made = calls.lines().map(|call| made(&caller, call));
        let at_once = if std::env::var_os("CHILD_AT_ONCE").is_some() { calls.lines().count() } else { 1 };
        let mut results = futures::stream::iter(made).buffered(at_once);
        while let Some(result) = results.next().await {
            println!("{MARK}{}", result.map_or_else(|| json!({ "sent": false }), shown));
        }
    });
}

async fn made(caller: &CognitoClient<'_>, call: &str) -> Option<Result<Observed, Failure>> {
    match call.splitn(3, ' ').collect::<Vec<_>>()[..] {
        ["get", pool] => caller.get(pool).await,
        ["set", pool, declared] => {
            let declared: MfaSettings = serde_json::from_str(declared).unwrap();
            let Ok::<_, Infallible>(result) = caller.set(pool, &declared, async || Ok(true)).await;
            result
        }
        _ => panic!("{call}"),
    }
}

fn shown(result: Result<Observed, Failure>) -> Value {
    match result {
        Ok(live) => json!({ "live": live.settings, "unknown": live.unknown }),
        Err(failure) => json!({
            "class": format!("{:?}", failure.class), "operation": failure.operation.as_str(),
            "code": failure.code, "message": failure.message, "reasonCode": failure.reason_code,
        }),
    }
}

/// The operator's own, or the role that the parent names.
fn identity() -> Identity {
    let Ok(arn) = std::env::var("CHILD_ROLE") else { return Identity::Own };
    Identity::Role { arn, external_id: std::env::var("CHILD_EXTERNAL_ID").ok() }
}

fn share() -> f64 {
    std::env::var("CHILD_SHARE").map_or(UNLIMITED, |share| share.parse().unwrap())
}

/// Short ones when the parent tests them, else long enough for a busy machine.
fn timeouts() -> Timeouts {
    let Ok(short) = std::env::var("CHILD_TIMEOUT_MS") else {
        return Timeouts { attempt: SET_TIMEOUT * 2, ..Timeouts::default() };
    };
    let short = Duration::from_millis(short.parse().unwrap());
    Timeouts { connect: short, read: short, credentials: short, attempt: short * 2 }
}

/// Calls its caller away, when the parent wants that, after its turn has come and before its call is sent.
fn observer(away: CancellationToken) -> CallObserver {
    Arc::new(move |observed| {
        if matches!(observed, CallEvent::Waited(..)) && std::env::var_os("CHILD_AWAY").is_some() {
            away.cancel();
        }
        if let CallEvent::Called(operation, code, took) = observed {
            assert!(took > Duration::ZERO);
            println!("OBSERVED {} {code}", operation.as_str());
        }
    })
}

/// At TRACE, with the guard of [`may_log`] or without.
fn log() {
    let Ok(kind) = std::env::var("CHILD_TRACE") else { return };
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    let guard = filter_fn(move |metadata| kind == "unguarded" || may_log(metadata));
    tracing_subscriber::registry().with(lines.with_filter(guard)).init();
}
