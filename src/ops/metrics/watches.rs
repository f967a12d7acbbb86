//! The watches of namespaces.

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

/// The metrics about watches. Their label is bounded by `--watch-namespaces`.
#[derive(Debug, Default)]
pub struct WatchMetrics {
    failing: Family<Vec<(&'static str, String)>, Gauge>,
}

impl WatchMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "1 while the watch of a namespace fails, and changes of its objects go unnoticed";
        registry.register("watch_failing", help, metrics.failing.clone());
        metrics
    }

    /// Shows whether the watch of a namespace fails.
    pub fn set_failing(&self, namespace: &str, failing: bool) {
        let labels = vec![("watched", namespace.to_owned())];
        self.failing.get_or_create(&labels).set(failing.into());
    }
}
