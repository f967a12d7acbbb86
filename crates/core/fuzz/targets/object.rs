//! Custom resources as the API server may store them.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| test_support::invariants::check_object(body));
