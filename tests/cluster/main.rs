//! The operator's binary against a real API server and the stand-in.

mod added_rule;
mod admission;
mod applied;
mod install;
mod kubectl;
mod operator;
mod rig;
mod rights;
mod settings;
mod stored;
