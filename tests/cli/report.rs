//! `report` of files.

use serde_json::{Value, json};

use crate::sandbox::run_offline;

const AT: &str = "2026-03-01T12:00:00Z";

/// An object that is in sync, as `kubectl get -o json` prints it.
pub fn object(name: &str) -> Value {
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

pub fn list(objects: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

fn report(form: &str, input: &str) -> String {
    let output = run_offline(&["report", form, "-", "--at", AT, "-"], input);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    output.stdout
}

#[test]
fn a_list_from_kubectl_becomes_a_report() {
    let report: Value = serde_json::from_str(&report("--json", &list(&[object("b"), object("a")]))).unwrap();
    assert_eq!((&report["totals"]["pools"], &report["totals"]["proven"]), (&json!(2), &json!(2)));
    assert_eq!(
        (&report["pools"][0]["name"], &report["pools"][0]["mfaEnabled"]),
        (&json!("a"), &json!("Passes"))
    );
    assert_eq!((&report["at"], &report["source"]), (&json!(AT), &json!("(standard input)")));
}

#[test]
fn the_same_objects_give_the_same_bytes_in_any_order() {
    for form in ["--json", "--csv", "--html"] {
        let (one, two) = (list(&[object("a"), object("b")]), list(&[object("b"), object("a")]));
        assert_eq!(report(form, &one), report(form, &two), "{form}");
    }
}

#[test]
fn an_unreadable_document_is_named_and_the_others_are_reported() {
    let input = format!("{}\n---\napiVersion: v1\nkind: ConfigMap\n---\nkind: [", object("a"));
    let output = run_offline(&["report", "--html", "-", "--at", AT, "-"], &input);
    assert_eq!(output.code, 2);
    assert_eq!(output.stderr.lines().count(), 2, "{}", output.stderr);
    assert!(output.stderr.contains("this is a ConfigMap of v1"), "{}", output.stderr);
    assert!(output.stdout.contains("Incomplete") && output.stdout.contains("eu-west-1_a"));
}

#[test]
fn an_object_of_another_group_or_version_is_refused() {
    for version in ["example.com/v1", "cognito.mfaoperator.dev/v9"] {
        let mut other = object("b");
        other["apiVersion"] = json!(version);
        let output = run_offline(&["report", "--json", "-", "--at", AT, "-"], &list(&[object("a"), other]));
        assert_eq!(output.code, 2);
        assert!(output.stderr.contains(&format!("a UserPoolMfaConfig of {version}")), "{}", output.stderr);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(report["totals"]["objects"], 1);
    }
}

#[test]
fn control_and_bidi_characters_are_taken_out_of_file_names() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("a\u{202e}lmth\u{1b}[2J.yaml");
    std::fs::write(&file, "kind: ConfigMap").unwrap();
    for form in ["--json", "--csv", "--html"] {
        let output = run_offline(&["report", form, "-", "--at", AT, file.to_str().unwrap()], "");
        assert_eq!(output.code, 2);
        // JSON may hold the escape character as \u001b.
        for hostile in ["\u{202e}", "\u{1b}", "\\u001b"] {
            assert!(
                !output.stdout.contains(hostile) && !output.stderr.contains(hostile),
                "{form}: {}",
                output.stdout
            );
        }
        assert!(form == "--csv" || output.stdout.contains("a lmth [2J.yaml"), "{}", output.stdout);
    }
}

#[test]
fn a_manifest_without_a_status_proves_nothing() {
    let manifest = "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata: {name: a}\nspec: {userPoolId: eu-west-1_a, mfaConfiguration: \"ON\", emailMfaConfiguration: {}}\n";
    let report: Value = serde_json::from_str(&report("--json", manifest)).unwrap();
    assert_eq!(report["pools"][0]["notProven"], "no operator has reported on it");
    assert_eq!(report["pools"][0]["noSms"], "NotProven");
}

#[test]
fn a_spreadsheet_formula_becomes_text_in_the_csv() {
    let mut hostile = object("a");
    let formula = "=HYPERLINK(\"http://example.com\")";
    hostile["metadata"]["annotations"] = json!({"cognito.mfaoperator.dev/exception-reason": formula});
    hostile["spec"]["userPoolId"] = json!(" @SUM(1,2)");
    hostile["metadata"]["name"] = json!("-1\",\"x\r\n+2");
    let csv = report("--csv", &list(&[hostile]));
    let line = csv.split("\r\n").nth(1).unwrap();
    assert!(line.starts_with("\"shop\",\"'-1\"\",\"\"x  +2\",\"' @SUM(1,2)\","), "{line}");
    assert!(line.ends_with("\"Documented: =HYPERLINK(\"\"http://example.com\"\")\""), "{line}");
    assert_eq!(csv.matches("\r\n").count(), 2);
}

#[test]
fn the_report_is_written_to_the_named_files() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (html, csv) = (path("a.html"), path("a.csv"));
    let output = run_offline(&["report", "--html", &html, "--csv", &csv, "-"], &list(&[object("a")]));
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    assert!(std::fs::read_to_string(html).unwrap().starts_with("<!DOCTYPE html>"));
    assert!(std::fs::read_to_string(csv).unwrap().starts_with("namespace,name,userPoolId,"));
}

#[test]
fn a_wrong_command_line_is_reported_with_what_to_write() {
    let assert_failed = |arguments: &[&str], words: &str| {
        let output = run_offline(arguments, &list(&[object("a")]));
        assert_eq!(output.code, 2, "{arguments:?}");
        assert!(output.stderr.contains(words), "{arguments:?}: {}", output.stderr);
    };
    assert_failed(&["report", "-"], "--html <FILE>");
    assert_failed(&["report", "--html", "-", "--csv", "-", "-"], "only one of --html, --csv and --json");
    assert_failed(&["report", "--html", "/nonexistent/a.html", "-"], "/nonexistent/a.html cannot be written");
    assert_failed(&["report", "--json", "-", "/nonexistent.yaml"], "/nonexistent.yaml");
    assert_failed(&["report", "--json", "-", "--max-age", "soon", "-"], "write it like 49h or 7d");
    assert_failed(&["report", "--json", "-"], "there is no cluster to ask");
    assert_failed(&["status"], "there is no cluster to ask");
}

#[test]
fn max_age_decides_how_old_a_proof_may_be() {
    let proven = |age: &str| {
        let stdout =
            run_offline(&["report", "--json", "-", "--at", AT, "--max-age", age, "-"], &list(&[object("a")]))
                .stdout;
        serde_json::from_str::<Value>(&stdout).unwrap()["totals"]["proven"].clone()
    };
    assert_eq!((proven("5h"), proven("6h"), proven("1d")), (json!(0), json!(1), json!(1)));
}
