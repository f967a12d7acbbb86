//! What an administrator sees: logs, metrics and health.

pub mod health;
pub mod listen_address;
pub mod logs;
pub mod metrics;
mod sensitive_logs;
pub mod server;
pub mod watch_states;

pub use sensitive_logs::may_log;
