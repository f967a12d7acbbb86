//! A write is never based on an old look: after a long wait for its turn the pool is read again.

use std::{
    convert::Infallible,
    io::{BufRead, BufReader, Write, stdin},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use cognito_emulator::{Emulator, Facts};
use cognito_mfa_core::{access::accounts::Identity, calls::failure::SET_TIMEOUT, schedule::queue::Priority};
use cognito_mfa_operator::aws::{Cognito, Timeouts, read_plan_write::read_plan_write};
use serde_json::{Value, json};
use test_support::fixtures::{POOL, edited, settled, with};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const IS_CHILD: &str = "CORE_TEST_OLD_LOOK";
const PLANNED: &str = "PLANNED";
/// A share of the quotas so large that no call waits.
const UNLIMITED: f64 = 10_000.0;

fn optional() -> Value {
    json!({"mfaConfiguration": "OPTIONAL", "softwareTokenMfaConfiguration": {"enabled": true}})
}

fn patch(emulator: &Emulator, patch: &Value) {
    let mut pool = emulator.state().pools.get(POOL).expect("the pool").clone();
    pool.edit_live(patch);
    emulator.state().pools.insert(pool);
}

/// The operations that Cognito sees when `meanwhile` happens between the plan and the write, and its mode afterwards.
fn calls_and_mode(meanwhile: &Value) -> (Vec<String>, Value) {
    let runtime = Runtime::new().unwrap();
    let emulator = runtime.block_on(Emulator::start()).unwrap();
    emulator.state().pools.create(POOL, Facts::ready());
    patch(
        &emulator,
        &json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}}),
    );
    let mut child = child(&emulator.url());
    let planned = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut lines = planned.skip_while(|line| !line.contains(PLANNED));
    assert!(lines.next().is_some(), "the child planned a write");
    patch(&emulator, meanwhile);
    writeln!(child.stdin.take().unwrap(), "go on").unwrap();
    let rest: Vec<_> = lines.collect();
    assert!(child.wait().unwrap().success(), "{rest:?}");
    let calls = emulator.calls().iter().map(|call| call.operation.clone()).collect();
    let mode = emulator.state().pools.get(POOL).unwrap().live["MfaConfiguration"].clone();
    (calls, mode)
}

fn child(url: &str) -> std::process::Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "old_look::child_process_writes_after_a_wait", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env(IS_CHILD, "1")
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test runs")
}

#[test]
fn a_write_after_a_long_wait_reads_the_pool_again() {
    let (calls, mode) = calls_and_mode(&json!({}));
    assert_eq!(calls, ["GetUserPoolMfaConfig", "GetUserPoolMfaConfig", "SetUserPoolMfaConfig"]);
    assert_eq!(mode, "OPTIONAL");
}

#[test]
fn a_pool_that_was_raised_during_the_wait_is_not_written() {
    let (calls, mode) = calls_and_mode(&json!({"MfaConfiguration": "ON"}));
    assert_eq!(calls, ["GetUserPoolMfaConfig", "GetUserPoolMfaConfig"]);
    assert_eq!(mode, "ON");
}

/// The child process. It does nothing where no parent has set `IS_CHILD`.
#[test]
fn child_process_writes_after_a_wait() {
    if std::env::var_os(IS_CHILD).is_none() {
        return;
    }
    let runtime = Runtime::new().unwrap();
    // The default is too short for a busy machine.
    let timeouts = Timeouts { attempt: SET_TIMEOUT * 2, ..Timeouts::default() };
    let cognito = runtime.block_on(Cognito::connect(timeouts, UNLIMITED, Arc::new(|_| {}))).unwrap();
    let client = cognito.client(&Identity::Own, "team", Priority::Changed, CancellationToken::new());
    let client = client.with_longest_look(Duration::ZERO);
    let object = edited(&settled(&optional()), &with(&optional(), &json!({"emailMfaConfiguration": {}})));
    let wait = |_: &_, _: &_| {
        println!("{PLANNED}");
        stdin().lines().next();
        Ok(())
    };
    let write = read_plan_write(&object, &client, &[], wait, async || Ok::<_, Infallible>(true));
    let Ok(_) = runtime.block_on(write);
}
