//! Whether the accounts file is valid.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use super::types::{FloatGauge, Labels};

/// The metrics about the accounts file. A family is not shown before it has a value, so an operator without an accounts
/// file shows none of them.
#[derive(Debug, Default)]
pub struct AccountsFileMetrics {
    valid: Family<Labels<0>, Gauge>,
    loaded: Family<Labels<0>, FloatGauge>,
}

impl AccountsFileMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "1 if the accounts file is valid, 0 while the last valid one stays in force";
        registry.register("accounts_file_valid", help, metrics.valid.clone());
        let help = "Time when the accounts file in force was loaded, in seconds since 1970";
        let loaded = metrics.loaded.clone();
        registry.register_with_unit("accounts_file_loaded_timestamp", help, Unit::Seconds, loaded);
        metrics
    }

    /// Records that the accounts file was read just now, and whether it is valid.
    pub fn record_read(&self, valid: bool) {
        self.valid.get_or_create(&[]).set(valid.into());
        if valid {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.loaded.get_or_create(&[]).set(now.as_secs_f64());
        }
    }
}
