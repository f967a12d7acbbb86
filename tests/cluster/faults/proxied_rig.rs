//! A rig whose operator reaches both APIs through fault proxies, and whose specs can be identified in Cognito.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use test_support::cluster::{
    install,
    namespace::{TestNamespace, totp, with},
    operator::{Access, Operator},
};
use tokio::sync::watch;

use super::{
    fault_proxy::{FaultProxy, Moment, Pause},
    request_kind::is_aws_request,
};
use crate::replicas::create_free_lease;

pub const SET: &str = "SetUserPoolMfaConfig";
/// Flags with a lease that expires soon after a crash.
const SHORT_LEASE_FLAGS: [&str; 8] = [
    "--allow-disable-on-delete",
    "--leader-elect",
    "--lease-duration",
    "3s",
    "--lease-renew-deadline",
    "2s",
    "--lease-retry-period",
    "400ms",
];

/// A request at which the operator is killed: the n-th of its kind after [`ProxiedRig::arm_crash`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashPoint {
    pub kind: String,
    pub number: usize,
    pub moment: Moment,
}

pub struct ProxiedRig {
    pub rig: TestNamespace,
    pub kube: FaultProxy,
    pub aws: FaultProxy,
    pub pool: String,
    operator: tokio::sync::Mutex<Option<Operator>>,
    crash_point: Option<CrashPoint>,
    armed: watch::Sender<Option<Arc<Pause>>>,
    /// The times at which the steps of the workload ended.
    step_ends: Mutex<Vec<Instant>>,
}

impl ProxiedRig {
    /// Creates a namespace, a pool and the proxies, and starts no operator.
    pub async fn new(crash_point: Option<CrashPoint>) -> Self {
        let rig = TestNamespace::without_operator().await;
        let (kube, aws) = (FaultProxy::of_kube().await, FaultProxy::of_aws(&rig.aws.url()).await);
        let pool = rig.pool();
        Self {
            rig,
            kube,
            aws,
            pool,
            operator: tokio::sync::Mutex::default(),
            crash_point,
            armed: watch::Sender::default(),
            step_ends: Mutex::default(),
        }
    }

    /// Starts an operator behind the proxies.
    pub async fn start(&self, flags: &[&str]) {
        let access =
            Access { token: install::token(&self.rig.client).await, server: Some(self.kube.url.clone()) };
        let flags = [&["--watch-namespaces", &self.rig.namespace], flags].concat();
        *self.operator.lock().await = Some(Operator::start(&access, &self.aws.url, &flags, &[]).await);
    }

    /// Starts an operator with leader election.
    pub async fn start_with_election(&self) {
        let namespace = ["--leader-election-namespace", &self.rig.namespace];
        self.start(&[&SHORT_LEASE_FLAGS[..], &namespace].concat()).await;
    }

    /// Starts an operator with leader election, and waits for the event that it leads.
    pub async fn start_leader(&self) {
        create_free_lease(&self.rig).await;
        self.start_with_election().await;
        self.kube.until_answered("POST events LeaderElected", 1).await;
    }

    /// The n-th spec. The subject of its email identifies it.
    pub fn spec(&self, number: usize) -> Value {
        let email = json!({"message": "code {####}", "subject": subject(number)});
        with(totp(&self.pool), "emailMfaConfiguration", email)
    }

    /// Edits the pool by hand to what the n-th spec declares.
    pub fn edit_pool(&self, number: usize) {
        let email = json!({"Message": "code {####}", "Subject": subject(number)});
        let settings = json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": email});
        self.rig.edit(&self.pool, &settings);
    }

    /// Applies the n-th spec.
    pub async fn apply(&self, name: &str, number: usize) {
        self.rig.apply(name, self.spec(number)).await;
    }

    /// Applies the n-th spec, and waits for its status and event.
    pub async fn apply_and_settle(&self, name: &str, number: usize) {
        self.apply(name, number).await;
        self.rig.until_reason(name, "InSync").await;
        self.kube.until_answered("POST events Updated", 1).await;
    }

    /// Waits until Ready has this reason, and ends the step.
    pub async fn until_reason(&self, name: &str, reason: &str) {
        self.rig.until_reason(name, reason).await;
        self.end_step();
    }

    /// Requests a check, waits until it is done, and ends the step.
    pub async fn check(&self, name: &str) {
        self.rig.check(name).await;
        self.end_step();
    }

    fn end_step(&self) {
        self.step_ends.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    }

    /// Clears the logs, and pauses the operator when it reaches its crash point from now on.
    pub fn arm_crash(&self) {
        self.kube.clear();
        self.aws.clear();
        let Some(CrashPoint { kind, number, moment }) = self.crash_point.clone() else { return };
        let proxy = if is_aws_request(&kind) { &self.aws } else { &self.kube };
        let pause =
            proxy.pause(moment, move |other_kind, other_number| other_kind == kind && other_number == number);
        self.armed.send_replace(Some(pause));
    }

    /// Kills the operator at its crash point, and starts another. Returns the time at which the new one leads.
    pub async fn crash_and_replace(&self) -> Instant {
        let mut armed = self.armed.subscribe();
        let pause = armed.wait_for(Option::is_some).await.expect("the rig lives").clone();
        pause.expect("it is armed").reached().await;
        self.operator.lock().await.take().expect("it runs").kill().await;
        self.start_with_election().await;
        self.operator
            .lock()
            .await
            .as_ref()
            .expect("it runs")
            .until_logged("leading: starting to reconcile")
            .await;
        Instant::now()
    }

    /// The time from `start` to the end of the step in progress, or zero if the last step had ended before.
    pub fn time_to_step_end(&self, start: Instant) -> Duration {
        let step_ends = self.step_ends.lock().unwrap_or_else(PoisonError::into_inner);
        step_ends.iter().find(|end| **end > start).map_or(Duration::ZERO, |end| *end - start)
    }

    /// Waits until the operator has logged a line with these words.
    pub async fn until_logged(&self, words: &str) {
        self.operator.lock().await.as_ref().expect("it runs").until_logged(words).await;
    }

    /// Stops the operator, which finishes and reports the reconciliations in progress.
    pub async fn stop(&self) {
        assert!(self.operator.lock().await.take().expect("it runs").stop().await, "the exit is clean");
    }

    /// The numbers of the specs that were written to the pool, in order. A write of OFF counts as 1.
    pub fn written_specs(&self) -> Vec<usize> {
        let is_write =
            |call: &cognito_emulator::Call| call.operation == SET && call.pool.as_ref() == Some(&self.pool);
        let writes = self.rig.aws.calls().into_iter().filter(is_write);
        let spec_number = |call: cognito_emulator::Call| {
            if call.request["MfaConfiguration"] == "OFF" {
                return 1;
            }
            let subject = call.request["EmailMfaConfiguration"]["Subject"].as_str().map(str::to_owned);
            subject.and_then(|text| text.strip_prefix("spec ")?.parse().ok()).expect("a spec of the test")
        };
        writes.map(spec_number).collect()
    }
}

fn subject(number: usize) -> String {
    format!("spec {number}")
}
