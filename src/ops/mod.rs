//! What an administrator sees: flags, logs, metrics, health.

pub mod health;
pub mod logs;
pub mod metrics;
pub mod object_gauges;
mod sensitive_logs;
pub mod server;

pub use sensitive_logs::may_log;
