//! What an administrator sees: flags, logs, metrics, health.

pub mod config;
pub mod election;
pub mod fleet;
pub mod health;
pub mod http;
pub mod logs;
pub mod metrics;
