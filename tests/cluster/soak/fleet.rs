//! A thousand objects under random faults, and then quiet.

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
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

use super::{
    asked_for,
    chaos::{Deeds, Dice, mishap},
    tell,
};
use crate::proxy::{Mode, Proxy};

const OBJECTS: usize = 1_000;
/// How long things go wrong with kills, and how long then without.
const ROUGH: Duration = Duration::from_mins(2);
const LESS_ROUGH: Duration = Duration::from_mins(2);
/// All are to be equal so long after the last fault: what was refused is tried again after a minute or two.
const CONVERGED: Duration = Duration::from_mins(10);
/// The same process may hold so much more after two minutes of faults, and so much more in the second quiet interval than
/// in the first.
const AFTER_FAULTS: f64 = 1.25;
const WHILE_QUIET: f64 = 1.02;

/// The objects and their pools, and the operator between them.
pub struct Fleet {
    pub rig: TestNamespace,
    pub api: Proxy,
    pools: Vec<String>,
    /// How often each object was declared.
    versions: Vec<u32>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_objects_converge_after_random_faults_and_then_nothing_is_set_or_written_or_kept() {
    if !asked_for("a thousand objects under random faults") {
        return;
    }
    let seed = std::env::var("SOAK_SEED").map_or_else(|_| any_seed(), |seed| seed.parse().expect("a number"));
    tell(&format!("SOAK_SEED={seed}"));
    let (mut dice, mut fleet) = (Dice::of(seed), Fleet::new().await);
    fleet.start().await;
    fleet.declare_all().await;
    suffer(&mut fleet, &mut dice, ROUGH, true).await;
    fleet.kill();
    fleet.start().await;
    fleet.converge().await;
    let before = fleet.memory_over(fleet.interval().await).await;
    suffer(&mut fleet, &mut dice, LESS_ROUGH, false).await;
    fleet.converge().await;
    // What was set last has its confirming Get, and is told.
    sleep(fleet.interval().await).await;
    fleet.stay_quiet(before).await;
}

fn any_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

async fn suffer(fleet: &mut Fleet, dice: &mut Dice, time: Duration, kills: bool) {
    fleet.rig.aws.state().log.clear();
    let (begin, mut deeds) = (Instant::now(), Deeds::default());
    while begin.elapsed() < time {
        *deeds.entry(mishap(fleet, dice, kills).await).or_default() += 1;
        sleep(Duration::from_millis(300)).await;
    }
    fleet.rig.aws.state().faults.clear();
    tell(&format!("{time:?} of faults: {deeds:?}; {}", outcomes(fleet)));
}

/// The calls since the log was last cleared, by outcome.
fn outcomes(fleet: &Fleet) -> String {
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    for call in fleet.rig.aws.calls() {
        *counts.entry((call.operation.replace("UserPoolMfaConfig", ""), call.outcome)).or_default() += 1;
    }
    fleet.rig.aws.state().log.clear();
    let mut counts: Vec<_> = counts
        .into_iter()
        .map(|((operation, outcome), count)| format!("{operation} {outcome} {count}"))
        .collect();
    counts.sort();
    counts.join(", ")
}

impl Fleet {
    async fn new() -> Self {
        let rig = TestNamespace::without_operator().await;
        rig.aws.state().quota.enabled = true;
        let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
        let api = Proxy::start(server.authority().expect("an address").to_string()).await;
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

    /// Declares an object anew: nothing that lowers protection.
    pub async fn declare(&mut self, number: usize) {
        self.versions[number] += 1;
        self.rig.apply(&name(number), self.spec(number)).await;
    }

    async fn declare_all(&self) {
        let declare = async |number| drop(self.rig.apply(&name(number), self.spec(number)).await);
        stream::iter(0..self.len()).map(declare).buffer_unordered(16).collect::<()>().await;
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

    /// Waits until every pool has what its object declares and every object says so.
    async fn converge(&self) {
        let begin = Instant::now();
        self.api.turn(Mode::Open);
        loop {
            let left = self.left().await;
            if left.is_empty() {
                break;
            }
            assert!(
                begin.elapsed() < CONVERGED,
                "{} are left, such as {:#?}",
                left.len(),
                &left[..left.len().min(3)]
            );
            sleep(Duration::from_secs(1)).await;
        }
        tell(&format!(
            "all {} equal and told {:.0} s after the last fault; {}",
            self.len(),
            begin.elapsed().as_secs_f64(),
            outcomes(self)
        ));
    }

    /// The objects that are not told to be equal, or whose pools are not.
    async fn left(&self) -> Vec<(String, Value)> {
        let objects =
            self.rig.objects().list(&ListParams::default()).await.expect("the objects are listed").items;
        let wrong = |object: &UserPoolMfaConfig| !self.is_equal(number_of(object)) || !is_told_equal(object);
        objects.into_iter().filter(wrong).map(|object| (object.name_any(), json!(object.status))).collect()
    }

    fn is_equal(&self, number: usize) -> bool {
        let state = self.rig.aws.state();
        let live = &state.pools.get(&self.pools[number]).expect("the pool is there").live;
        live.get("MfaConfiguration") == Some(&json!("ON"))
            && live.get("SoftwareTokenMfaConfiguration") == Some(&json!({"Enabled": true}))
            && live.get("EmailMfaConfiguration").is_some_and(|email| email["Message"] == self.message(number))
    }

    /// How long it takes until every pool was checked: a minute, stretched to fit the quota.
    async fn interval(&self) -> Duration {
        let (_, page) = self.rig.page("/metrics").await;
        let ratio =
            page.lines().find_map(|line| line.strip_prefix("cognito_mfa_operator_interval_stretch_ratio "));
        Duration::from_mins(1).mul_f64(ratio.expect("the metric is there").parse().expect("a number"))
    }

    /// The median of the operator's resident memory over a time, in MiB.
    async fn memory_over(&self, time: Duration) -> f64 {
        let (begin, mut samples) = (Instant::now(), Vec::new());
        while begin.elapsed() < time {
            samples.push(self.rig.operator.as_ref().expect("it runs").resident_mib());
            sleep(Duration::from_secs(1)).await;
        }
        samples.sort_by(f64::total_cmp);
        let median = samples[samples.len() / 2];
        let (least, most) = (samples[0], samples[samples.len() - 1]);
        tell(&format!(
            "resident over {time:?}: median {median:.1} MiB, {least:.1} to {most:.1}, {} samples",
            samples.len()
        ));
        median
    }

    /// Two intervals in which nothing may be set or written, and nothing is kept.
    async fn stay_quiet(&self, before: f64) {
        let interval = self.interval().await;
        let versions = self.resource_versions().await;
        self.rig.aws.state().log.clear();
        let (first, second) = (self.memory_over(interval).await, self.memory_over(interval).await);
        let after = self.resource_versions().await;
        let written = versions.iter().filter(|(name, version)| after.get(*name) != Some(version)).count();
        let calls = self.rig.aws.calls();
        let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
        let (gets, sets) = (count("GetUserPoolMfaConfig"), count("SetUserPoolMfaConfig"));
        tell(&format!(
            "two quiet intervals of {interval:?}: {gets} Gets, {sets} Sets, {written} objects written; {}",
            outcomes(self)
        ));
        assert_eq!((sets, written), (0, 0));
        assert!(gets >= 2 * self.len() * 9 / 10, "the pools are checked: {gets}");
        assert!(second <= first * WHILE_QUIET, "{first} MiB, then {second}");
        assert!(second <= before * AFTER_FAULTS, "{before} MiB before the faults, {second} after");
    }

    /// A write of any kind gives an object another one.
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

fn is_told_equal(object: &UserPoolMfaConfig) -> bool {
    let Some(status) = &object.status else { return false };
    status.observed_generation == object.metadata.generation
        && status.condition(ConditionType::Ready).is_some_and(|ready| ready.status == "True")
        && status.last_error.is_none()
}
