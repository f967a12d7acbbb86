//! What follows an event of a watch: the table is updated first, and then objects become due.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cognito_mfa_core::{
    access::ownership::{object_key, split_key},
    schedule::queue::ObjectKey,
};
use kube::runtime::watcher::{self, Event};

use super::{Object, RelistReason, WatchEvent, Watches};
use crate::controller::context::Context;

impl Watches {
    /// Updates the table with an event, and makes the objects due that it concerns. After a panic all objects are listed
    /// again.
    pub fn handle(&mut self, event: WatchEvent, context: &Context) {
        if catch_unwind(AssertUnwindSafe(|| self.handle_event(event, context))).is_err() {
            tracing::error!(
                "an event of a watch panicked, which is a defect of the operator: please report it"
            );
            context.watches.relists.request(RelistReason::Panic);
        }
    }

    fn handle_event(&mut self, (index, event): WatchEvent, context: &Context) {
        match event {
            Ok(event) => self.apply(index, event, context),
            Err(error) => self.record_error(index, &error),
        }
    }

    fn apply(&mut self, index: usize, event: Event<Object>, context: &Context) {
        match event {
            Event::Init => self.listing[index].clear(),
            Event::InitApply(object) => {
                let key = self.record(index, object, context);
                self.listing[index].insert(key);
            }
            Event::InitDone => self.end_list(index, context),
            Event::Apply(object) => drop(self.record(index, object, context)),
            Event::Delete(object) => context.delete_object(&object_key(&object).into()),
        }
    }

    /// Records an object, and wakes it if it has changed. Those of a first list are woken at its end.
    fn record(&self, index: usize, object: Object, context: &Context) -> ObjectKey {
        let key = context.table.key(&object);
        let others = context.record_claim_and_load(&key, &object);
        let owns_pool = !others.is_empty()
            && object.0.as_ref().is_ok_and(|object| {
                object.pool_id().and_then(|pool| context.owner(pool)).as_ref() == Some(&key)
            });
        let changed = context.table.record_object(&key, object);
        if changed && self.health.watches.is_listed(index) {
            context.wake(&key);
        }
        for other in &others {
            // Those behind the owner own their pool no more, so that a write that waits must not be sent.
            if owns_pool {
                context.table.cancel(other);
            }
            // Those of a namespace that is not listed yet are woken at the end of its list.
            if self.health.watches.is_namespace_listed(split_key(other).0) {
                context.wake(other);
            }
        }
        key
    }

    /// Ends a list. Objects of its namespaces that are known but not listed have been deleted.
    fn end_list(&mut self, index: usize, context: &Context) {
        let listed = std::mem::take(&mut self.listing[index]);
        let watches = &self.health.watches;
        let known = context.table.keys(|key| watches.covers(index, split_key(key).0));
        known.iter().filter(|key| !listed.contains(*key)).for_each(|key| context.delete_object(key));
        if watches.is_listed(index) {
            return;
        }
        watches.record_listed(index);
        if watches.all_listed() {
            tracing::info!("every watch has listed its objects: starting to reconcile");
            context.wake_all();
        } else {
            // Objects that have adopted their pools are reconciled meanwhile.
            for key in &listed {
                context.wake(key);
            }
        }
    }

    fn record_error(&self, index: usize, error: &watcher::Error) {
        let (namespace, is_news) = self.health.watches.record_error(index, &error.to_string());
        if is_news {
            tracing::warn!(%error, namespace, "a watch failed and is retried: is the CRD installed, and may the operator list and watch userpoolmfaconfigs there?");
        }
    }
}

#[cfg(test)]
mod tests;
