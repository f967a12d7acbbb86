//! The watches, and the objects that they keep.

pub mod cached_object;
pub mod namespaces;
pub mod streams;
