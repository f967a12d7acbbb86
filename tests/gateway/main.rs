//! Calls of Cognito over the real SDK, against a server with scripted answers. Each test makes its calls in a child
//! process (this same program), because the SDK reads its process's environment.

// Clippy takes the helpers for production code, because they are not tests themselves.
#![allow(clippy::unwrap_used)]

mod accounts;
mod calls;
mod child;
mod credentials;
mod credentials_outages;
mod credentials_profiles;
mod environment;
mod expired_turns;
mod faults;
mod not_sent;
mod old_look;
mod quota;
mod scenarios;
mod server;
