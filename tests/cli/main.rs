//! The commands, each by running the binary against the emulator.

// clippy takes helpers of tests for production code, because they are no tests themselves.
#![allow(clippy::unwrap_used)]

mod apply;
mod aws_cli;
mod completion;
mod crd;
mod diff;
mod doctor;
mod errors;
mod export;
mod import;
mod kubeconfig;
mod man;
mod posture;
mod posture_properties;
mod previous;
mod probe;
mod references;
mod report;
mod round_trips;
mod sandbox;
mod terminal;
mod undeclared;
mod validate;
