//! `report --aws` and `status --aws`: the pools of the account that no object declares.

use cognito_emulator::Fault;
use serde_json::{Value, json};

use crate::{
    kubeconfig::{self, answers},
    report::{list, object},
    sandbox::{Output, POOL, Sandbox, run, totp_on},
};

/// The object and the pool `eu-west-1_declared`, and a pool of the configured region that no object declares.
async fn one_undeclared(settings: &Value) -> Sandbox {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool("eu-west-1_declared", &totp_on());
    sandbox.set_pool(POOL, settings);
    sandbox
}

/// The report on the object `declared`, with the account.
fn report(sandbox: &Sandbox, form: &str) -> Output {
    sandbox.run_with_input(&["report", "--aws", form, "-", "-"], &list(&[object("declared")]))
}

/// The entry of a pool in a report or a list of `status`.
fn entry<'a>(pools: &'a Value, id: &str) -> &'a Value {
    let mut pools = pools.as_array().unwrap().iter();
    pools.find(|pool| pool["userPoolId"] == id).unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn report_lists_pools_without_an_object_in_each_region_and_reads_no_other() {
    let sandbox = one_undeclared(&json!({})).await;
    sandbox.set_pool("eu-west-1_Other", &totp_on());
    sandbox.set_pool("ap-south-1_Elsewhere", &json!({}));
    let output = report(&sandbox, "--json");
    assert_eq!((output.code, output.stderr.as_str()), (1, ""));
    let report = output.json();
    assert_eq!(report["regions"], json!(["eu-west-1", "us-east-1"]));
    let facts = |id| {
        let pool = entry(&report["pools"], id);
        (pool["mode"].clone(), pool["factors"].clone(), pool["mfaEnabled"].clone(), pool["state"].clone())
    };
    assert_eq!(facts(POOL), (json!("OFF"), json!([]), json!("Fails"), json!("Undeclared")));
    assert_eq!(
        facts("eu-west-1_Other"),
        (json!("ON"), json!(["TOTP"]), json!("Passes"), json!("Undeclared"))
    );
    assert_eq!(facts("ap-south-1_Elsewhere").0, Value::Null);
    let totals = &report["totals"];
    assert_eq!(
        (&totals["objects"], &totals["pools"], &totals["undeclared"]),
        (&json!(1), &json!(3), &json!(2))
    );
    let read: Vec<_> = sandbox.aws.calls().iter().filter_map(|call| call.pool.clone()).collect();
    assert!(read.len() == 2 && !read.contains(&"eu-west-1_declared".to_owned()), "{read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_and_csv_show_pools_without_an_object() {
    let sandbox = one_undeclared(&json!({})).await;
    let csv = report(&sandbox, "--csv").stdout;
    let line = csv.lines().find(|line| line.contains(POOL)).unwrap();
    assert!(line.contains("\"Undeclared\"") && line.contains("\"OFF\""), "{line}");
    let page = report(&sandbox, "--html").stdout;
    assert!(page.contains(POOL) && page.contains("No object declares this pool."), "{page}");
    assert!(page.contains("1 pool that no object declares, in eu-west-1, us-east-1."), "{page}");
    assert!(page.contains("Pools without an object"), "{page}");
    let without =
        sandbox.run_with_input(&["report", "--html", "-", "-"], &list(&[object("declared")])).stdout;
    assert!(!without.contains("Pools without an object"), "{without}");
    assert!(without.contains("Pools without a UserPoolMfaConfig object are not covered"), "{without}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_an_object_fails_the_report_unless_its_mfa_is_on() {
    let optional =
        json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    for (settings, code) in [(totp_on(), 0), (optional, 1), (json!({}), 1)] {
        assert_eq!(report(&one_undeclared(&settings).await, "--json").code, code, "{settings}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_cannot_be_read_is_named_and_not_proven() {
    let sandbox = one_undeclared(&json!({})).await;
    sandbox.set_pool("us-east-1_Other", &totp_on());
    let denied = Fault::error("GetUserPoolMfaConfig", "AccessDeniedException", "no");
    sandbox.aws.state().faults.push(denied.on(POOL));
    let output = report(&sandbox, "--json");
    output.assert_failed(&format!("error: {POOL}: "));
    let report = output.json();
    let pool = entry(&report["pools"], POOL);
    assert!(pool["notProven"].as_str().unwrap().contains("AccessDeniedException"), "{pool}");
    assert_eq!((&pool["mode"], &pool["mfaEnabled"]), (&Value::Null, &json!("NotProven")));
    assert_eq!(entry(&report["pools"], "us-east-1_Other")["mfaEnabled"], "Passes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_cannot_be_listed_is_named_and_the_others_are_reported() {
    let sandbox = one_undeclared(&totp_on()).await;
    sandbox.aws.state().faults.push(Fault::error("ListUserPools", "AccessDeniedException", "no"));
    let output = report(&sandbox, "--json");
    output.assert_failed("error: the pools of eu-west-1 cannot be listed: ");
    assert_eq!(entry(&output.json()["pools"], POOL)["mode"], "ON");
}

/// More than the three attempts of a call.
#[tokio::test(flavor = "multi_thread")]
async fn throttled_reads_of_pools_without_an_object_wait() {
    let sandbox = one_undeclared(&totp_on()).await;
    for operation in ["ListUserPools", "GetUserPoolMfaConfig"] {
        let throttle = Fault::error(operation, "TooManyRequestsException", "Rate exceeded").times(4);
        sandbox.aws.state().faults.push(throttle);
    }
    let output = report(&sandbox, "--json");
    assert!(output.code == 0 && output.stderr.contains("note: AWS asks for fewer calls"), "{output:#?}");
    assert_eq!(entry(&output.json()["pools"], POOL)["mode"], "ON");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_lists_pools_without_an_object_between_those_that_need_a_person_and_the_others() {
    let sandbox = one_undeclared(&json!({})).await;
    let body = json!({
        "kind": "UserPoolMfaConfigList", "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "metadata": {},
        "items": [object("declared")],
    });
    let server = answers(move |_| kubeconfig::json("200 OK", &body.to_string()));
    let kubeconfig = kubeconfig::kubeconfig(&sandbox, &format!("http://127.0.0.1:{}", server.port), "{}");
    let status = |more: &[&str]| {
        run(sandbox.command().args(["status", "--aws", "--kubeconfig", &kubeconfig]).args(more), "")
    };
    let table = status(&[]);
    let lines: Vec<Vec<&str>> =
        table.stdout.lines().map(|line| line.split_whitespace().take(7).collect()).collect();
    assert_eq!(table.code, 1, "{table:#?}");
    assert_eq!(lines[1], ["<none>", "<none>", POOL, "OFF", "<none>", "<none>", "Undeclared"], "{table:#?}");
    assert_eq!(lines[2][..3], ["shop", "declared", "eu-west-1_declared"], "{table:#?}");
    sandbox.set_pool(POOL, &totp_on());
    let output = status(&["-o", "json"]);
    assert_eq!((output.code, &entry(&output.json(), POOL)["mode"]), (0, &json!("ON")));
    let denied = Fault::error("GetUserPoolMfaConfig", "AccessDeniedException", "no");
    sandbox.aws.state().faults.push(denied);
    status(&[]).assert_failed(&format!("error: {POOL}: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_that_contradict_each_other_are_refused() {
    let sandbox = Sandbox::new().await;
    for (arguments, words) in [
        (&["report", "--json", "-", "--region", "us-east-1", "-"][..], "it is asked with --aws alone"),
        (&["report", "--json", "-", "--aws", "--at", "2026-03-01T12:00:00Z", "-"], "cannot be used with"),
        (&["report", "--json", "-", "--aws", "-n", "shop"], "cannot be used with"),
        (&["status", "--aws", "--watch"], "cannot be used with"),
    ] {
        sandbox.run_with_input(arguments, &list(&[object("declared")])).assert_failed(words);
    }
    assert!(sandbox.aws.calls().is_empty());
}
