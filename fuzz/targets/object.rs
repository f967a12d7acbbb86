//! Custom resources as the API server may hold them.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|body: &[u8]| entries::object(body));
