//! The operator's binary against a real API server and the stand-in.

mod install;
mod operator;
mod rig;
mod settings;
