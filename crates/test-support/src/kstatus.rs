//! How Flux, Helm and `kubectl wait`-alikes read an object: the published rules of kstatus
//! (sigs.k8s.io/cli-utils, pkg/kstatus), written down once more.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kstatus {
    InProgress,
    Failed,
    Current,
    Terminating,
}

/// The generation first, then the first of Reconciling and Stalled that is true, then Ready; an object that says
/// none of it counts as done.
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
