//! A thousand objects, their pools, and an operator that can be killed.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use futures::{StreamExt, stream};
use kube::{Config, ResourceExt, api::ListParams};
use serde_json::{Value, json};
use test_support::cluster::{
    install,
    namespace::TestNamespace,
    operator::{Access, Operator},
};
use tokio::time::sleep;

use super::print_result;
use crate::tcp_proxy::{Mode, TcpProxy};

const OBJECTS: usize = 1_000;
/// The longest time from the last fault until all objects are in sync. A refused write is retried after 25 minutes at most,
/// and that after a minute or two only if no other fault came before it.
const CONVERGENCE_LIMIT: Duration = Duration::from_mins(25);
/// The limits on the growth of memory: over the faults, and from the first quiet interval to the second.
const GROWTH_OVER_FAULTS: f64 = 1.25;
const GROWTH_WHILE_QUIET: f64 = 1.02;

pub struct Fleet {
    pub rig: TestNamespace,
    pub api: TcpProxy,
    pools: Vec<String>,
    /// The number of spec changes of each object.
    versions: Vec<u32>,
}

impl Fleet {
    pub async fn new() -> Self {
        let rig = TestNamespace::without_operator().await;
        rig.aws.state().quota.enabled = true;
        let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
        let api = TcpProxy::start(server.authority().expect("an address").to_string()).await;
        let pools = (0..OBJECTS).map(|_| rig.pool()).collect();
        Self { rig, api, pools, versions: vec![0; OBJECTS] }
    }

    pub fn len(&self) -> usize {
        self.pools.len()
    }

    pub async fn start(&mut self) {
        let access = Access {
            token: install::token(&self.rig.client).await,
            server: Some(format!("https://{}", self.api.address)),
        };
        let flags =
            ["--watch-namespaces", &self.rig.namespace, "--drift-check-interval", "1m", "--quota-share", "1"];
        self.rig.operator = Some(Operator::start(&access, &self.rig.aws.url(), &flags, &[]).await);
    }

    /// Kills the operator with SIGKILL.
    pub fn kill(&mut self) {
        self.rig.operator = None;
    }

    /// Changes the spec of an object without weakening MFA.
    pub async fn change_spec(&mut self, number: usize) {
        self.versions[number] += 1;
        self.rig.apply(&name(number), self.spec(number)).await;
    }

    pub async fn create_all(&self) {
        let create = async |number| drop(self.rig.apply(&name(number), self.spec(number)).await);
        stream::iter(0..self.len()).map(create).buffer_unordered(16).collect::<()>().await;
    }

    /// Edits a pool by hand.
    pub fn edit(&self, number: usize, patch: &Value) {
        self.rig.edit(&self.pools[number], patch);
    }

    fn spec(&self, number: usize) -> Value {
        json!({
            "userPoolId": self.pools[number], "mfaConfiguration": "ON",
            "softwareTokenMfaConfiguration": {"enabled": true}, "emailMfaConfiguration": {"message": self.message(number)},
        })
    }

    fn message(&self, number: usize) -> String {
        format!("{{####}} is your code, version {}", self.versions[number])
    }

    /// Counts the calls in the emulator's log by outcome, and clears the log.
    pub fn take_outcomes(&self) -> String {
        let mut counts: HashMap<(String, String), usize> = HashMap::new();
        for call in self.rig.aws.calls() {
            *counts.entry((call.operation.replace("UserPoolMfaConfig", ""), call.outcome)).or_default() += 1;
        }
        self.rig.aws.state().log.clear();
        let mut counts: Vec<_> = counts
            .into_iter()
            .map(|((operation, outcome), count)| format!("{operation} {outcome} {count}"))
            .collect();
        counts.sort();
        counts.join(", ")
    }

    /// Waits until every pool equals its object's spec, and every status says so.
    pub async fn converge(&self) {
        let begin = Instant::now();
        self.api.set_mode(Mode::Open);
        loop {
            let remaining = self.objects_not_in_sync().await;
            if remaining.is_empty() {
                break;
            }
            assert!(
                begin.elapsed() < CONVERGENCE_LIMIT,
                "{} objects are not in sync, such as {:#?}",
                remaining.len(),
                &remaining[..remaining.len().min(3)]
            );
            sleep(Duration::from_secs(1)).await;
        }
        print_result(&format!(
            "all {} in sync {:.0} s after the last fault; {}",
            self.len(),
            begin.elapsed().as_secs_f64(),
            self.take_outcomes()
        ));
    }

    async fn objects_not_in_sync(&self) -> Vec<(String, Value)> {
        let objects =
            self.rig.objects().list(&ListParams::default()).await.expect("the objects are listed").items;
        let is_not_in_sync = |object: &UserPoolMfaConfig| {
            !self.pool_equals_spec(number_of(object)) || !reports_in_sync(object)
        };
        objects
            .into_iter()
            .filter(is_not_in_sync)
            .map(|object| (object.name_any(), json!(object.status)))
            .collect()
    }

    fn pool_equals_spec(&self, number: usize) -> bool {
        let world = self.rig.aws.state();
        let settings = &world.pools.get(&self.pools[number]).expect("the pool is there").live;
        settings.get("MfaConfiguration") == Some(&json!("ON"))
            && settings.get("SoftwareTokenMfaConfiguration") == Some(&json!({"Enabled": true}))
            && settings
                .get("EmailMfaConfiguration")
                .is_some_and(|email| email["Message"] == self.message(number))
    }

    /// The time in which every pool is checked once: a minute, stretched to fit the quota.
    pub async fn interval(&self) -> Duration {
        let (_, page) = self.rig.page("/metrics").await;
        let ratio =
            page.lines().find_map(|line| line.strip_prefix("cognito_mfa_operator_interval_stretch_ratio "));
        Duration::from_mins(1).mul_f64(ratio.expect("the metric is there").parse().expect("a number"))
    }

    /// The median of the operator's resident memory over a duration, in MiB.
    pub async fn median_memory(&self, duration: Duration) -> f64 {
        let (begin, mut samples) = (Instant::now(), Vec::new());
        while begin.elapsed() < duration {
            samples.push(self.rig.operator.as_ref().expect("the operator runs").resident_mib());
            sleep(Duration::from_secs(1)).await;
        }
        samples.sort_by(f64::total_cmp);
        let median = samples[samples.len() / 2];
        let (lowest, highest) = (samples[0], samples[samples.len() - 1]);
        print_result(&format!(
            "resident over {duration:?}: median {median:.1} MiB, {lowest:.1} to {highest:.1}, {} samples",
            samples.len()
        ));
        median
    }

    /// Asserts that for two intervals nothing is written to Cognito or the API server, and that memory does not grow.
    pub async fn stay_quiet(&self, before: f64) {
        let interval = self.interval().await;
        let versions = self.resource_versions().await;
        self.rig.aws.state().log.clear();
        let (first, second) = (self.median_memory(interval).await, self.median_memory(interval).await);
        let after = self.resource_versions().await;
        let written = versions.iter().filter(|(name, version)| after.get(*name) != Some(version)).count();
        let calls = self.rig.aws.calls();
        let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
        let (reads, writes) = (count("GetUserPoolMfaConfig"), count("SetUserPoolMfaConfig"));
        print_result(&format!(
            "two quiet intervals of {interval:?}: {reads} reads, {writes} writes, {written} objects written; {}",
            self.take_outcomes()
        ));
        assert_eq!((writes, written), (0, 0));
        assert!(reads >= 2 * self.len() * 9 / 10, "only {reads} checks");
        assert!(second <= first * GROWTH_WHILE_QUIET, "{first} MiB, then {second}");
        assert!(second <= before * GROWTH_OVER_FAULTS, "{before} MiB before the faults, {second} after");
    }

    /// The resource versions of all objects, which change with every write.
    async fn resource_versions(&self) -> HashMap<String, Option<String>> {
        let objects = self.rig.objects().list(&ListParams::default()).await.expect("the objects are listed");
        objects.into_iter().map(|object| (object.name_any(), object.resource_version())).collect()
    }
}

fn name(number: usize) -> String {
    format!("soak-{number}")
}

fn number_of(object: &UserPoolMfaConfig) -> usize {
    object.name_any().trim_start_matches("soak-").parse().expect("its name ends in its number")
}

fn reports_in_sync(object: &UserPoolMfaConfig) -> bool {
    let Some(status) = &object.status else { return false };
    status.observed_generation == object.metadata.generation
        && status.condition(ConditionType::Ready).is_some_and(|ready| ready.status == "True")
        && status.last_error.is_none()
}
