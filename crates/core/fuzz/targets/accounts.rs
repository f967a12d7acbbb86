//! Accounts files that an administrator may write.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| test_support::invariants::check_accounts_file(file));
