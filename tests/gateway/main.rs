//! The gateway over the real SDK, against scripted answers on a TCP port of its own. Each test runs the gateway in a
//! child process (this same program), because the SDK reads its process's environment.

// Helpers of tests, which clippy takes for production code because they are no tests themselves.
#![allow(clippy::unwrap_used)]

mod accounts;
mod calls;
mod child;
mod credentials;
mod environment;
mod faults;
mod quota;
mod scenarios;
mod server;
