//! The commands, each by running the binary against the emulator.

// Helpers of tests, which clippy takes for production code because they are no tests themselves.
#![allow(clippy::unwrap_used)]

mod apply;
mod aws_cli;
mod bad_input;
mod diff;
mod export;
mod import;
mod memory;
mod posture;
mod posture_properties;
mod ran;
mod round_trips;
mod terminal;
mod validate;
