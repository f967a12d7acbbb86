//! A rig whose operator sees both APIs through fault proxies, and whose declarations can be told apart in Cognito.

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
    call,
    proxy::{FaultProxy, Hold, Moment},
};
use crate::election::free_lease;

pub const SET: &str = "SetUserPoolMfaConfig";
/// A lease that is not waited for long.
const BRIEF: [&str; 8] = [
    "--allow-disable-on-delete",
    "--leader-elect",
    "--lease-duration",
    "3s",
    "--lease-renew-deadline",
    "2s",
    "--lease-retry-period",
    "400ms",
];

/// A request at which the operator is killed: the n-th of its kind after the workload's beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub what: String,
    pub number: usize,
    pub moment: Moment,
}

pub struct Stage {
    pub rig: TestNamespace,
    pub kube: FaultProxy,
    pub aws: FaultProxy,
    pub pool: String,
    operator: tokio::sync::Mutex<Option<Operator>>,
    point: Option<Point>,
    armed: watch::Sender<Option<Arc<Hold>>>,
    /// When the steps of the workload ended.
    steps: Mutex<Vec<Instant>>,
}

impl Stage {
    /// A namespace, a pool and the proxies, no operator yet.
    pub async fn new(point: Option<Point>) -> Self {
        let rig = TestNamespace::without_operator().await;
        let (kube, aws) = (FaultProxy::of_kube().await, FaultProxy::of_aws(&rig.aws.url()).await);
        let pool = rig.pool();
        Self {
            rig,
            kube,
            aws,
            pool,
            operator: tokio::sync::Mutex::default(),
            point,
            armed: watch::Sender::default(),
            steps: Mutex::default(),
        }
    }

    /// Starts an operator behind the proxies.
    pub async fn start(&self, flags: &[&str]) {
        let access =
            Access { token: install::token(&self.rig.client).await, server: Some(self.kube.url.clone()) };
        let flags = [&["--watch-namespaces", &self.rig.namespace], flags].concat();
        *self.operator.lock().await = Some(Operator::start(&access, &self.aws.url, &flags, &[]).await);
    }

    /// Starts an operator that stands for election.
    pub async fn stand(&self) {
        let namespace = ["--leader-election-namespace", &self.rig.namespace];
        self.start(&[&BRIEF[..], &namespace].concat()).await;
    }

    /// Starts one that leads, and waits until it has said so.
    pub async fn lead(&self) {
        free_lease(&self.rig).await;
        self.stand().await;
        self.kube.until_answered("POST events LeaderElected", 1).await;
    }

    /// The n-th declaration: its texts tell it from the others.
    pub fn spec(&self, number: usize) -> Value {
        let email = json!({"message": "code {####}", "subject": subject(number)});
        with(totp(&self.pool), "emailMfaConfiguration", email)
    }

    /// Makes the pool as the n-th declaration would, by hand.
    pub fn edit(&self, number: usize) {
        let email = json!({"Message": "code {####}", "Subject": subject(number)});
        let live = json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": email});
        self.rig.edit(&self.pool, &live);
    }

    /// Declares the n-th.
    pub async fn declare(&self, name: &str, number: usize) {
        self.rig.apply(name, self.spec(number)).await;
    }

    /// Declares the n-th, and waits until all is done and told.
    pub async fn settled(&self, name: &str, number: usize) {
        self.declare(name, number).await;
        self.rig.until_reason(name, "InSync").await;
        self.kube.until_answered("POST events Updated", 1).await;
    }

    /// Waits until Ready has this reason, and notes when.
    pub async fn until(&self, name: &str, reason: &str) {
        self.rig.until_reason(name, reason).await;
        self.step();
    }

    /// Asks for a check, waits until it was made, and notes when.
    pub async fn check(&self, name: &str) {
        self.rig.check(name).await;
        self.step();
    }

    fn step(&self) {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    }

    /// From here on the requests count, and the operator may die.
    pub fn crash_from_here(&self) {
        self.kube.clear();
        self.aws.clear();
        let Some(Point { what, number, moment }) = self.point.clone() else { return };
        let proxy = if call::is_of_aws(&what) { &self.aws } else { &self.kube };
        self.armed.send_replace(Some(proxy.hold(moment, move |kind, at| kind == what && at == number)));
    }

    /// Kills the operator when it has come to the point, and starts another. Returns when that one leads.
    pub async fn crash(&self) -> Instant {
        let mut armed = self.armed.subscribe();
        let hold = armed.wait_for(Option::is_some).await.expect("the stage lives").clone();
        hold.expect("it is armed").reached().await;
        self.operator.lock().await.take().expect("it runs").kill().await;
        self.stand().await;
        self.operator
            .lock()
            .await
            .as_ref()
            .expect("it runs")
            .until_logged("leading: starting to reconcile")
            .await;
        Instant::now()
    }

    /// How long after `then` the next step ended; nothing when all had ended before.
    pub fn next_step(&self, then: Instant) -> Duration {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps.iter().find(|step| **step > then).map_or(Duration::ZERO, |step| *step - then)
    }

    /// Stops the operator; passes that have begun are finished and told.
    pub async fn stop(&self) {
        assert!(self.operator.lock().await.take().expect("it runs").stop().await, "the exit is clean");
    }

    /// The numbers of the declarations that were sent to the pool, in order. OFF is the end of the first.
    pub fn sets(&self) -> Vec<usize> {
        let about =
            |call: &cognito_emulator::Call| call.operation == SET && call.pool.as_ref() == Some(&self.pool);
        let calls = self.rig.aws.calls().into_iter().filter(about);
        let number = |call: cognito_emulator::Call| {
            if call.request["MfaConfiguration"] == "OFF" {
                return 1;
            }
            let subject = call.request["EmailMfaConfiguration"]["Subject"].as_str().map(str::to_owned);
            subject
                .and_then(|text| text.strip_prefix("declaration ")?.parse().ok())
                .expect("a declaration of the test")
        };
        calls.map(number).collect()
    }
}

fn subject(number: usize) -> String {
    format!("declaration {number}")
}
