//! The state of each watch, as `/readyz` reports it and the controller asks it.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

/// The name of a watch of all namespaces.
const ALL: &str = "all namespaces";

/// The state of the watch of a namespace.
#[derive(Clone, Debug)]
pub struct WatchState {
    /// None: the watch is of all namespaces.
    namespace: Option<String>,
    listed: bool,
    error: Option<String>,
    /// Whether it has ever failed.
    has_failed: bool,
}

/// The states of all watches. The index of a watch is its place.
#[derive(Clone, Debug, Default)]
pub struct WatchStates(Arc<Mutex<Vec<WatchState>>>);

impl WatchState {
    /// A watch that has not listed its objects yet.
    #[must_use]
    pub fn new(namespace: Option<String>) -> Self {
        Self { namespace, listed: false, error: None, has_failed: false }
    }

    fn name(&self) -> &str {
        self.namespace.as_deref().unwrap_or(ALL)
    }
}

impl WatchStates {
    /// Sets the watches.
    pub fn set(&self, watches: Vec<WatchState>) {
        *self.states() = watches;
    }

    /// Whether a watch has completed its first list.
    #[must_use]
    pub fn is_listed(&self, index: usize) -> bool {
        self.states().get(index).is_some_and(|state| state.listed)
    }

    /// Whether every watch has completed its first list.
    #[must_use]
    pub fn all_listed(&self) -> bool {
        self.states().iter().all(|state| state.listed)
    }

    /// Whether the watch of this namespace has completed its first list.
    #[must_use]
    pub fn is_namespace_listed(&self, namespace: &str) -> bool {
        let states = self.states();
        states.iter().any(|state| state.listed && covers(state, namespace))
    }

    /// Whether a watch shows the objects of this namespace.
    #[must_use]
    pub fn covers(&self, index: usize, namespace: &str) -> bool {
        self.states().get(index).is_some_and(|state| covers(state, namespace))
    }

    /// Records that a watch has completed its list.
    pub fn record_listed(&self, index: usize) {
        if let Some(state) = self.states().get_mut(index) {
            state.listed = true;
        }
    }

    /// Records that the API server accepted a request. Returns the watch's name if it failed before.
    #[must_use]
    pub fn record_success(&self, index: usize) -> Option<String> {
        let mut states = self.states();
        let state = states.get_mut(index)?;
        state.error.take().map(|_| state.name().to_owned())
    }

    /// Records an error. Returns the watch's name, and whether its last error was another one.
    #[must_use]
    pub fn record_error(&self, index: usize, error: &str) -> (String, bool) {
        let mut states = self.states();
        let Some(state) = states.get_mut(index) else { return (String::new(), false) };
        let is_news = state.error.as_deref() != Some(error);
        (state.error, state.has_failed) = (Some(error.to_owned()), true);
        (state.name().to_owned(), is_news)
    }

    /// Whether objects are served: at least one watch has listed its objects, and each of the others says why not.
    #[must_use]
    pub fn are_ready(&self) -> bool {
        let states = self.states();
        states.iter().any(|state| state.listed)
            && states.iter().all(|state| state.listed || state.error.is_some())
    }

    /// The name of each watch that has ever failed, and whether it fails now.
    #[must_use]
    pub fn failing(&self) -> Vec<(String, bool)> {
        let states = self.states();
        let failed = states.iter().filter(|state| state.has_failed);
        failed.map(|state| (state.name().to_owned(), state.error.is_some())).collect()
    }

    /// A sentence for each watch that fails.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let states = self.states();
        let failing = states.iter().filter_map(|state| Some((state, state.error.as_ref()?)));
        failing.map(|(state, error)| format!("the watch of {} fails: {error}", state.name())).collect()
    }

    fn states(&self) -> MutexGuard<'_, Vec<WatchState>> {
        self.0.lock()
    }
}

fn covers(state: &WatchState, namespace: &str) -> bool {
    state.namespace.as_deref().is_none_or(|watched| watched == namespace)
}
