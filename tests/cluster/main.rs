//! The operator's binary against a real API server and the stand-in.

mod adoption;
mod answers;
mod costs;
mod drift;
mod errors;
mod history;
mod install;
mod operator;
mod owner;
mod rig;
mod undecodable;
mod writes;
