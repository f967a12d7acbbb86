//! Records every version of the objects of a namespace, as the API server stored them.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use futures::{StreamExt, stream::BoxStream};
use kube::{
    ResourceExt,
    api::{ListParams, WatchEvent, WatchParams},
};
use test_support::cluster::{deadline::DEADLINE, namespace::TestNamespace};

/// The versions since [`History::of`], read from a watch on demand.
pub struct History {
    stream: BoxStream<'static, kube::Result<WatchEvent<UserPoolMfaConfig>>>,
    seen: Vec<UserPoolMfaConfig>,
}

impl History {
    /// Starts a history of the namespace now.
    pub async fn of(rig: &TestNamespace) -> Self {
        let objects = rig.objects();
        let version = objects.list(&ListParams::default()).await.expect("listed").metadata.resource_version;
        let version = version.expect("a list has a version");
        let stream = objects.watch(&WatchParams::default(), &version).await.expect("watched").boxed();
        Self { stream, seen: Vec::new() }
    }

    /// Waits for the next version of any object.
    pub async fn next(&mut self) -> UserPoolMfaConfig {
        loop {
            let event = tokio::time::timeout(DEADLINE, self.stream.next()).await.expect("a change comes");
            if let WatchEvent::Added(object) | WatchEvent::Modified(object) =
                event.expect("the watch continues").expect("the watch works")
            {
                self.seen.push(object.clone());
                return object;
            }
        }
    }

    /// The versions of an object so far, including the current one.
    pub async fn versions(&mut self, rig: &TestNamespace, name: &str) -> Vec<UserPoolMfaConfig> {
        let current = rig.objects().get(name).await.expect("the object is there").resource_version();
        let is_current =
            |object: &UserPoolMfaConfig| object.name_any() == name && object.resource_version() == current;
        while !self.seen.iter().any(is_current) {
            self.next().await;
        }
        self.seen.iter().filter(|object| object.name_any() == name).cloned().collect()
    }

    /// The number of status writes of an object so far.
    pub async fn status_writes(&mut self, rig: &TestNamespace, name: &str) -> usize {
        let versions = self.versions(rig, name).await;
        versions.windows(2).filter(|pair| pair[0].status != pair[1].status).count()
    }
}
