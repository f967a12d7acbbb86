//! The status that Flux and Helm compute for an object: a reimplementation of the published rules of kstatus
//! (sigs.k8s.io/cli-utils, pkg/kstatus).

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kstatus {
    InProgress,
    Failed,
    Current,
    Terminating,
}

/// Evaluates the observed generation first, then Reconciling and Stalled in their order, then Ready. An object that has
/// none of them is Current.
pub fn kstatus(object: &UserPoolMfaConfig) -> Kstatus {
    let object = serde_json::to_value(object).expect("an object is JSON");
    if object["metadata"]["deletionTimestamp"].is_string() {
        return Kstatus::Terminating;
    }
    let observed = &object["status"]["observedGeneration"];
    if !observed.is_null() && *observed != object["metadata"]["generation"] {
        return Kstatus::InProgress;
    }
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let standard = conditions.iter().filter(|condition| condition["status"] == "True").find_map(standard);
    standard.or_else(|| conditions.iter().find_map(ready)).unwrap_or(Kstatus::Current)
}

fn standard(condition: &Value) -> Option<Kstatus> {
    match condition["type"].as_str() {
        Some("Reconciling") => Some(Kstatus::InProgress),
        Some("Stalled") => Some(Kstatus::Failed),
        _ => None,
    }
}

fn ready(condition: &Value) -> Option<Kstatus> {
    (condition["type"] == "Ready").then(|| match condition["status"].as_str() {
        Some("True") => Kstatus::Current,
        _ => Kstatus::InProgress,
    })
}
