//! The watches: what they show is noted, and put into the store, before it wakes a pass.

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
    controller::{Error, client, context::Context},
    ops::health::Health,
};

/// The events of the watched namespaces.
pub type Watches = Vec<BoxStream<'static, watcher::Result<Event<Object>>>>;

/// Wakes objects.
pub type Wake = mpsc::UnboundedSender<ObjectRef<CachedObject>>;

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

/// The objects to pass over, each when it changed in what wakes it. `wake` has those that a change of another wakes, and
/// at the end of the first list all of them.
pub fn objects(
    watches: Watches,
    store: Writer<CachedObject>,
    context: Arc<Context>,
    wake: Wake,
    health: Health,
) -> impl Stream<Item = watcher::Result<CachedObject>> + Send + 'static {
    let (kept, shown, others) = (store.as_reader(), store.as_reader(), wake.clone());
    merge(watches)
        .inspect_ok(move |event| record(event, &context, &others, &health))
        .map_ok(move |event| cached(event, &kept))
        .reflect(store)
        .inspect_ok(move |event| {
            if let Event::InitDone = event {
                all(&shown).for_each(|object| send(&wake, object));
            }
        })
        .try_filter_map(|event| ready(Ok(changes(event))))
}

/// All objects of the store.
pub fn all(store: &Store<CachedObject>) -> impl Iterator<Item = ObjectRef<CachedObject>> + use<> {
    store.state().into_iter().map(|object| object.reference())
}

/// What the first list has is woken at its end, in the pace that the controller bears.
fn changes(event: Event<CachedObject>) -> Option<CachedObject> {
    match event {
        Event::Apply(object) if object.is_changed() => Some(object),
        Event::Apply(_) | Event::InitApply(_) | Event::Init | Event::InitDone | Event::Delete(_) => None,
    }
}

/// The receiver lives as long as the controller; after it nobody needs to wake.
fn send(wake: &Wake, object: ObjectRef<CachedObject>) {
    let _ = wake.unbounded_send(object);
}

fn cached(event: Event<Object>, kept: &Store<CachedObject>) -> Event<CachedObject> {
    match event {
        Event::Apply(object) => {
            let before = kept.get(&reference(&object_key(&object)));
            Event::Apply(CachedObject::of(object, before.as_deref()))
        }
        Event::Delete(object) => Event::Delete(CachedObject::of(object, None)),
        Event::Init => Event::Init,
        Event::InitApply(object) => Event::InitApply(CachedObject::of(object, None)),
        Event::InitDone => Event::InitDone,
    }
}

/// Keeps the claims in step with the watches, before the store shows the object to anyone.
fn record(event: &Event<Object>, context: &Context, wake: &Wake, health: &Health) {
    if let Event::Apply(object) | Event::InitApply(object) = event {
        context.record_object(object);
    }
    let mut claims = context.claims();
    // What this build cannot read keeps the claim it had: nobody else gets its pool meanwhile.
    let mut claim = |object: &Object| object.0.as_ref().map_or(Vec::new(), |object| claims.upsert(object));
    let woken = match event {
        Event::Apply(object) => claim(object),
        // All are woken at the end of the list.
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
            tracing::info!("every watch has listed its objects: passes begin");
            Vec::new()
        }
    };
    for other in &woken {
        send(wake, reference(other));
    }
}
