//! Cognito's answers, and whatever a proxy may put in their place.
#![no_main]

#[path = "../entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|body: &[u8]| entries::answer(body));
