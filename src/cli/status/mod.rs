//! `status`: the objects of a cluster and their states.

mod command;
mod order;
mod table;
mod watch;
mod watch_state;

pub use command::Status;
pub(super) use command::run;
