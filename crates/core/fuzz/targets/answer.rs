//! Responses of Cognito, or of a proxy between the operator and Cognito.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| test_support::invariants::check_response_body(body));
