//! The watches: what they show is noted, and put into the store, before it wakes a pass.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{Stream, StreamExt, TryStreamExt, channel::mpsc, stream::BoxStream};
use kube::{
    Api, Config, Resource,
    runtime::{
        PredicateConfig, WatchStreamExt,
        reflector::{ObjectRef, store::Writer},
        watcher::{self, Event, watcher},
    },
};

use super::{
    Error, client,
    context::Context,
    scopes::{Object, merge},
    waits::version,
};
use crate::{
    api::{ALLOW_LOWERING, RECONCILE_REQUESTED_AT},
    core::ownership::{Claims, key},
    ops::health::Health,
};

/// The events of the watched namespaces.
pub type Watches = Vec<BoxStream<'static, watcher::Result<Event<Object>>>>;

/// The watches of the namespaces, all of them when none is named, and what shows that they are alive.
///
/// # Errors
/// When the client configuration cannot be used.
pub fn watches(config: &Config, namespaces: &[String]) -> Result<(Watches, Health), Error> {
    let scopes = if namespaces.is_empty() {
        vec![None]
    } else {
        namespaces.iter().collect::<BTreeSet<_>>().into_iter().map(Some).collect()
    };
    let (mut watches, mut health) = (Vec::new(), Health::default());
    for scope in scopes {
        let (client, pulse) = client::for_watch(config.clone())?;
        let api: Api<Object> = match scope {
            None => Api::all(client),
            Some(namespace) => Api::namespaced(client, namespace),
        };
        let pages = watcher::Config::default().timeout(client::WATCH_SECONDS).page_size(100);
        watches.push(watcher(api, pages).backoff(client::watch_backoff()).boxed());
        health.pulses.push(pulse);
    }
    Ok((watches, health))
}

/// The objects to pass over, each when it changed in what wakes it. `wake` has those that a change of another wakes.
pub fn objects(
    watches: Watches,
    store: Writer<Object>,
    context: Arc<Context>,
    wake: mpsc::UnboundedSender<ObjectRef<Object>>,
    health: Health,
) -> impl Stream<Item = watcher::Result<Object>> + Send + 'static {
    // The cache forgets nothing at a deletion. What it forgets by its age wakes an object once, for nothing.
    let known = PredicateConfig::default().ttl(Duration::from_hours(48));
    merge(watches)
        .inspect_ok(move |event| note(event, &context, &wake, &health))
        .modify(strip)
        .reflect(store)
        .applied_objects()
        .predicate_filter(|object: &Object| Some(version(object)), known)
}

/// Keeps the claims in step with the watches, before the store shows the object to anyone.
fn note(
    event: &Event<Object>,
    context: &Context,
    wake: &mpsc::UnboundedSender<ObjectRef<Object>>,
    health: &Health,
) {
    if let Event::Apply(object) | Event::InitApply(object) = event {
        context.note(object);
    }
    let mut claims = context.claims();
    let woken = match event {
        // What this build cannot read keeps the claim it had: nobody else gets its pool meanwhile.
        Event::Apply(object) | Event::InitApply(object) => {
            object.0.as_ref().map_or(Vec::new(), |object| claims.note(object))
        }
        Event::Delete(object) => {
            context.forget(&key(object));
            claims.forget(&key(object))
        }
        Event::Init => {
            *claims = Claims::default();
            Vec::new()
        }
        Event::InitDone => {
            health.listed.store(true, Ordering::Relaxed);
            tracing::info!("every watch has listed its objects: passes begin");
            Vec::new()
        }
    };
    for other in woken {
        if let Some((namespace, name)) = other.split_once('/') {
            // The receiver lives as long as the controller; after it nobody needs to wake.
            let _ = wake.unbounded_send(ObjectRef::new(name).within(namespace));
        }
    }
}

/// Drops what no pass reads: managed fields alone outweigh the spec.
fn strip(object: &mut Object) {
    let meta = object.meta_mut();
    meta.managed_fields = None;
    if let Some(annotations) = &mut meta.annotations {
        annotations.retain(|key, _| key == RECONCILE_REQUESTED_AT || key == ALLOW_LOWERING);
    }
}
