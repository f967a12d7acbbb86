//! The watches, and the cache of objects that they fill.

pub mod cached_object;
pub mod namespaces;
pub mod streams;
