//! The Kubernetes side: watches and reconciles the objects, and writes their status and events.

mod accounts_file;
mod checks;
pub mod client;
mod context;
mod dispatch;
mod error;
mod events;
pub mod leader_election;
mod reconcile;
pub mod references;
mod run;
mod snapshot;
mod table;
#[cfg(test)]
mod test_controller;
mod watch;
mod weakening_budget;

pub use context::Options;
pub use error::Error;
pub use run::run;
pub use watch::Watches;
