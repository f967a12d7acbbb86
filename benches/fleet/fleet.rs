//! Many objects in one namespace, with one emulator.

use std::{collections::HashSet, time::Duration};

use cognito_emulator::Facts;
use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use futures::{StreamExt, TryStreamExt, stream};
use kube::{
    ResourceExt,
    api::{ListParams, PostParams, WatchEvent, WatchParams},
};
use serde_json::{Value, json};
use test_support::cluster::namespace::TestNamespace;
use tokio::time::Instant;

/// The number of objects that are written concurrently, which is also the operator's default.
pub const CONCURRENCY: usize = 16;
/// Quotas are for each region, so that many regions keep the benchmark below all quotas.
const REGIONS: usize = 100;
const DEADLINE: Duration = Duration::from_mins(15);

pub struct Fleet {
    pub rig: TestNamespace,
    pub size: usize,
    regions: usize,
}

impl Fleet {
    /// Creates the pools of `size` objects, and no objects.
    pub async fn new(size: usize) -> Self {
        Self::in_regions(size, REGIONS).await
    }

    /// The same, with all pools in one region, where their calls have to wait.
    pub async fn in_one_region(size: usize) -> Self {
        Self::in_regions(size, 1).await
    }

    async fn in_regions(size: usize, regions: usize) -> Self {
        let fleet = Self { rig: TestNamespace::without_operator().await, size, regions };
        for number in 0..size {
            fleet.rig.aws.state().pools.create(&fleet.pool(number), Facts::ready());
        }
        fleet
    }

    /// The id of a pool. It contains the namespace, because two fleets may share a control plane.
    pub fn pool(&self, number: usize) -> String {
        let namespace = self.rig.namespace.replace('-', "");
        format!("us-bench-{}_{namespace}x{number}", number % self.regions + 1)
    }

    /// Starts the operator for the fleet, with the whole quota.
    pub async fn start(&mut self, flags: &[&str]) {
        let namespace = self.rig.namespace.clone();
        let flags = [&["--watch-namespaces", &namespace, "--quota-share", "1"], flags].concat();
        // A log line for each reconciliation would be measured, too.
        let quiet = ("RUST_LOG", "warn,cognito_mfa_operator=info,cognito_mfa_operator::controller=warn");
        // The image sets MALLOC_ARENA_MAX, too.
        self.rig.start_with(&flags, &[quiet, ("MALLOC_ARENA_MAX", "1")]).await;
    }

    /// The spec of an object, of about 600 bytes. One in a hundred has a message of 20 kB.
    pub fn spec(&self, number: usize, version: usize) -> Value {
        let length = if number.is_multiple_of(100) { 19_900 } else { 420 };
        let message = format!("{{####}} is your code. {version:05} {}", "x".repeat(length));
        json!({
            "userPoolId": self.pool(number), "mfaConfiguration": "ON",
            "softwareTokenMfaConfiguration": {"enabled": true},
            "emailMfaConfiguration": {"message": message, "subject": "Your code"},
        })
    }

    /// An object as its author creates it.
    pub fn object(&self, number: usize) -> UserPoolMfaConfig {
        let object = json!({
            "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
            "metadata": {"name": name(number)}, "spec": self.spec(number, 0),
        });
        serde_json::from_value(object).expect("an object")
    }

    pub async fn create_objects(&self) {
        let api = self.rig.objects();
        let create = async |number| {
            api.create(&PostParams::default(), &self.object(number)).await.expect("the object is created");
        };
        stream::iter(0..self.size).map(create).buffer_unordered(CONCURRENCY).collect::<()>().await;
    }

    /// Starts a watch. The returned future resolves when all objects are Ready at their generation, to that time.
    pub async fn watch_until_ready(&self) -> impl Future<Output = Instant> + Send + use<> {
        let (api, size) = (self.rig.objects(), self.size);
        let mut version = api
            .list_metadata(&ListParams::default().limit(1))
            .await
            .expect("listed")
            .metadata
            .resource_version;
        let watching = async move {
            let mut ready = HashSet::new();
            while ready.len() < size {
                let from = version.clone().unwrap_or_default();
                let events =
                    api.watch(&WatchParams::default().timeout(290), &from).await.expect("the watch starts");
                let mut events = events.boxed();
                while let Some(event) = events.try_next().await.expect("the watch works") {
                    let (WatchEvent::Added(object) | WatchEvent::Modified(object)) = event else { continue };
                    version = object.resource_version();
                    if is_ready(&object) {
                        ready.insert(object.name_any());
                    }
                    if ready.len() == size {
                        break;
                    }
                }
            }
            Instant::now()
        };
        async move { tokio::time::timeout(DEADLINE, watching).await.expect("all get ready") }
    }

    /// Waits until `/readyz` says that every watch has listed.
    pub async fn until_listed(&self) {
        while self.rig.page("/readyz").await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The number of reads and of writes since the log was last cleared.
    pub fn reads_and_writes(&self) -> (usize, usize) {
        let state = self.rig.aws.state();
        let count =
            |operation: &str| state.log.calls().iter().filter(|call| call.operation == operation).count();
        (count("GetUserPoolMfaConfig"), count("SetUserPoolMfaConfig"))
    }
}

/// The name of an object.
pub fn name(number: usize) -> String {
    format!("pool-{number}")
}

/// Whether the status is of the current generation, and Ready is true.
pub fn is_ready(object: &UserPoolMfaConfig) -> bool {
    let Some(status) = &object.status else { return false };
    status.observed_generation == object.metadata.generation
        && status.condition(ConditionType::Ready).is_some_and(|ready| ready.status == "True")
}
