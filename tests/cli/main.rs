//! The commands, each by running the binary against the stand-in.

// Helpers of tests, which clippy takes for production code because they are no tests themselves.
#![allow(clippy::unwrap_used)]

mod apply;
mod aws_cli;
mod bad_input;
mod diff;
mod export;
mod import;
mod ran;
mod terminal;
mod validate;
