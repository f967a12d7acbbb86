//! Cognito's answers, and whatever a proxy may put in their place.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| test_support::invariants::answer(body));
