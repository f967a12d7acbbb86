//! The sequences of `test_support::scenarios`, through `read_plan_write`, the AWS SDK and HTTP.

use std::convert::Infallible;

use cognito_emulator::Emulator;
use cognito_mfa_core::{
    access::accounts::Identity,
    plan::{
        hold::Hold,
        step::{Cause, Plan, Step},
    },
    schedule::{interval::DEFAULT_INTERVAL, queue::Priority},
};
use cognito_mfa_operator::aws::read_plan_write::{Ended, read_plan_write};
use serde_json::{Value, json};
use test_support::{
    fixtures::settings,
    kstatus::Kstatus,
    scenarios::{
        sequences::sequence,
        table::{TABLE, check_column, columns, pool},
        walk::{Walk, walk},
    },
    simulated_pool::in_aws_names,
};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::child::{command, connect, is_child};

const MARK: &str = "WALKED ";
const IGNORED_UNDER_OFF: [&str; 3] =
    ["SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration"];

fn pool_id(row: usize) -> String {
    format!("eu-west-1_Sequence{row}")
}

/// A write that Cognito did not take is repeated after an interval, and a walk is shorter than that.
fn repetition_waits(plan: &Plan) -> Result<(), Hold> {
    match plan.step {
        Step::Write(Cause::NotTaken) => Err(Hold::NotTaken { left: DEFAULT_INTERVAL }),
        _ => Ok(()),
    }
}

/// Each switch runs in a child process: the SDK takes its endpoint from the environment, and a process has only one.
#[test]
fn sequences_end_as_the_table_says_when_run_through_the_sdk() {
    let runtime = Runtime::new().unwrap();
    for (name, switches) in columns() {
        let emulator = runtime.block_on(Emulator::start()).unwrap();
        emulator.state().switches = switches;
        for (number, row) in TABLE.iter().enumerate() {
            emulator.state().pools.insert(pool(row.name, &pool_id(number)));
        }
        let ends = run_in_child(&emulator.url());
        let walks: Vec<_> =
            ends.iter().enumerate().map(|(row, end)| check_row(&emulator, row, end)).collect();
        check_column(name, &walks);
    }
}

/// Checks the child's report on a row against the calls that the emulator saw.
fn check_row(emulator: &Emulator, row: usize, report: &Value) -> (Walk, Value) {
    let calls = emulator.calls();
    let writes = || {
        calls
            .iter()
            .filter(|call| call.operation == "SetUserPoolMfaConfig" && call.pool == Some(pool_id(row)))
    };
    for write in writes() {
        assert!(is_declared(&write.request, row), "{}: {} was sent", TABLE[row].name, write.request);
    }
    let applied = writes().filter(|call| call.applied);
    let count = |name: &str| usize::try_from(report[name].as_u64().expect("a count")).expect("a small count");
    assert_eq!(applied.count(), count("sets"), "{}", TABLE[row].name);
    let kstatus = match report["kstatus"].as_str() {
        Some("Current") => Kstatus::Current,
        Some("Failed") => Kstatus::Failed,
        _ => Kstatus::InProgress,
    };
    let end = (report["reason"].as_str().unwrap_or_default().to_owned(), kstatus);
    let settings = emulator.state().pools.get(&pool_id(row)).map(|pool| Value::Object(pool.live.clone()));
    (
        Walk { result: end, repeated_writes: count("steady"), writes: count("sets") },
        settings.expect("the pool is there"),
    )
}

/// Whether a request is exactly one of the row's specs, without the sections that are ignored under OFF.
fn is_declared(request: &Value, row: usize) -> bool {
    let specs = sequence(TABLE[row].name).specs;
    specs.iter().any(|spec| {
        let mut declared = in_aws_names(&settings(spec));
        let mode = spec["mfaConfiguration"].as_str().unwrap_or_default();
        declared["UserPoolId"] = pool_id(row).into();
        if let Some(Value::Object(sms)) = declared.pointer_mut("/SmsMfaConfiguration/SmsConfiguration") {
            // The SDK always sends it.
            sms.entry("SnsCallerArn").or_insert("".into());
        }
        if let (Value::Object(declared), "OFF") = (&mut declared, mode) {
            declared.retain(|name, _| !IGNORED_UNDER_OFF.contains(&name.as_str()));
        }
        *request == declared
    })
}

fn run_in_child(url: &str) -> Vec<Value> {
    let output = command("scenarios::child_process_runs_the_sequences")
        .env("AWS_ENDPOINT_URL", url)
        .output()
        .expect("this test runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    let ends = printed.lines().filter_map(|line| line.split_once(MARK));
    ends.map(|(_, end)| serde_json::from_str(end).expect("the child prints JSON")).collect()
}

/// The child process. It does nothing where no parent has started it.
#[test]
fn child_process_runs_the_sequences() {
    if !is_child() {
        return;
    }
    let runtime = Runtime::new().unwrap();
    let cognito = runtime.block_on(connect());
    let client = cognito.client(&Identity::Own, "team", Priority::Changed, CancellationToken::new());
    for (number, row) in TABLE.iter().enumerate() {
        let walk = walk(&sequence(row.name), &pool_id(number), |object| {
            let Ok::<_, Infallible>(outcome) = runtime.block_on(read_plan_write(
                object.resolved().unwrap(),
                &client,
                &[],
                |_, plan| repetition_waits(plan),
                async || Ok(true),
            ));
            let Ended::With(outcome) = outcome else { panic!("the object stayed") };
            *outcome
        });
        let report = json!({"reason": walk.result.0, "kstatus": format!("{:?}", walk.result.1), "steady": walk.repeated_writes,
            "sets": walk.writes});
        println!("{MARK}{report}");
    }
}
