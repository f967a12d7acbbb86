//! `validate`.

use serde_json::json;

use crate::sandbox::{OFF, POOL, Sandbox, TOTP_ON, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn valid_manifests_exit_with_0_without_a_call_to_aws() {
    let sandbox = Sandbox::new().await;
    sandbox.write_file("good/a.yaml", &manifest("a", POOL, TOTP_ON));
    sandbox.write_file("good/deeper/b.yml", &manifest("b", "us-east-1_Partners", OFF));
    sandbox.write_file("good/.git/c.yaml", "no: manifest");
    sandbox.write_file("good/..data/a.yaml", &manifest("a", POOL, TOTP_ON));
    sandbox.write_file("good/notes.txt", "no manifest");
    let output = sandbox.run(&["validate", "good"]);
    assert_eq!((output.code, &*output.stdout, &*output.stderr), (0, "ok: 2 valid\n", ""));
    assert!(sandbox.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_of_every_document_is_reported_with_file_and_line() {
    let sandbox = Sandbox::new().await;
    let invalid = manifest("invalid", POOL, "mfaConfiguration: ON\nemailMfaConfiguration:");
    let text =
        [manifest("good", POOL, OFF), invalid, "a: [\n".into(), manifest("Bad", POOL, OFF)].join("---\n");
    sandbox.write_file("all.yaml", &text);
    let output = sandbox.run(&["validate", "all.yaml"]);
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(output.code, 2);
    assert_eq!(lines.len(), 4, "{output:#?}");
    assert!(
        lines[0].starts_with("all.yaml:15: spec.mfaConfiguration: YAML reads a bare ON as true"),
        "{output:#?}"
    );
    assert!(lines[1].starts_with("all.yaml:16: spec.emailMfaConfiguration: nothing stands"), "{output:#?}");
    assert!(
        lines[2].starts_with("all.yaml:18") && lines[2].contains("cannot be read as YAML"),
        "{output:#?}"
    );
    assert!(lines[3].starts_with("all.yaml:23: metadata.name: a name has"), "{output:#?}");
    assert!(output.stderr.contains("mistakes: 4; valid documents: 1"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mistakes_are_printed_as_json() {
    let sandbox = Sandbox::new().await;
    let output = sandbox
        .run_with_input(&["validate", "-o", "json", "-"], &manifest("a", POOL, "mfaConfiguration: \"Of\""));
    assert_eq!(output.code, 2);
    let problems = output.json();
    assert_eq!(problems[0]["file"], json!("(standard input)"));
    assert_eq!((&problems[0]["line"], &problems[0]["field"]), (&json!(7), &json!("spec.mfaConfiguration")));
    assert_eq!(
        sandbox.run_with_input(&["validate", "-o", "json", "-"], &manifest("a", POOL, OFF)).stdout,
        "[]\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_are_valid() {
    let sandbox = Sandbox::new().await;
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/samples");
    let output = sandbox.run(&["validate", samples]);
    assert_eq!(output.code, 0, "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_documents_for_one_pool_are_reported_as_mistakes() {
    let sandbox = Sandbox::new().await;
    let text = [manifest("a", POOL, OFF), manifest("b", POOL, OFF)].join("---\n");
    let output = sandbox.run_with_input(&["validate", "-"], &text);
    assert!(output.code == 2 && output.stdout.contains("declares the same pool"), "{output:#?}");
    assert!(output.stderr.contains("mistakes: 2; valid documents: 0"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dangling_link_is_reported_as_a_mistake() {
    let sandbox = Sandbox::new().await;
    sandbox.write_file("all/a.yaml", &manifest("a", POOL, OFF));
    std::os::unix::fs::symlink("gone", sandbox.folder.path().join("all/b.yaml")).unwrap();
    let output = sandbox.run(&["validate", "all"]);
    assert!(
        output.code == 2 && output.stdout.contains("all/b.yaml: this is a link to a file that is not there"),
        "{output:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_cluster_writes_into_metadata_is_noted_and_valid() {
    let sandbox = Sandbox::new().await;
    let got = |name: &str, pool: &str| {
        let metadata = "  uid: u\n  resourceVersion: \"7\"\n  managedFields: []\nspec:";
        manifest(name, pool, OFF).replace("spec:", metadata)
    };
    let one = sandbox.run_with_input(&["validate", "-"], &got("a", POOL));
    assert!(
        one.code == 0
            && one.stderr.starts_with("note: (standard input):1: managedFields, resourceVersion, uid in"),
        "{one:#?}"
    );
    let two = [got("a", POOL), got("b", "us-east-1_Partners")].join("---\n");
    let two = sandbox.run_with_input(&["validate", "-"], &two);
    assert!(
        two.code == 0 && two.stderr.contains("(and in 1 more)") && two.stderr.lines().count() == 1,
        "{two:#?}"
    );
}
