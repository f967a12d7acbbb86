//! A write is never based on an old look: after a long wait for its turn the pool is read again.

use std::{
    convert::Infallible,
    io::{BufRead, BufReader, Write, stdin},
    process::{Child, Stdio},
    time::Duration,
};

use cognito_emulator::{Emulator, Facts};
use cognito_mfa_core::{access::accounts::Identity, schedule::queue::Priority};
use cognito_mfa_operator::aws::read_plan_write::{Ended, read_plan_write};
use serde_json::{Value, json};
use test_support::fixtures::{POOL, edited, settled, with};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::child::{command, connect, is_child};

const PLANNED: &str = "PLANNED";

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

fn child(url: &str) -> Child {
    command("old_look::child_process_writes_after_a_wait")
        .env("AWS_ENDPOINT_URL", url)
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
fn a_pool_that_was_raised_during_the_wait_stays_raised() {
    let (calls, mode) = calls_and_mode(&json!({"MfaConfiguration": "ON"}));
    assert_eq!(calls, ["GetUserPoolMfaConfig", "GetUserPoolMfaConfig", "SetUserPoolMfaConfig"]);
    assert_eq!(mode, "ON");
}

/// The child process. It does nothing where no parent has started it.
#[test]
fn child_process_writes_after_a_wait() {
    if !is_child() {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let cognito = runtime.block_on(connect());
    let client = cognito.client(&Identity::Own, "team", Priority::Changed, CancellationToken::new());
    let object = edited(&settled(&optional()), &with(&optional(), &json!({"emailMfaConfiguration": {}})));
    let wait = |_: &_, _: &_| {
        println!("{PLANNED}");
        stdin().lines().next();
        Ok(())
    };
    let late = client.clone().with_longest_look(Duration::ZERO);
    let permit = async || Ok::<_, Infallible>(true);
    let Ok(ended) = runtime.block_on(read_plan_write(object.resolved().unwrap(), &late, &[], wait, permit));
    assert_eq!(ended, Ended::WriteDue);
    let again = client.with_write_due();
    let Ok(ended) =
        runtime.block_on(read_plan_write(object.resolved().unwrap(), &again, &[], |_, _| Ok(()), permit));
    assert!(matches!(ended, Ended::With(_)), "{ended:?}");
}
