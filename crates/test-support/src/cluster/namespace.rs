//! A namespace with its own emulator and operator, for tests on a real control plane. The operator runs with the
//! rights that deploy/install.yaml grants.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
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
    deadline::DEADLINE,
    install,
    operator::{Access, Operator},
};

/// A namespace of the control plane, an emulator of Cognito, and the operator once it is started.
pub struct TestNamespace {
    pub client: Client,
    pub namespace: String,
    pub aws: Arc<Emulator>,
    pub operator: Option<Operator>,
}

impl TestNamespace {
    /// Creates a namespace and starts an emulator, but no operator.
    pub async fn without_operator() -> Self {
        let client = admin().await;
        install::once(&client).await;
        let namespace = new_namespace(&client).await;
        let aws = Arc::new(Emulator::start().await.expect("the emulator starts"));
        Self { client, namespace, aws, operator: None }
    }

    /// Creates another namespace that uses the same emulator, without an operator of its own.
    pub async fn second_namespace(&self) -> Self {
        let namespace = new_namespace(&self.client).await;
        Self { client: self.client.clone(), namespace, aws: self.aws.clone(), operator: None }
    }

    /// Creates a namespace and starts an emulator and the operator.
    pub async fn with_operator() -> Self {
        let mut namespace = Self::without_operator().await;
        namespace.start(&[]).await;
        namespace
    }

    /// Starts the operator on this namespace with its ServiceAccount's token.
    pub async fn start(&mut self, flags: &[&str]) {
        let namespace = self.namespace.clone();
        self.start_with(&[&["--watch-namespaces", &namespace], flags].concat(), &[]).await;
    }

    /// Starts the operator with these flags. The variables are added to the usual ones or replace them.
    pub async fn start_with(&mut self, flags: &[&str], environment: &[(&str, &str)]) {
        let access = Access { token: install::token(&self.client).await, server: None };
        self.operator = Some(Operator::start(&access, &self.aws.url(), flags, environment).await);
    }

    /// Starts the operator on this namespace with the given access to the API server.
    pub async fn start_as(&mut self, access: &Access, flags: &[&str]) {
        let flags = [&["--watch-namespaces", &self.namespace], flags].concat();
        self.operator = Some(Operator::start(access, &self.aws.url(), &flags, &[]).await);
    }

    /// Requests a page of the running operator. Returns the HTTP status code and the body.
    pub async fn page(&self, path: &str) -> (u16, String) {
        self.operator.as_ref().expect("the operator runs").page(path).await
    }

    /// Sends SIGTERM and waits until the operator exits. Returns whether the exit code was 0.
    pub async fn stop(&mut self) -> bool {
        self.operator.take().expect("the operator runs").stop().await
    }

    /// Creates a pool that accepts every factor. Its id is unique among all test binaries: they share the control
    /// plane, and an older object with the same pool would own it.
    pub fn pool(&self) -> String {
        static POOLS: AtomicU32 = AtomicU32::new(0);
        let id = format!("us-east-1_Test{}x{:05}", std::process::id(), POOLS.fetch_add(1, Ordering::Relaxed));
        self.aws.state().pools.create(&id, Facts::ready());
        id
    }

    /// Changes a pool directly, as an administrator in the console does.
    pub fn edit(&self, pool: &str, patch: &Value) {
        self.aws.state().pools.find(pool).expect("the pool is there").edit_live(patch);
    }

    /// The calls that the operator made for a pool, as (operation, outcome).
    pub fn calls(&self, pool: &str) -> Vec<(String, String)> {
        let about = |call: &Call| call.pool.as_deref() == Some(pool);
        let summary = |call: Call| (call.operation, call.outcome);
        self.aws.calls().into_iter().filter(about).map(summary).collect()
    }

    /// The number of reads and of writes (GetUserPoolMfaConfig, SetUserPoolMfaConfig) of a pool.
    pub fn call_counts(&self, pool: &str) -> (usize, usize) {
        let calls = self.calls(pool);
        let count = |name: &str| calls.iter().filter(|(operation, _)| operation == name).count();
        (count("GetUserPoolMfaConfig"), count("SetUserPoolMfaConfig"))
    }

    /// Waits until the operator has made this many reads and writes of a pool.
    pub async fn until_call_counts(&self, pool: &str, wanted: (usize, usize)) {
        let met = self.aws.calls_until(|_| self.call_counts(pool) == wanted);
        tokio::time::timeout(DEADLINE, met).await.unwrap_or_else(|_| {
            panic!("expected {wanted:?} calls, but got {:?}", self.calls(pool));
        });
    }

    /// Makes the emulator fail the next calls that match.
    pub fn fault(&self, fault: Fault) {
        self.aws.state().faults.push(fault);
    }

    /// Waits until the status matches and is at the object's own generation.
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
            panic!("{name} was not {what} in time; its status: {last:#?}")
        };
        met.expect("the watch works").expect("the object is there")
    }

    /// Waits until the condition Ready has this reason.
    pub async fn until_reason(&self, name: &str, reason: &str) -> UserPoolMfaConfig {
        let has_reason = |status: &UserPoolMfaConfigStatus| {
            status.condition(ConditionType::Ready).is_some_and(|ready| ready.reason == reason)
        };
        self.until(name, reason, has_reason).await
    }

    /// Waits until an object that is created now is younger than this one. Creation times are whole seconds.
    pub async fn until_younger_than(&self, older: &UserPoolMfaConfig) {
        self.until_server_time_after(older, older.creation_timestamp().expect("it was created").0).await;
    }

    /// Waits until the API server's clock shows a later second. A dry-run creation of an object shows its time.
    pub async fn until_server_time_after(&self, example: &UserPoolMfaConfig, time: Timestamp) {
        let probe = PostParams { dry_run: true, ..PostParams::default() };
        let mut object = UserPoolMfaConfig::new("probe", example.spec.clone());
        object.metadata.namespace = Some(self.namespace.clone());
        let poll = async {
            loop {
                let created =
                    self.objects().create(&probe, &object).await.expect("the server accepts the probe");
                if created.creation_timestamp().is_some_and(|created| created.0 > time) {
                    return;
                }
            }
        };
        tokio::time::timeout(DEADLINE, poll).await.expect("the server's clock advances");
    }

    /// Waits until the operator has done what it was going to do at once. A new object is reconciled after all
    /// earlier changes, so its InSync marks the end.
    pub async fn until_idle(&self) {
        let pool = self.pool();
        let name = format!("fence-{}", pool.to_lowercase().replace('_', "-"));
        self.apply(&name, totp(&pool)).await;
        self.until_reason(&name, "InSync").await;
    }

    /// Waits for at least this many events about an object and returns them as (reason, note).
    pub async fn events(&self, name: &str, at_least: usize) -> Vec<(String, String)> {
        let api: Api<Event> = Api::namespaced(self.client.clone(), &self.namespace);
        let about =
            |event: &Event| event.regarding.as_ref().and_then(|object| object.name.as_deref()) == Some(name);
        let poll = async {
            loop {
                let all = api.list(&ListParams::default()).await.expect("events are listed");
                let events: Vec<_> = all.into_iter().filter(about).collect();
                if events.len() >= at_least {
                    return events;
                }
            }
        };
        let events = tokio::time::timeout(DEADLINE, poll).await.expect("the events arrive");
        events
            .into_iter()
            .map(|event| (event.reason.unwrap_or_default(), event.note.unwrap_or_default()))
            .collect()
    }
}

/// A client with the administrator's credentials from KUBECONFIG.
pub async fn admin() -> Client {
    assert!(
        std::env::var_os("KUBECONFIG").is_some(),
        "these tests need a control plane: run `make test`, or tests/tools/control-plane/control-plane run -- cargo test"
    );
    let config = Config::infer().await.expect("KUBECONFIG can be used");
    Client::try_from(config).expect("a client")
}

/// Creates a namespace with a unique name. Returns the name.
pub async fn new_namespace(client: &Client) -> String {
    static NAMESPACES: AtomicU32 = AtomicU32::new(0);
    let name = format!("test-{}-{}", std::process::id(), NAMESPACES.fetch_add(1, Ordering::Relaxed));
    let metadata = ObjectMeta { name: Some(name), ..ObjectMeta::default() };
    let namespace = Namespace { metadata, ..Namespace::default() };
    let api: Api<Namespace> = Api::all(client.clone());
    api.create(&PostParams::default(), &namespace).await.expect("the namespace is created").name_any()
}

/// A spec that requires MFA and has TOTP as its only factor.
pub fn totp(pool: &str) -> Value {
    json!({"userPoolId": pool, "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": true}})
}

/// The spec with one field added or replaced.
pub fn with(mut spec: Value, field: &str, value: Value) -> Value {
    spec[field] = value;
    spec
}
