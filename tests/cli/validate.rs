//! The command `validate`.

use serde_json::json;

use crate::ran::{Desk, OFF, POOL, TOTP_ON, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn valid_manifests_end_with_0_and_without_a_call_to_aws() {
    let desk = Desk::new().await;
    desk.file("good/a.yaml", &manifest("a", POOL, TOTP_ON));
    desk.file("good/deeper/b.yml", &manifest("b", "us-east-1_Partners", OFF));
    desk.file("good/.git/c.yaml", "no: manifest");
    desk.file("good/..data/a.yaml", &manifest("a", POOL, TOTP_ON));
    desk.file("good/notes.txt", "no manifest");
    let ran = desk.run(&["validate", "good"]);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (0, "ok: 2 valid\n", ""));
    assert!(desk.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_problem_has_its_file_and_line_and_hides_no_other_document() {
    let desk = Desk::new().await;
    let bad = manifest("bad", POOL, "mfaConfiguration: ON\nemailMfaConfiguration:");
    let text = [manifest("good", POOL, OFF), bad, "a: [\n".into(), manifest("Bad", POOL, OFF)].join("---\n");
    desk.file("all.yaml", &text);
    let ran = desk.run(&["validate", "all.yaml"]);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(ran.code, 2);
    assert_eq!(lines.len(), 4, "{ran:#?}");
    assert!(
        lines[0].starts_with("all.yaml:15: spec.mfaConfiguration: YAML reads a bare ON as true"),
        "{ran:#?}"
    );
    assert!(lines[1].starts_with("all.yaml:16: spec.emailMfaConfiguration: nothing stands"), "{ran:#?}");
    assert!(lines[2].starts_with("all.yaml:18") && lines[2].contains("cannot be read as YAML"), "{ran:#?}");
    assert!(lines[3].starts_with("all.yaml:23: metadata.name: a name has"), "{ran:#?}");
    assert!(ran.err.contains("mistakes: 4; valid documents: 1"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_are_printed_as_json() {
    let desk = Desk::new().await;
    let ran = desk.fed(&["validate", "-o", "json", "-"], &manifest("a", POOL, "mfaConfiguration: \"Of\""));
    assert_eq!(ran.code, 2);
    let problems = ran.json();
    assert_eq!(problems[0]["file"], json!("(standard input)"));
    assert_eq!((&problems[0]["line"], &problems[0]["field"]), (&json!(7), &json!("spec.mfaConfiguration")));
    assert_eq!(desk.fed(&["validate", "-o", "json", "-"], &manifest("a", POOL, OFF)).out, "[]\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_samples_are_valid() {
    let desk = Desk::new().await;
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/samples");
    let ran = desk.run(&["validate", samples]);
    assert_eq!(ran.code, 0, "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_documents_for_one_pool_are_a_problem() {
    let desk = Desk::new().await;
    let text = [manifest("a", POOL, OFF), manifest("b", POOL, OFF)].join("---\n");
    let ran = desk.fed(&["validate", "-"], &text);
    assert!(ran.code == 2 && ran.out.contains("declares the same pool"), "{ran:#?}");
    assert!(ran.err.contains("mistakes: 2; valid documents: 0"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_missing_manifest_is_a_problem() {
    let desk = Desk::new().await;
    desk.file("all/a.yaml", &manifest("a", POOL, OFF));
    std::os::unix::fs::symlink("gone", desk.folder.path().join("all/b.yaml")).unwrap();
    let ran = desk.run(&["validate", "all"]);
    assert!(
        ran.code == 2 && ran.out.contains("all/b.yaml: this is a link to a file that is not there"),
        "{ran:#?}"
    );
}
