//! Custom resources as the API server may hold them.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| test_support::invariants::object(body));
