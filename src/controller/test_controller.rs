//! A controller for unit tests: its parts without the loop, an API server and AWS.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::access::accounts::Accounts;
use kube::{Client, Config, runtime::watcher::Event};
use serde_json::{Value, json};
use test_support::cluster::deadline::DEADLINE;

use super::{
    context::{Context, Options},
    dispatch::dispatch_due,
    leader_election::leadership::Leadership,
    watch::{Relists, WatchHandle, Watches},
};
use crate::{
    aws::{AwsOptions, Cognito, Dispatch, Dispatches, StartTurn},
    ops::metrics::Metrics,
};

pub struct TestController {
    pub context: Context,
    watches: Watches,
    dispatches: Dispatches,
}

impl TestController {
    /// A controller whose watches of these namespaces, which are in alphabetical order, have listed nothing yet.
    pub async fn new(namespaces: &[&str], accounts: Accounts) -> Self {
        let config = Config::new("http://127.0.0.1:1".parse().unwrap());
        let namespaces: Vec<_> = namespaces.iter().copied().map(String::from).collect();
        let (watches, health) = Watches::new(&config, &namespaces).unwrap();
        let aws = AwsOptions { region: Some("eu-west-1".into()), ..AwsOptions::default() };
        let (cognito, dispatches) =
            Cognito::with_dispatches(aws, options().quota_share, 1, Arc::new(|_| {})).await.unwrap();
        let handle = WatchHandle { states: health.watches.clone(), relists: Relists::new().0 };
        let (client, metrics) = (Client::try_from(config).unwrap(), Arc::new(Metrics::default()));
        let context =
            Context::new(options(), client, cognito, Leadership::alone(), metrics, accounts, handle);
        Self { context, watches, dispatches }
    }

    /// Has a watch list these objects, and ends its list.
    pub fn list(&mut self, watch: usize, objects: &[Value]) {
        self.list_in_part(watch, objects);
        self.watches.handle((watch, Ok(Event::InitDone)), &self.context);
    }

    /// Has a watch list these objects, and more to come.
    pub fn list_in_part(&mut self, watch: usize, objects: &[Value]) {
        self.watches.handle((watch, Ok(Event::Init)), &self.context);
        for object in objects {
            let object = serde_json::from_value(object.clone()).unwrap();
            self.watches.handle((watch, Ok(Event::InitApply(object))), &self.context);
        }
    }

    /// Has a watch show an object that is new or has changed.
    pub fn show(&mut self, watch: usize, object: &Value) {
        let object = serde_json::from_value(object.clone()).unwrap();
        self.watches.handle((watch, Ok(Event::Apply(object))), &self.context);
    }

    /// Dispatches all objects that are due, and starts none.
    pub fn dispatch_all_due(&mut self) {
        while let Ok(dispatch) = self.dispatches.try_recv() {
            if let Dispatch::Due(key) = dispatch {
                dispatch_due(&key, &self.context);
            }
        }
    }

    /// Dispatches all objects that are due, until the reconciliation of this one starts. Returns its turn.
    pub async fn start_of(&mut self, wanted: &str) -> StartTurn {
        loop {
            let dispatch = tokio::time::timeout(DEADLINE, self.dispatches.recv()).await.expect("it starts");
            match dispatch.expect("the queue lives") {
                Dispatch::Due(key) => dispatch_due(&key, &self.context),
                Dispatch::Start(key, turn) if &*key == wanted => return turn,
                Dispatch::Start(..) => {}
            }
        }
    }
}

fn options() -> Options {
    Options {
        operator: "test".into(),
        accounts_file: None,
        interval: Duration::from_mins(10),
        concurrency: 1,
        quota_share: 0.05,
        tolerated: Vec::new(),
        write_timeout: Duration::from_secs(15),
        observe_only: false,
        allow_disable: true,
        max_lowerings: 10,
        references: Vec::new(),
        election: None,
    }
}

/// An object that was created in this second of a minute, whose spec has these fields.
pub fn object(namespace: &str, name: &str, second: u8, fields: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1",
        "kind": "UserPoolMfaConfig",
        "metadata": {
            "namespace": namespace, "name": name, "uid": format!("{namespace}/{name}"), "generation": 1,
            "creationTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
        },
        "spec": {"userPoolId": "eu-west-1_Own", "mfaConfiguration": "OFF"},
    });
    for (field, value) in fields.as_object().expect("an object of JSON") {
        object["spec"][field] = value.clone();
    }
    object
}
