//! The operator's binary against a real API server and the stand-in.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and reads better with json!() as it is"
)]

mod added_rule;
mod admission;
mod adoption;
mod answers;
mod applied;
mod costs;
mod drift;
mod errors;
mod history;
mod install;
mod kubectl;
mod operator;
mod owner;
mod rig;
mod rights;
mod stored;
mod undecodable;
mod writes;
