//! What an administrator sees: flags, logs, metrics, health.

pub mod config;
pub mod health;
pub mod http;
pub mod logs;
pub mod metrics;
