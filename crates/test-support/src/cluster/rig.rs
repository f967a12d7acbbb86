//! What a test on the real control plane needs: a namespace and an emulator of its own, and the operator's binary
//! under the rights that deploy/ grants it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use cognito_emulator::{Call, Emulator, Facts, Fault};
use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig, UserPoolMfaConfigStatus};
use jiff::Timestamp;
use k8s_openapi::api::{core::v1::Namespace, events::v1::Event};
use kube::{
    Api, Client, Config, ResourceExt,
    api::{ListParams, PostParams},
    core::ObjectMeta,
    runtime::wait::await_condition,
};
use serde_json::{Value, json};

use super::{
    install,
    operator::{Access, Operator},
};

/// Nothing here takes this long: it only ends a test whose condition never comes.
pub const DEADLINE: Duration = Duration::from_mins(2);

/// A namespace, an emulator, and the operator when it was started.
pub struct Rig {
    pub client: Client,
    pub namespace: String,
    pub aws: Arc<Emulator>,
    pub operator: Option<Operator>,
}

impl Rig {
    /// A namespace and an emulator, no operator yet.
    pub async fn idle() -> Self {
        let client = admin().await;
        install::once(&client).await;
        let namespace = new_namespace(&client).await;
        let aws = Arc::new(Emulator::start().await.expect("the emulator starts"));
        Self { client, namespace, aws, operator: None }
    }

    /// Another namespace before the same emulator, no operator of its own.
    pub async fn beside(&self) -> Self {
        let namespace = new_namespace(&self.client).await;
        Self { client: self.client.clone(), namespace, aws: self.aws.clone(), operator: None }
    }

    /// The same with the operator running.
    pub async fn running() -> Self {
        let mut rig = Self::idle().await;
        rig.start(&[]).await;
        rig
    }

    /// Starts the operator on this namespace, under the token of its ServiceAccount.
    pub async fn start(&mut self, flags: &[&str]) {
        let namespace = self.namespace.clone();
        self.start_with(&[&["--watch-namespaces", &namespace], flags].concat(), &[]).await;
    }

    /// Starts the operator with these flags, and with these variables beside or in place of the usual ones.
    pub async fn start_with(&mut self, flags: &[&str], environment: &[(&str, &str)]) {
        let access = Access { token: install::token(&self.client).await, server: None };
        self.operator = Some(Operator::start(&access, &self.aws.url(), flags, environment).await);
    }

    /// Starts the operator on this namespace with other access to the API server.
    pub async fn start_as(&mut self, access: &Access, flags: &[&str]) {
        let flags = [&["--watch-namespaces", &self.namespace], flags].concat();
        self.operator = Some(Operator::start(access, &self.aws.url(), &flags, &[]).await);
    }

    /// A page of the running operator: its status and its text.
    pub async fn page(&self, path: &str) -> (u16, String) {
        self.operator.as_ref().expect("the operator runs").page(path).await
    }

    /// Sends SIGTERM and waits for the end. Returns whether the exit was clean.
    pub async fn stop(&mut self) -> bool {
        self.operator.take().expect("the operator runs").stop().await
    }

    /// A new pool in the emulator that is ready for every factor. Its id is no other test binary's: their objects stay in
    /// the same control plane, and an older one would own the pool.
    pub fn pool(&self) -> String {
        static POOLS: AtomicU32 = AtomicU32::new(0);
        let id = format!("us-east-1_Test{}x{:05}", std::process::id(), POOLS.fetch_add(1, Ordering::Relaxed));
        self.aws.state().pools.create(&id, Facts::ready());
        id
    }

    /// Changes a live pool as if by somebody's hand.
    pub fn edit(&self, pool: &str, patch: &Value) {
        self.aws.state().pools.find(pool).expect("the pool is there").edit_live(patch);
    }

    /// The calls that the operator made about a pool, as operation and outcome.
    pub fn calls(&self, pool: &str) -> Vec<(String, String)> {
        let about = |call: &Call| call.pool.as_deref() == Some(pool);
        let told = |call: Call| (call.operation, call.outcome);
        self.aws.calls().into_iter().filter(about).map(told).collect()
    }

    /// The number of Gets and of Sets about a pool.
    pub fn cost(&self, pool: &str) -> (usize, usize) {
        let calls = self.calls(pool);
        let count = |name: &str| calls.iter().filter(|(operation, _)| operation == name).count();
        (count("GetUserPoolMfaConfig"), count("SetUserPoolMfaConfig"))
    }

    /// Waits until the operator has made this many Gets and Sets about a pool.
    pub async fn until_cost(&self, pool: &str, wanted: (usize, usize)) {
        let met = self.aws.calls_until(|_| self.cost(pool) == wanted);
        tokio::time::timeout(DEADLINE, met).await.unwrap_or_else(|_| {
            panic!("{wanted:?} calls were never made, but {:?}", self.calls(pool));
        });
    }

    /// Scripts what the next calls meet.
    pub fn fault(&self, fault: Fault) {
        self.aws.state().faults.push(fault);
    }

    /// Waits until the status is as wanted, at the object's own generation.
    pub async fn until(
        &self,
        name: &str,
        what: &str,
        wanted: impl Fn(&UserPoolMfaConfigStatus) -> bool,
    ) -> UserPoolMfaConfig {
        let condition = |object: Option<&UserPoolMfaConfig>| {
            object.is_some_and(|object| {
                let status = object.status.clone().unwrap_or_default();
                status.observed_generation == object.metadata.generation && wanted(&status)
            })
        };
        let met = tokio::time::timeout(DEADLINE, await_condition(self.objects(), name, condition)).await;
        let Ok(met) = met else {
            let last = self.objects().get_opt(name).await.ok().flatten().and_then(|object| object.status);
            panic!("{name} never was {what}; its status: {last:#?}")
        };
        met.expect("the watch works").expect("the object is there")
    }

    /// Waits until Ready has this reason.
    pub async fn until_reason(&self, name: &str, reason: &str) -> UserPoolMfaConfig {
        let told = |status: &UserPoolMfaConfigStatus| {
            status.condition(ConditionType::Ready).is_some_and(|ready| ready.reason == reason)
        };
        self.until(name, reason, told).await
    }

    /// Waits until an object that is created now is younger than this one: creation times are whole seconds.
    pub async fn after(&self, older: &UserPoolMfaConfig) {
        self.past(older, older.creation_timestamp().expect("it was created").0).await;
    }

    /// Waits until the server's clock shows a later second.
    pub async fn past(&self, example: &UserPoolMfaConfig, time: Timestamp) {
        let probe = PostParams { dry_run: true, ..PostParams::default() };
        let mut object = UserPoolMfaConfig::new("probe", example.spec.clone());
        object.metadata.namespace = Some(self.namespace.clone());
        let look = async {
            loop {
                let born = self.objects().create(&probe, &object).await.expect("the server takes the probe");
                if born.creation_timestamp().is_some_and(|born| born.0 > time) {
                    return;
                }
            }
        };
        tokio::time::timeout(DEADLINE, look).await.expect("the server's clock goes on");
    }

    /// Waits until the operator has passed over an object that was created after all else: what it was going to do
    /// at once, it has done.
    pub async fn settle(&self) {
        let pool = self.pool();
        let name = format!("fence-{}", pool.to_lowercase().replace('_', "-"));
        self.apply(&name, totp(&pool)).await;
        self.until_reason(&name, "InSync").await;
    }

    /// The events about an object, as reason and note, once there are at least this many.
    pub async fn events(&self, name: &str, at_least: usize) -> Vec<(String, String)> {
        let api: Api<Event> = Api::namespaced(self.client.clone(), &self.namespace);
        let about =
            |event: &Event| event.regarding.as_ref().and_then(|object| object.name.as_deref()) == Some(name);
        let look = async {
            loop {
                let all = api.list(&ListParams::default()).await.expect("events are listed");
                let told: Vec<_> = all.into_iter().filter(about).collect();
                if told.len() >= at_least {
                    return told;
                }
            }
        };
        let told = tokio::time::timeout(DEADLINE, look).await.expect("the events come");
        told.into_iter()
            .map(|event| (event.reason.unwrap_or_default(), event.note.unwrap_or_default()))
            .collect()
    }
}

/// The administrator's client.
pub async fn admin() -> Client {
    assert!(
        std::env::var_os("KUBECONFIG").is_some(),
        "these tests need a control plane: run `make test`, or tests/tools/control-plane/control-plane run -- cargo test"
    );
    let config = Config::infer().await.expect("KUBECONFIG can be used");
    Client::try_from(config).expect("a client")
}

/// A new namespace.
pub async fn new_namespace(client: &Client) -> String {
    static NAMESPACES: AtomicU32 = AtomicU32::new(0);
    let name = format!("test-{}-{}", std::process::id(), NAMESPACES.fetch_add(1, Ordering::Relaxed));
    let metadata = ObjectMeta { name: Some(name), ..ObjectMeta::default() };
    let namespace = Namespace { metadata, ..Namespace::default() };
    let api: Api<Namespace> = Api::all(client.clone());
    api.create(&PostParams::default(), &namespace).await.expect("the namespace is created").name_any()
}

/// A spec with TOTP for everyone.
pub fn totp(pool: &str) -> Value {
    json!({"userPoolId": pool, "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": true}})
}

/// A spec with one more field.
pub fn with(mut spec: Value, field: &str, value: Value) -> Value {
    spec[field] = value;
    spec
}
