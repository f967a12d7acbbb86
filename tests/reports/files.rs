//! Reports of files.

use serde_json::{Value, json};

use crate::run;

const AT: &str = "2026-03-01T12:00:00Z";

/// An object that is in sync, as `kubectl get -o json` prints it.
fn object(name: &str) -> Value {
    let settings = json!({"mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": true}});
    let mut spec = settings.clone();
    spec["userPoolId"] = json!(format!("eu-west-1_{name}"));
    json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": name, "namespace": "shop", "generation": 1, "uid": format!("uid-{name}")},
        "spec": spec,
        "status": {
            "observedGeneration": 1, "observed": settings, "lastVerifiedTime": "2026-03-01T06:00:00Z",
            "conditions": [{"type": "Ready", "status": "True", "reason": "InSync", "message": "Cognito equals the spec.",
                "observedGeneration": 1, "lastTransitionTime": "2026-03-01T06:00:00Z"}],
        },
    })
}

fn list(objects: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

fn report(form: &str, input: &str) -> String {
    let ended = run(&["report", form, "-", "--at", AT, "-"], input);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    ended.out
}

#[test]
fn a_list_of_kubectl_becomes_a_report() {
    let told: Value = serde_json::from_str(&report("--json", &list(&[object("b"), object("a")]))).unwrap();
    assert_eq!((&told["totals"]["pools"], &told["totals"]["proven"]), (&json!(2), &json!(2)));
    assert_eq!((&told["pools"][0]["name"], &told["pools"][0]["mfaEnabled"]), (&json!("a"), &json!("Passes")));
    assert_eq!((&told["at"], &told["source"]), (&json!(AT), &json!("(standard input)")));
}

#[test]
fn the_same_objects_give_the_same_bytes_in_any_order() {
    for form in ["--json", "--csv", "--html"] {
        let (one, two) = (list(&[object("a"), object("b")]), list(&[object("b"), object("a")]));
        assert_eq!(report(form, &one), report(form, &two), "{form}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_hides_nothing() {
    let input = format!("{}\n---\nkind: ConfigMap\n---\nkind: [", object("a"));
    let ended = run(&["report", "--html", "-", "--at", AT, "-"], &input);
    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.err.lines().count(), 2, "{}", ended.err);
    assert!(ended.err.contains("this is no UserPoolMfaConfig"), "{}", ended.err);
    assert!(ended.out.contains("Incomplete") && ended.out.contains("eu-west-1_a"));
}

#[test]
fn a_manifest_without_a_status_proves_nothing() {
    let manifest = "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata: {name: a}\nspec: {userPoolId: eu-west-1_a, mfaConfiguration: \"ON\", emailMfaConfiguration: {}}\n";
    let told: Value = serde_json::from_str(&report("--json", manifest)).unwrap();
    assert_eq!(told["pools"][0]["notProven"], "no operator has reported on it");
    assert_eq!(told["pools"][0]["noSms"], "NotProven");
}

#[test]
fn a_value_that_a_spreadsheet_would_compute_is_text() {
    let mut hostile = object("a");
    let note = "=HYPERLINK(\"http://example.com\")";
    hostile["metadata"]["annotations"] = json!({"cognito.mfaoperator.dev/exception-reason": note});
    hostile["spec"]["userPoolId"] = json!(" @SUM(1,2)");
    hostile["metadata"]["name"] = json!("-1\",\"x\r\n+2");
    let told = report("--csv", &list(&[hostile]));
    let line = told.split("\r\n").nth(1).unwrap();
    assert!(line.starts_with("\"shop\",\"'-1\"\",\"\"x  +2\",\"' @SUM(1,2)\","), "{line}");
    assert!(line.ends_with("\"Documented: =HYPERLINK(\"\"http://example.com\"\")\""), "{line}");
    assert_eq!(told.matches("\r\n").count(), 2);
}

#[test]
fn a_report_goes_to_the_files_that_are_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (html, csv) = (path("a.html"), path("a.csv"));
    let ended = run(&["report", "--html", &html, "--csv", &csv, "-"], &list(&[object("a")]));
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""));
    assert!(std::fs::read_to_string(html).unwrap().starts_with("<!DOCTYPE html>"));
    assert!(std::fs::read_to_string(csv).unwrap().starts_with("namespace,name,userPoolId,"));
}

#[test]
fn what_is_asked_wrongly_is_told_with_what_to_write() {
    let wrong = |arguments: &[&str], words: &str| {
        let ended = run(arguments, &list(&[object("a")]));
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
    };
    wrong(&["report", "-"], "--html <FILE>");
    wrong(&["report", "--html", "-", "--csv", "-", "-"], "only one of --html, --csv and --json");
    wrong(&["report", "--html", "/nonexistent/a.html", "-"], "/nonexistent/a.html cannot be written");
    wrong(&["report", "--json", "-", "/nonexistent.yaml"], "/nonexistent.yaml");
    wrong(&["report", "--json", "-", "--max-age", "soon", "-"], "write it like 49h or 7d");
    wrong(&["report", "--json", "-"], "there is no cluster to ask");
    wrong(&["status"], "there is no cluster to ask");
}

#[test]
fn the_age_that_proves_is_the_readers_to_choose() {
    let told = |age: &str| {
        let out =
            run(&["report", "--json", "-", "--at", AT, "--max-age", age, "-"], &list(&[object("a")])).out;
        serde_json::from_str::<Value>(&out).unwrap()["totals"]["proven"].clone()
    };
    assert_eq!((told("5h"), told("6h"), told("1d")), (json!(0), json!(1), json!(1)));
}
