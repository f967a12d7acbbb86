//! The operator's process: its shutdown, its metrics and missing rights.

use std::time::Duration;

use cognito_emulator::{Effect, Fault};
use cognito_mfa_core::api::v1alpha1::ConditionType;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, api::PostParams};
use serde_json::json;
use test_support::cluster::{
    deadline::DEADLINE,
    install,
    namespace::{TestNamespace, totp},
    operator::Access,
};

#[tokio::test]
async fn sigterm_finishes_and_reports_the_write_in_flight() {
    let mut rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    stop_during(&mut rig, "SetUserPoolMfaConfig", &pool).await;
    assert_eq!(rig.call_counts(&pool), (1, 1));
    let status = rig.objects().get("last").await.unwrap().status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "InSync");
}

#[tokio::test]
async fn sigterm_starts_no_write_and_the_next_start_does() {
    let mut rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    stop_during(&mut rig, "GetUserPoolMfaConfig", &pool).await;
    assert_eq!(rig.call_counts(&pool), (1, 0));
    rig.start(&[]).await;
    rig.until_reason("last", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

/// Creates an object, and stops the operator while this call about its pool is in flight.
async fn stop_during(rig: &mut TestNamespace, operation: &str, pool: &str) {
    rig.fault(Fault::next(operation, Effect::Delay).delayed(Duration::from_secs(2)));
    rig.apply("last", totp(pool)).await;
    let first_call = rig.aws.calls_until(|calls| calls.iter().any(|call| call.operation == operation));
    tokio::time::timeout(DEADLINE, first_call).await.expect("the call comes");
    assert!(rig.stop().await, "the exit is clean");
}

#[tokio::test]
async fn metrics_count_calls_corrections_and_states_and_contain_no_names() {
    let rig = TestNamespace::with_operator().await;
    let pools = [rig.pool(), rig.pool(), rig.pool()];
    rig.apply("counted-a", totp(&pools[0])).await;
    rig.until_reason("counted-a", "InSync").await;
    rig.edit(&pools[0], &json!({"MfaConfiguration": "OFF"}));
    rig.check("counted-a").await;
    rig.aws.state().pools.remove(&pools[1]);
    rig.apply("counted-b", totp(&pools[1])).await;
    rig.until_reason("counted-b", "PoolNotFound").await;
    rig.apply("counted-c", totp(&pools[2])).await;
    rig.until_reason("counted-c", "InSync").await;
    rig.delete("counted-c").await;
    rig.until_idle().await;
    let (code, page) = rig.page("/metrics").await;
    assert_eq!(code, 200);
    for line in [
        r#"cognito_mfa_operator_reconciliations_total{outcome="InSync"} 4"#,
        r#"cognito_mfa_operator_aws_calls_total{operation="SetUserPoolMfaConfig",code="OK"} 4"#,
        r#"code="ResourceNotFoundException"} "#,
        r#"cognito_mfa_operator_aws_call_duration_seconds_count{operation="GetUserPoolMfaConfig"} "#,
        r#"cognito_mfa_operator_drift_corrections_total{lowered="false"} 1"#,
        r#"cognito_mfa_operator_objects{state="PoolNotFound"} 1"#,
        r#"cognito_mfa_operator_objects{state="InSync"} 2"#,
        "cognito_mfa_operator_oldest_check_age_seconds ",
    ] {
        assert!(page.contains(line), "{line} is not in\n{page}");
    }
    for name in [&*rig.namespace, "counted-", "us-east-1", "_Test", "fence"] {
        assert!(!page.contains(name), "{name} is in\n{page}");
    }
}

#[tokio::test]
async fn an_operator_without_rights_keeps_running_unready_and_logs_why() {
    let mut rig = TestNamespace::without_operator().await;
    let account: ServiceAccount = serde_json::from_value(json!({"metadata": {"name": "nobody"}})).unwrap();
    let accounts = Api::namespaced(rig.client.clone(), &rig.namespace);
    accounts.create(&PostParams::default(), &account).await.unwrap();
    let token = install::token_of(&accounts, "nobody").await;
    rig.start_as(&Access { token, server: None }, &[]).await;
    rig.operator.as_ref().unwrap().until_logged("may the operator list and watch").await;
    let (code, page) = rig.page("/readyz").await;
    assert!(code == 503 && page.contains("not every watch has listed"), "{code} {page}");
    assert_eq!(rig.page("/healthz").await.0, 200);
    assert!(rig.stop().await, "the exit is clean");
}
