//! The posture as an HTML page.

mod cards;
mod document;
mod elements;
mod explanations;
mod pools;
mod tables;

pub use document::page;
