//! The gateway over the real SDK, against scripted answers on a TCP port of its own. Each test runs the gateway in a child
//! process (this same program), because the SDK reads its process's environment.

mod calls;
mod child;
mod environment;
mod faults;
mod server;
