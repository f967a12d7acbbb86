//! The whole operator with `--observe-only`: it reads and reports, writes nothing to AWS, and forgets nothing.

use cognito_mfa_core::api::v1alpha1::{ALLOW_LOWERING, ConditionType, UserPoolMfaConfig};
use kube::{ResourceExt, runtime::wait::await_condition};
use serde_json::{Value, json};
use test_support::cluster::{
    deadline::DEADLINE,
    namespace::{TestNamespace, totp, with},
};

use crate::{
    invalid_objects::create_with_null_section,
    weakening_limit::{settled_objects, start_with_flags},
};

const NOTE: &str = "The operator runs with --observe-only: it writes nothing to AWS.";

async fn restart(rig: &mut TestNamespace, flags: &[&str]) {
    assert!(rig.stop().await);
    rig.start(flags).await;
}

fn messages(object: &UserPoolMfaConfig) -> Vec<String> {
    let conditions = &object.status.as_ref().expect("a status").conditions;
    conditions.iter().map(|condition| condition.message.clone()).collect()
}

async fn until_deleted(rig: &TestNamespace, name: &str) {
    let is_deleted = |object: Option<&UserPoolMfaConfig>| object.is_none();
    let deleted = await_condition(rig.objects(), name, is_deleted);
    tokio::time::timeout(DEADLINE, deleted).await.expect("it is deleted").expect("the watch works");
}

#[tokio::test]
async fn drift_stays_and_is_reported_until_the_flag_is_gone() {
    let mut rig = TestNamespace::with_operator().await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    let applied = rig.objects().get(&name).await.unwrap().status.unwrap().applied_hash;
    restart(&mut rig, &["--observe-only"]).await;
    rig.operator.as_ref().unwrap().until_logged("nothing is written to AWS").await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    let reported = rig.check(&name).await;
    let status = reported.status.clone().unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "ObserveOnly");
    assert_eq!((status.drift[0].field.as_str(), status.mode.as_deref()), ("mfaConfiguration", Some("OFF")));
    assert_eq!(status.applied_hash, applied);
    let events = rig.events(&name, 2).await;
    assert!(events.iter().any(|(reason, note)| reason == "ObserveOnly" && note.contains("mfaConfiguration")));
    let (code, ready) = rig.page("/readyz").await;
    assert!(code == 200 && ready.contains("observe-only: nothing is written to AWS"), "{ready}");
    let page = rig.page("/metrics").await.1;
    for line in ["observe_only 1", r#"objects{state="ObserveOnly"} 1"#, "lowerings_held 0"] {
        assert!(page.contains(&format!("cognito_mfa_operator_{line}")), "{line} is not in\n{page}");
    }
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (1, json!("OFF")));
    restart(&mut rig, &[]).await;
    let corrected = rig.until(&name, "corrected", |status| !status.corrections.is_empty()).await;
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (2, json!("ON")));
    assert_eq!(messages(&corrected)[0], "Cognito equals the spec.");
    assert!(rig.page("/metrics").await.1.contains("cognito_mfa_operator_observe_only 0"));
}

#[tokio::test]
async fn every_object_says_that_nothing_is_written() {
    let mut rig = start_with_flags(&["--observe-only"]).await;
    let (equal, pool) = (rig.pool(), rig.pool());
    rig.edit(&equal, &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    let observe = with(totp(&rig.pool()), "managementPolicy", json!("Observe"));
    rig.apply("equal", totp(&equal)).await;
    rig.apply("observer", observe).await;
    rig.apply("suspended", with(totp(&rig.pool()), "suspend", json!(true))).await;
    rig.apply("missing", totp("us-east-1_Missing02")).await;
    create_with_null_section(&rig, "invalid", &rig.pool()).await;
    rig.apply("adopting", totp(&pool)).await;
    let reasons = [
        ("equal", "InSync"),
        ("observer", "DriftDetected"),
        ("suspended", "Suspended"),
        ("missing", "PoolNotFound"),
        ("adopting", "ObserveOnly"),
    ];
    for (name, reason) in reasons {
        let messages = messages(&rig.until_reason(name, reason).await);
        assert!(messages.iter().all(|message| message.contains("--observe-only")), "{name}: {messages:?}");
    }
    let is_noted = |object: Option<&kube::core::DynamicObject>| {
        let message = |object: &kube::core::DynamicObject| {
            object.data["status"]["conditions"][0]["message"].as_str().map(str::to_owned)
        };
        object
            .and_then(message)
            .is_some_and(|message| message.contains("write {}") && message.ends_with(NOTE))
    };
    let noted = await_condition(rig.dynamic(), "invalid", is_noted);
    tokio::time::timeout(DEADLINE, noted).await.expect("it is reported").expect("the watch works");
    let adopted = rig.check("equal").await;
    assert!(adopted.status.unwrap().applied_hash.is_some(), "an adoption without a write is recorded");
    let version = rig.objects().get("equal").await.unwrap().resource_version();
    restart(&mut rig, &["--observe-only"]).await;
    rig.until_reason("adopting", "ObserveOnly").await;
    assert_eq!(rig.objects().get("equal").await.unwrap().resource_version(), version, "nothing changed");
    restart(&mut rig, &[]).await;
    rig.until_reason("adopting", "InSync").await;
    let plain = rig.check("equal").await;
    assert_eq!(messages(&plain), ["Cognito equals the spec."; 2]);
    assert_eq!(rig.events("equal", 1).await.len(), 1, "the note is no news");
    assert_eq!((rig.call_counts(&equal).1, rig.call_counts(&pool).1), (0, 1));
}

#[tokio::test]
async fn a_deletion_that_turns_mfa_off_waits_for_an_operator_that_writes() {
    let flags = ["--allow-disable-on-delete", "--observe-only"];
    let mut rig = start_with_flags(&flags[..1]).await;
    let (waiting, retained) = (rig.pool(), rig.pool());
    for (name, pool) in [("waiting", &waiting), ("retained", &retained)] {
        rig.apply_with_finalizer(name, with(totp(pool), "deletionPolicy", json!("Disable"))).await;
    }
    restart(&mut rig, &flags).await;
    for name in ["waiting", "retained"] {
        rig.request_deletion(name).await;
        let message = messages(&rig.until_reason(name, "ObserveOnly").await).remove(0);
        assert!(message.contains("set deletionPolicy: Retain"), "{message}");
    }
    rig.patch("retained", json!({"spec": {"deletionPolicy": "Retain"}})).await;
    until_deleted(&rig, "retained").await;
    assert_eq!((rig.mode(&waiting), rig.mode(&retained)), (json!("ON"), json!("ON")));
    restart(&mut rig, &flags[..1]).await;
    until_deleted(&rig, "waiting").await;
    assert_eq!((rig.mode(&waiting), rig.mode(&retained)), (json!("OFF"), json!("ON")));
}

#[tokio::test]
async fn a_weakening_edit_takes_no_place_in_the_limit_and_keeps_its_approval() {
    let mut rig = start_with_flags(&[]).await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    restart(&mut rig, &["--observe-only", "--max-lowerings-per-hour", "0"]).await;
    let off: Value = json!({"userPoolId": pool, "mfaConfiguration": "OFF"});
    rig.apply(&name, off).await;
    let edited = rig.until_reason(&name, "ObserveOnly").await;
    let approval = json!({ALLOW_LOWERING: edited.metadata.generation.unwrap().to_string()});
    rig.patch(&name, json!({"metadata": {"annotations": approval}})).await;
    let checked = rig.check(&name).await;
    assert_eq!(checked.status.unwrap().condition(ConditionType::Ready).unwrap().reason, "ObserveOnly");
    assert!(rig.page("/metrics").await.1.contains("cognito_mfa_operator_lowerings_held 0"));
    assert_eq!(rig.mode(&pool), json!("ON"));
    restart(&mut rig, &["--max-lowerings-per-hour", "0"]).await;
    rig.until_reason(&name, "InSync").await;
    assert_eq!(rig.mode(&pool), json!("OFF"));
}
