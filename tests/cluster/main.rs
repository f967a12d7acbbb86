//! The operator's binary against a real API server and the stand-in.

mod adoption;
mod answers;
mod connection;
mod costs;
mod drift;
mod errors;
mod history;
mod install;
#[path = "../core/kstatus.rs"]
mod kstatus;
mod objects;
mod operator;
mod owner;
mod process;
mod progress;
mod proxy;
mod rig;
mod undecodable;
mod writes;
