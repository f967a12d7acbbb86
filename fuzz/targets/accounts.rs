//! The accounts file, as an administrator may write it.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|file: &[u8]| entries::accounts(file));
