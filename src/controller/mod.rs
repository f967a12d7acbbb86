//! The Kubernetes side: watches and reconciles the objects, and writes their status and events.

mod accounts_file;
mod catch_panic;
pub mod client;
mod context;
mod error;
mod events;
pub mod leader_election;
mod pools;
mod reconcile;
mod run;
mod watch;

pub use context::Options;
pub use error::Error;
pub use run::run;
pub use watch::streams::{Watches, watches};
