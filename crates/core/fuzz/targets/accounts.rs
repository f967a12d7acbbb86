//! The accounts file, as an administrator may write it.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| test_support::invariants::accounts(file));
