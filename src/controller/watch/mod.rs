//! The watches of the namespaces. Each has its own connection, backoff and state, so one that fails does not stop the others.
//! Only an object that would adopt a pool, or whose deletion would turn MFA off, waits until every watch has listed.

mod events;
mod relists;

use std::collections::{BTreeSet, HashSet};

use cognito_mfa_core::{api::v1alpha1::UserPoolMfaConfig, schedule::queue::ObjectKey};
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream, SelectAll, select_all},
};
use kube::{
    Api, Client, Config,
    core::DeserializeGuard,
    runtime::{
        WatchStreamExt,
        watcher::{self, watcher},
    },
};

pub use relists::{LastVersion, RelistReason, Relists};

use super::{client, error::Error};
use crate::ops::health::{Health, WatchState, WatchStates};

/// An object from the API server, whether or not it is valid for this build.
pub type Object = DeserializeGuard<UserPoolMfaConfig>;

/// An event of the watch with this index, or its error.
pub type WatchEvent = (usize, watcher::Result<watcher::Event<Object>>);

/// What reconciliations know and ask of the watches.
pub struct WatchHandle {
    /// Which watches have listed their objects.
    pub states: WatchStates,
    /// Requests to list all objects again.
    pub relists: Relists,
}

/// The watches of all namespaces, or of those that the operator is restricted to.
pub struct Watches {
    apis: Vec<Api<Object>>,
    /// The objects of each list that is not complete yet.
    listing: Vec<HashSet<ObjectKey>>,
    health: Health,
    events: SelectAll<BoxStream<'static, WatchEvent>>,
}

impl Watches {
    /// The watches of these namespaces, or one watch of all namespaces if none is named, and their health.
    ///
    /// # Errors
    /// When the client configuration cannot be used.
    pub fn new(config: &Config, namespaces: &[String]) -> Result<(Self, Health), Error> {
        let namespaces: Vec<_> = if namespaces.is_empty() {
            vec![None]
        } else {
            namespaces.iter().cloned().collect::<BTreeSet<_>>().into_iter().map(Some).collect()
        };
        let (mut apis, mut health) = (Vec::new(), Health::default());
        for (index, namespace) in namespaces.iter().enumerate() {
            let watches = health.watches.clone();
            let on_success = move || record_success(&watches, index);
            let (client, pulse) = client::for_watch(config.clone(), on_success)?;
            apis.push(api_of(client, namespace.as_deref()));
            health.pulses.push(pulse);
        }
        health.watches.set(namespaces.iter().cloned().map(WatchState::new).collect());
        let (listing, events) = (vec![HashSet::new(); apis.len()], SelectAll::new());
        let mut watches = Self { apis, listing, health: health.clone(), events };
        watches.restart();
        Ok((watches, health))
    }

    /// Lists all namespaces again, and watches them from there.
    pub fn restart(&mut self) {
        self.events = select_all(self.apis.iter().enumerate().map(|(index, api)| {
            let events = watch(api.clone()).backoff(client::watch_backoff());
            events.map(move |event| (index, event)).boxed()
        }));
    }

    /// The next event of any watch.
    pub fn next_event(&mut self) -> impl Future<Output = Option<WatchEvent>> + Unpin + Send {
        self.events.next()
    }
}

/// The objects of a namespace, or of all.
fn api_of(client: Client, namespace: Option<&str>) -> Api<Object> {
    match namespace {
        None => Api::all(client),
        Some(namespace) => Api::namespaced(client, namespace),
    }
}

/// Lists the objects and watches them; again from the list after each error. A watch that resumed where it broke off would
/// show nothing when etcd was restored in the meantime, because its version is newer than any in etcd.
fn watch(api: Api<Object>) -> impl Stream<Item = watcher::Result<watcher::Event<Object>>> {
    let config = watcher::Config::default().timeout(client::WATCH_SECONDS).page_size(100);
    stream::unfold(None, move |watch: Option<BoxStream<_>>| {
        let mut watch = watch.unwrap_or_else(|| watcher(api.clone(), config.clone()).boxed());
        async move {
            let event = watch.next().await?;
            let next = event.is_ok().then_some(watch);
            Some((event, next))
        }
    })
}

fn record_success(watches: &WatchStates, index: usize) {
    if let Some(namespace) = watches.record_success(index) {
        tracing::info!(namespace, "the watch works again");
    }
}
