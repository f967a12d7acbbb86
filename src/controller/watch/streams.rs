//! Watches the objects. Each event updates the context, then the store, and then triggers reconciliations.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use cognito_mfa_core::access::ownership::{Claims, object_key};
use futures::{Stream, StreamExt, TryStreamExt, channel::mpsc, future::ready, stream::BoxStream};
use kube::{
    Api, Config,
    runtime::{
        WatchStreamExt,
        reflector::{ObjectRef, Store, store::Writer},
        watcher::{self, Event, watcher},
    },
};

use super::{
    cached_object::{CachedObject, reference},
    namespaces::{Object, merge},
};
use crate::{
    controller::{client, context::Context, error::Error},
    ops::health::Health,
};

/// The events of the watched namespaces.
pub type Watches = Vec<BoxStream<'static, watcher::Result<Event<Object>>>>;

/// Triggers the reconciliation of objects.
pub type Wake = mpsc::UnboundedSender<ObjectRef<CachedObject>>;

/// The watches of these namespaces, or one watch of all namespaces if none is named, and their health.
///
/// # Errors
/// When the client configuration cannot be used.
pub fn watches(config: &Config, namespaces: &[String]) -> Result<(Watches, Health), Error> {
    let namespaces = if namespaces.is_empty() {
        vec![None]
    } else {
        namespaces.iter().collect::<BTreeSet<_>>().into_iter().map(Some).collect()
    };
    let (mut watches, mut health) = (Vec::new(), Health::default());
    for namespace in namespaces {
        let (client, pulse) = client::for_watch(config.clone())?;
        let api: Api<Object> = match namespace {
            None => Api::all(client),
            Some(namespace) => Api::namespaced(client, namespace),
        };
        let config = watcher::Config::default().timeout(client::WATCH_SECONDS).page_size(100);
        watches.push(watcher(api, config).backoff(client::watch_backoff()).boxed());
        health.pulses.push(pulse);
    }
    Ok((watches, health))
}

/// The objects that must be reconciled because they changed. `wake` receives the objects that must be reconciled because
/// another one changed, and all objects at the end of the first list.
pub fn objects(
    watches: Watches,
    store: Writer<CachedObject>,
    context: Arc<Context>,
    wake: Wake,
    health: Health,
) -> impl Stream<Item = watcher::Result<CachedObject>> + Send + 'static {
    let (cache, listed, wake_others) = (store.as_reader(), store.as_reader(), wake.clone());
    merge(watches)
        .inspect_ok(move |event| record(event, &context, &wake_others, &health))
        .map_ok(move |event| cached(event, &cache))
        .reflect(store)
        .inspect_ok(move |event| {
            if let Event::InitDone = event {
                all(&listed).for_each(|object| send(&wake, object));
            }
        })
        .try_filter_map(|event| ready(Ok(changes(event))))
}

/// All objects of the store.
pub fn all(store: &Store<CachedObject>) -> impl Iterator<Item = ObjectRef<CachedObject>> + use<> {
    store.state().into_iter().map(|object| object.reference())
}

/// The object to reconcile after an event. Those of the first list are triggered at its end instead, in batches.
fn changes(event: Event<CachedObject>) -> Option<CachedObject> {
    match event {
        Event::Apply(object) if object.is_changed() => Some(object),
        Event::Apply(_) | Event::InitApply(_) | Event::Init | Event::InitDone | Event::Delete(_) => None,
    }
}

/// Sending fails only after the controller ended, when there is nothing left to reconcile.
fn send(wake: &Wake, object: ObjectRef<CachedObject>) {
    let _ = wake.unbounded_send(object);
}

fn cached(event: Event<Object>, cache: &Store<CachedObject>) -> Event<CachedObject> {
    match event {
        Event::Apply(object) => {
            let previous = cache.get(&reference(&object_key(&object)));
            Event::Apply(CachedObject::of(object, previous.as_deref()))
        }
        Event::Delete(object) => Event::Delete(CachedObject::of(object, None)),
        Event::Init => Event::Init,
        Event::InitApply(object) => Event::InitApply(CachedObject::of(object, None)),
        Event::InitDone => Event::InitDone,
    }
}

/// Updates the claims on pools before the store shows the object to a reconciliation.
fn record(event: &Event<Object>, context: &Context, wake: &Wake, health: &Health) {
    if let Event::Apply(object) | Event::InitApply(object) = event {
        context.record_object(object);
    }
    let mut claims = context.claims();
    // An object that became invalid keeps its claim, so that no other object takes its pool meanwhile.
    let mut claim = |object: &Object| object.0.as_ref().map_or(Vec::new(), |object| claims.upsert(object));
    let others = match event {
        Event::Apply(object) => claim(object),
        // All objects are triggered at the end of the list.
        Event::InitApply(object) => {
            claim(object);
            Vec::new()
        }
        Event::Delete(object) => {
            context.remove_object(&object_key(object));
            claims.remove(&object_key(object))
        }
        Event::Init => {
            *claims = Claims::default();
            Vec::new()
        }
        Event::InitDone => {
            health.listed.store(true, Ordering::Relaxed);
            tracing::info!("every watch has listed its objects: starting to reconcile");
            Vec::new()
        }
    };
    for other in &others {
        send(wake, reference(other));
    }
}
