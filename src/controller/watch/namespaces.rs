//! Merges the watches of several namespaces into one stream of events.
//!
//! No reconciliation may start before every watch has listed, because an object not yet seen may own the pool. So the
//! first lists of all watches form one list. A later relist of one watch becomes changes and deletions.

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

/// An object from the API server, whether or not it is valid for this build.
pub type Object = DeserializeGuard<UserPoolMfaConfig>;

/// Merges the streams of several watches.
pub fn merge<S>(watches: Vec<S>) -> impl Stream<Item = watcher::Result<Event<Object>>>
where
    S: Stream<Item = watcher::Result<Event<Object>>> + Send + Unpin,
{
    let mut merged = NamespaceWatches::of(watches.len());
    let numbered =
        watches.into_iter().enumerate().map(|(index, watch)| watch.map(move |event| (index, event)));
    stream::select_all(numbered.collect::<Vec<_>>()).flat_map(move |(index, event)| {
        stream::iter(match event {
            Ok(event) => merged.handle(index, event).into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
    })
}

/// What each watch has shown so far.
#[derive(Debug)]
struct NamespaceWatches {
    watches: Vec<NamespaceWatch>,
    started: bool,
    /// Deletions from before every watch had listed. A store ignores deletions during its first list, and would show the
    /// object forever.
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
            started: false,
            pending_deletions: Vec::new(),
        }
    }

    fn handle(&mut self, index: usize, event: Event<Object>) -> Vec<Event<Object>> {
        let all_listed = self.all_listed();
        let watch = &mut self.watches[index];
        match event {
            Event::Init => {
                watch.listing.clear();
                let first = !std::mem::replace(&mut self.started, true);
                if first { vec![Event::Init] } else { Vec::new() }
            }
            Event::InitApply(object) => {
                watch.listing.insert(object_key(&object));
                self.apply(index, object, all_listed)
            }
            Event::InitDone => self.end_list(index, all_listed),
            Event::Apply(object) => self.apply(index, object, all_listed),
            Event::Delete(object) => {
                watch.known.remove(&object_key(&object));
                self.delete(vec![Event::Delete(object)], all_listed)
            }
        }
    }

    fn apply(&mut self, index: usize, object: Object, all_listed: bool) -> Vec<Event<Object>> {
        self.watches[index].known.insert(object_key(&object));
        self.pending_deletions.retain(
            |event| !matches!(event, Event::Delete(deleted) if object_key(deleted) == object_key(&object)),
        );
        vec![if all_listed { Event::Apply(object) } else { Event::InitApply(object) }]
    }

    /// Delays deletions until every watch has listed.
    fn delete(&mut self, mut deletions: Vec<Event<Object>>, all_listed: bool) -> Vec<Event<Object>> {
        self.pending_deletions.append(&mut deletions);
        if all_listed { std::mem::take(&mut self.pending_deletions) } else { Vec::new() }
    }

    /// Ends a list. Objects that were known but not listed have been deleted.
    fn end_list(&mut self, index: usize, were_all_listed: bool) -> Vec<Event<Object>> {
        let watch = &mut self.watches[index];
        watch.listed = true;
        let listed = std::mem::take(&mut watch.listing);
        let previous = std::mem::replace(&mut watch.known, listed);
        let deletions = previous.difference(&watch.known).map(|key| Event::Delete(tombstone(key))).collect();
        let all_listed = self.all_listed();
        let mut events = self.delete(deletions, all_listed);
        if !were_all_listed && all_listed {
            events.insert(0, Event::InitDone);
        }
        events
    }

    fn all_listed(&self) -> bool {
        self.watches.iter().all(|watch| watch.listed)
    }
}

/// Stands for a deleted object of which only the name is known.
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

    fn handled(watches: &mut NamespaceWatches, index: usize, event: Event<Object>) -> Vec<String> {
        let name = |object: &Object| object_key(object).replace("team/", "");
        let describe = |event: &Event<Object>| match event {
            Event::Init => "init".into(),
            Event::InitApply(object) => format!("init {}", name(object)),
            Event::InitDone => "done".into(),
            Event::Apply(object) => format!("apply {}", name(object)),
            Event::Delete(object) => format!("delete {}", name(object)),
        };
        watches.handle(index, event).iter().map(describe).collect()
    }

    #[test]
    fn the_merged_list_ends_when_every_watch_has_listed() {
        let mut two = NamespaceWatches::of(2);
        assert_eq!(handled(&mut two, 0, Event::Init), ["init"]);
        assert_eq!(handled(&mut two, 1, Event::Init), [""; 0]);
        assert_eq!(handled(&mut two, 0, Event::InitApply(object("a"))), ["init a"]);
        assert_eq!(handled(&mut two, 0, Event::InitDone), [""; 0]);
        assert_eq!(handled(&mut two, 0, Event::Apply(object("b"))), ["init b"]);
        assert_eq!(handled(&mut two, 1, Event::InitDone), ["done"]);
        assert_eq!(handled(&mut two, 1, Event::Apply(object("c"))), ["apply c"]);
    }

    #[test]
    fn an_object_missing_from_a_relist_is_deleted() {
        let mut one = NamespaceWatches::of(1);
        handled(&mut one, 0, Event::Init);
        handled(&mut one, 0, Event::InitApply(object("stays")));
        handled(&mut one, 0, Event::InitApply(object("lost")));
        assert_eq!(handled(&mut one, 0, Event::InitDone), ["done"]);
        handled(&mut one, 0, Event::Init);
        assert_eq!(handled(&mut one, 0, Event::InitApply(object("stays"))), ["apply stays"]);
        assert_eq!(handled(&mut one, 0, Event::InitDone), ["delete lost"]);
    }

    #[test]
    fn an_object_missing_from_a_retry_of_the_first_list_is_deleted_after_it() {
        let mut one = NamespaceWatches::of(1);
        handled(&mut one, 0, Event::Init);
        handled(&mut one, 0, Event::InitApply(object("lost")));
        handled(&mut one, 0, Event::Init);
        assert_eq!(handled(&mut one, 0, Event::InitDone), ["done", "delete lost"]);
    }

    #[test]
    fn deletions_wait_until_every_watch_has_listed() {
        let mut two = NamespaceWatches::of(2);
        handled(&mut two, 0, Event::Init);
        handled(&mut two, 0, Event::InitApply(object("gone")));
        handled(&mut two, 0, Event::InitApply(object("back")));
        handled(&mut two, 0, Event::InitDone);
        assert_eq!(handled(&mut two, 0, Event::Delete(object("gone"))), [""; 0]);
        handled(&mut two, 0, Event::Delete(object("back")));
        handled(&mut two, 0, Event::Apply(object("back")));
        handled(&mut two, 1, Event::Init);
        assert_eq!(handled(&mut two, 1, Event::InitDone), ["done", "delete gone"]);
    }

    #[test]
    fn deletions_found_by_a_relist_wait_until_every_watch_has_listed() {
        let mut two = NamespaceWatches::of(2);
        handled(&mut two, 0, Event::Init);
        handled(&mut two, 0, Event::InitApply(object("lost")));
        handled(&mut two, 0, Event::Init);
        assert_eq!(handled(&mut two, 0, Event::InitDone), [""; 0]);
        assert_eq!(handled(&mut two, 1, Event::InitDone), ["done", "delete lost"]);
    }
}
