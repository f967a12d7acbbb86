//! Every version of the objects of a namespace, as the API server stored them.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use futures::{StreamExt, stream::BoxStream};
use kube::{
    ResourceExt,
    api::{ListParams, WatchEvent, WatchParams},
};
use test_support::cluster::namespace::{DEADLINE, TestNamespace};

/// A watch that is read when it is asked.
pub struct History {
    stream: BoxStream<'static, kube::Result<WatchEvent<UserPoolMfaConfig>>>,
    seen: Vec<UserPoolMfaConfig>,
}

impl History {
    /// From now on.
    pub async fn of(rig: &TestNamespace) -> Self {
        let objects = rig.objects();
        let now = objects.list(&ListParams::default()).await.expect("listed").metadata.resource_version;
        let from = now.expect("a list has a version");
        let stream = objects.watch(&WatchParams::default(), &from).await.expect("watched").boxed();
        Self { stream, seen: Vec::new() }
    }

    /// The next version of any object.
    pub async fn next(&mut self) -> UserPoolMfaConfig {
        loop {
            let event = tokio::time::timeout(DEADLINE, self.stream.next()).await.expect("a change comes");
            if let WatchEvent::Added(object) | WatchEvent::Modified(object) =
                event.expect("the watch goes on").expect("the watch works")
            {
                self.seen.push(object.clone());
                return object;
            }
        }
    }

    /// The versions of an object so far, up to the one that the API server has now.
    pub async fn versions(&mut self, rig: &TestNamespace, name: &str) -> Vec<UserPoolMfaConfig> {
        let now = rig.objects().get(name).await.expect("the object is there").resource_version();
        let is_now =
            |object: &UserPoolMfaConfig| object.name_any() == name && object.resource_version() == now;
        while !self.seen.iter().any(is_now) {
            self.next().await;
        }
        self.seen.iter().filter(|object| object.name_any() == name).cloned().collect()
    }

    /// How often the status of an object was written so far.
    pub async fn status_writes(&mut self, rig: &TestNamespace, name: &str) -> usize {
        let versions = self.versions(rig, name).await;
        versions.windows(2).filter(|pair| pair[0].status != pair[1].status).count()
    }
}
