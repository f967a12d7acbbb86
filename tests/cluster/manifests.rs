//! Manifests that kubectl applies: those of deploy/, and those with typing errors.

use cognito_mfa_core::api::v1alpha1;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::PodTemplateSpec};
use kube::api::ListParams;
use serde_json::{Value, json};
use test_support::cluster::{kubectl::kubectl, namespace::TestNamespace};

fn manifest(spec: &str) -> String {
    format!(
        "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata: {{name: typed}}\nspec:\n  userPoolId: eu-west-1_a\n{spec}"
    )
}

#[tokio::test]
async fn kubectl_applies_all_of_deploy() {
    let rig = TestNamespace::without_operator().await;
    let applied = kubectl("apply -f deploy/install.yaml", "").await;
    assert!(applied.ok && applied.err.is_empty(), "{}", applied.err);
    assert!(applied.out.lines().all(|line| line.ends_with(" unchanged")), "{}", applied.out);
    let samples = kubectl(&format!("apply -n {} -R -f deploy/samples", rig.namespace), "").await;
    assert!(samples.ok && samples.err.is_empty(), "{}", samples.err);
    let objects =
        rig.objects().list(&ListParams::default()).await.expect("the operator can read every sample");
    let files =
        |folder| std::fs::read_dir(folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file());
    let samples = files("deploy/samples").chain(files("deploy/samples/references"));
    assert_eq!(objects.items.len(), samples.count());
}

#[tokio::test]
async fn the_printed_crd_can_be_piped_into_kubectl() {
    TestNamespace::without_operator().await;
    let applied = kubectl(
        "apply --server-side --dry-run=server --field-manager test -f -",
        &v1alpha1::crd_yaml().unwrap(),
    )
    .await;
    assert!(applied.ok, "{}", applied.err);
}

#[tokio::test]
async fn an_unquoted_mode_is_refused_as_a_boolean() {
    let rig = TestNamespace::without_operator().await;
    let create = format!("create -n {} -f -", rig.namespace);
    let totp = "  softwareTokenMfaConfiguration: {enabled: true}\n";
    let unquoted = kubectl(&create, &manifest(&format!("  mfaConfiguration: ON\n{totp}"))).await;
    assert!(!unquoted.ok && unquoted.err.contains("must be of type string: \"boolean\""), "{}", unquoted.err);
    let quoted = kubectl(&create, &manifest(&format!("  mfaConfiguration: \"ON\"\n{totp}"))).await;
    assert!(quoted.ok, "{}", quoted.err);
}

#[tokio::test]
async fn a_mistyped_field_is_refused_at_every_depth() {
    let rig = TestNamespace::without_operator().await;
    for command in ["create", "apply", "apply --server-side"] {
        let command = format!("{command} -n {} --dry-run=server -f -", rig.namespace);
        for (field, name) in [
            ("  softwareTokenMfaConfig: {enabled: true}\n", "softwareTokenMfaConfig"),
            ("  emailMfaConfiguration: {text: hello}\n", "text"),
            ("  smsMfaConfiguration: {smsConfiguration: {eumsSms: {callerARN: x}}}\n", "callerARN"),
        ] {
            let refused =
                kubectl(&command, &manifest(&format!("  mfaConfiguration: \"OFF\"\n{field}"))).await;
            assert!(!refused.ok && refused.err.contains(name), "{command}: {}", refused.err);
        }
    }
}

/// The manifest of the Deployment's Pod, with or without its security contexts.
fn pod(with_security_context: bool) -> String {
    let mut template = serde_json::to_value(pod_template()).expect("a template is JSON");
    template["metadata"]["name"] = json!("operator");
    template["apiVersion"] = json!("v1");
    template["kind"] = json!("Pod");
    if !with_security_context {
        template["spec"]["securityContext"] = Value::Null;
        template["spec"]["containers"][0]["securityContext"] = Value::Null;
    }
    template.to_string()
}

fn pod_template() -> PodTemplateSpec {
    let file = include_str!("../../deploy/kustomize/base/deployment.yaml");
    let deployment: Deployment = serde_saphyr::from_str(file).expect("a Deployment");
    deployment.spec.expect("a Deployment has a spec").template
}

#[tokio::test]
async fn the_pod_meets_the_restricted_pod_security_standard() {
    TestNamespace::without_operator().await;
    let create = "create --dry-run=server -n cognito-mfa-operator -f -";
    let accepted = kubectl(create, &pod(true)).await;
    assert!(accepted.ok && accepted.err.is_empty(), "{}", accepted.err);
    let refused = kubectl(create, &pod(false)).await;
    assert!(!refused.ok && refused.err.contains("violates PodSecurity \"restricted"), "{}", refused.err);
}

/// The control plane runs no Pods, so the Deployment's arguments are compared with the program's help.
#[tokio::test]
async fn the_deployment_uses_only_flags_variables_and_paths_of_the_program() {
    let container = pod_template().spec.unwrap().containers.remove(0);
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_cognito-mfa-operator"));
    let help = String::from_utf8(program.args(["run", "--help"]).output().await.unwrap().stdout).unwrap();
    let arguments = container.args.unwrap();
    assert_eq!(arguments[0], "run");
    assert!(arguments.contains(&"--leader-elect".to_owned()), "{arguments:?}");
    for argument in &arguments[1..] {
        let flag = argument.split('=').next().unwrap();
        assert!(help.contains(&format!("{flag} <")) || help.contains(&format!("{flag}\n")), "{argument}");
    }
    for variable in container.env.unwrap() {
        let is_from_pod = variable.value_from.is_some() && help.contains(&variable.name);
        assert!(
            is_from_pod || variable.name == "RUST_LOG" || help.contains(&format!("[env: {}=", variable.name)),
            "the program does not read {}",
            variable.name
        );
    }
    let port = container.ports.unwrap().remove(0).container_port;
    assert!(help.contains(&format!("[default: :{port}]")), "{help}");
    let mut rig = TestNamespace::without_operator().await;
    rig.start(&[]).await;
    for probe in [container.liveness_probe, container.readiness_probe] {
        let path = probe.unwrap().http_get.unwrap().path.unwrap();
        assert_ne!(rig.operator.as_ref().unwrap().page(&path).await.0, 404, "{path}");
    }
}
