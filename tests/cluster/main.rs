//! The operator's binary against a real API server and the emulator.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and reads better with json!() as it is"
)]

mod accounts;
mod added_rule;
mod admission;
mod adoption;
mod answers;
mod applied;
mod command;
mod commands;
mod connection;
mod costs;
mod deletion;
mod drift;
mod election;
mod errors;
mod faults;
mod glance;
mod history;
mod leader;
mod lowering;
mod outages;
mod owner;
mod plane;
mod process;
mod progress;
mod proxy;
mod soak;
mod stored;
mod tenancy;
mod undecodable;
mod writes;
