//! One stream of objects from the watches of several namespaces.
//!
//! No pass may start before every watch has listed: an object that was not seen yet may own the pool. So the
//! first lists of all scopes make one list together; a later relist of one scope shows as changes and deletions.

use std::collections::HashSet;

use cognito_mfa_core::{
    access::ownership::{object_key, split_key},
    api::v1alpha1::UserPoolMfaConfig,
};
use futures::{Stream, StreamExt, stream};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    core::{DeserializeGuard, error_boundary::InvalidObject},
    runtime::watcher::{self, Event},
};

/// An object as the cluster has it, whether this build can read it or not.
pub type Object = DeserializeGuard<UserPoolMfaConfig>;

/// One stream from many.
pub fn merge<S>(watches: Vec<S>) -> impl Stream<Item = watcher::Result<Event<Object>>>
where
    S: Stream<Item = watcher::Result<Event<Object>>> + Send + Unpin,
{
    let mut scopes = NamespaceWatches::of(watches.len());
    let numbered =
        watches.into_iter().enumerate().map(|(scope, watch)| watch.map(move |event| (scope, event)));
    stream::select_all(numbered.collect::<Vec<_>>()).flat_map(move |(scope, event)| {
        stream::iter(match event {
            Ok(event) => scopes.handle(scope, event).into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
    })
}

/// What each scope has shown.
#[derive(Debug)]
struct NamespaceWatches {
    watches: Vec<NamespaceWatch>,
    begun: bool,
    /// What was deleted before every scope had listed: a store that is being filled takes no deletion, and would
    /// show the object for ever.
    pending_deletions: Vec<Event<Object>>,
}

#[derive(Debug, Default)]
struct NamespaceWatch {
    /// By `namespace/name`.
    known: HashSet<String>,
    listing: HashSet<String>,
    listed: bool,
}

impl NamespaceWatches {
    fn of(count: usize) -> Self {
        Self {
            watches: (0..count).map(|_| NamespaceWatch::default()).collect(),
            begun: false,
            pending_deletions: Vec::new(),
        }
    }

    fn handle(&mut self, scope: usize, event: Event<Object>) -> Vec<Event<Object>> {
        let all_listed = self.all_listed();
        let this = &mut self.watches[scope];
        match event {
            Event::Init => {
                this.listing.clear();
                let first = !std::mem::replace(&mut self.begun, true);
                if first { vec![Event::Init] } else { Vec::new() }
            }
            Event::InitApply(object) => {
                this.listing.insert(object_key(&object));
                self.seen(scope, object, all_listed)
            }
            Event::InitDone => self.listed(scope, all_listed),
            Event::Apply(object) => self.seen(scope, object, all_listed),
            Event::Delete(object) => {
                this.known.remove(&object_key(&object));
                self.deleted(vec![Event::Delete(object)], all_listed)
            }
        }
    }

    fn seen(&mut self, scope: usize, object: Object, all_listed: bool) -> Vec<Event<Object>> {
        self.watches[scope].known.insert(object_key(&object));
        self.pending_deletions
            .retain(|late| !matches!(late, Event::Delete(gone) if object_key(gone) == object_key(&object)));
        vec![if all_listed { Event::Apply(object) } else { Event::InitApply(object) }]
    }

    /// Holds deletions back until every scope has listed.
    fn deleted(&mut self, mut gone: Vec<Event<Object>>, all_listed: bool) -> Vec<Event<Object>> {
        self.pending_deletions.append(&mut gone);
        if all_listed { std::mem::take(&mut self.pending_deletions) } else { Vec::new() }
    }

    /// The end of a list: what the scope knew and the list did not show is gone.
    fn listed(&mut self, scope: usize, were_all_listed: bool) -> Vec<Event<Object>> {
        let this = &mut self.watches[scope];
        this.listed = true;
        let now = std::mem::take(&mut this.listing);
        let known = std::mem::replace(&mut this.known, now);
        let gone = known.difference(&this.known).map(|key| Event::Delete(tombstone(key))).collect();
        let all_listed = self.all_listed();
        let mut events = self.deleted(gone, all_listed);
        if !were_all_listed && all_listed {
            events.insert(0, Event::InitDone);
        }
        events
    }

    fn all_listed(&self) -> bool {
        self.watches.iter().all(|scope| scope.listed)
    }
}

/// A deletion whose object is not at hand any more.
fn tombstone(key: &str) -> Object {
    let (namespace, name) = split_key(key);
    let (namespace, name) = (Some(namespace.into()), Some(name.into()));
    let metadata = ObjectMeta { namespace, name, ..ObjectMeta::default() };
    DeserializeGuard(Err(InvalidObject { error: "deleted".into(), metadata }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str) -> Object {
        tombstone(&format!("team/{name}"))
    }

    fn told(scopes: &mut NamespaceWatches, scope: usize, event: Event<Object>) -> Vec<String> {
        let name = |object: &Object| object_key(object).replace("team/", "");
        let tell = |event: &Event<Object>| match event {
            Event::Init => "init".into(),
            Event::InitApply(object) => format!("init {}", name(object)),
            Event::InitDone => "done".into(),
            Event::Apply(object) => format!("apply {}", name(object)),
            Event::Delete(object) => format!("delete {}", name(object)),
        };
        scopes.handle(scope, event).iter().map(tell).collect()
    }

    #[test]
    fn the_list_is_done_when_every_scope_has_listed() {
        let mut two = NamespaceWatches::of(2);
        assert_eq!(told(&mut two, 0, Event::Init), ["init"]);
        assert_eq!(told(&mut two, 1, Event::Init), [""; 0]);
        assert_eq!(told(&mut two, 0, Event::InitApply(object("a"))), ["init a"]);
        assert_eq!(told(&mut two, 0, Event::InitDone), [""; 0]);
        assert_eq!(told(&mut two, 0, Event::Apply(object("b"))), ["init b"]);
        assert_eq!(told(&mut two, 1, Event::InitDone), ["done"]);
        assert_eq!(told(&mut two, 1, Event::Apply(object("c"))), ["apply c"]);
    }

    #[test]
    fn what_a_relist_does_not_show_is_deleted() {
        let mut one = NamespaceWatches::of(1);
        told(&mut one, 0, Event::Init);
        told(&mut one, 0, Event::InitApply(object("kept")));
        told(&mut one, 0, Event::InitApply(object("lost")));
        assert_eq!(told(&mut one, 0, Event::InitDone), ["done"]);
        told(&mut one, 0, Event::Init);
        assert_eq!(told(&mut one, 0, Event::InitApply(object("kept"))), ["apply kept"]);
        assert_eq!(told(&mut one, 0, Event::InitDone), ["delete lost"]);
    }

    #[test]
    fn what_vanishes_between_two_tries_of_the_first_list_is_deleted_after_it() {
        let mut one = NamespaceWatches::of(1);
        told(&mut one, 0, Event::Init);
        told(&mut one, 0, Event::InitApply(object("lost")));
        told(&mut one, 0, Event::Init);
        assert_eq!(told(&mut one, 0, Event::InitDone), ["done", "delete lost"]);
    }

    #[test]
    fn what_is_deleted_before_every_scope_has_listed_is_deleted_after_it() {
        let mut two = NamespaceWatches::of(2);
        told(&mut two, 0, Event::Init);
        told(&mut two, 0, Event::InitApply(object("gone")));
        told(&mut two, 0, Event::InitApply(object("back")));
        told(&mut two, 0, Event::InitDone);
        assert_eq!(told(&mut two, 0, Event::Delete(object("gone"))), [""; 0]);
        told(&mut two, 0, Event::Delete(object("back")));
        told(&mut two, 0, Event::Apply(object("back")));
        told(&mut two, 1, Event::Init);
        assert_eq!(told(&mut two, 1, Event::InitDone), ["done", "delete gone"]);
    }

    #[test]
    fn what_a_relist_does_not_show_before_every_scope_has_listed_is_deleted_after_it() {
        let mut two = NamespaceWatches::of(2);
        told(&mut two, 0, Event::Init);
        told(&mut two, 0, Event::InitApply(object("lost")));
        told(&mut two, 0, Event::Init);
        assert_eq!(told(&mut two, 0, Event::InitDone), [""; 0]);
        assert_eq!(told(&mut two, 1, Event::InitDone), ["done", "delete lost"]);
    }
}
