//! Properties that hold for any spec, any pool and any status.

mod adoption_and_weakening;
pub mod convergence;
mod equality;
mod status_and_events;
mod untrusted_settings;
mod worlds;
