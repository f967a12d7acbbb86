//! Every rule of SetUserPoolMfaConfig, without HTTP. A test's name ends with the grade of its rule.

mod email;
mod first_factors;
mod modes;
mod passkeys;
mod sms;
mod whole_writes;

use cognito_emulator::{ApiError, Facts, Pool, Switches, get, set};
use serde_json::{Value, json};

const ID: &str = "us-east-1_Abcdef123";
const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

fn pool(facts: Facts) -> Pool {
    Pool::new(ID, facts)
}

fn ready() -> Pool {
    pool(Facts::ready())
}

fn try_set(pool: &mut Pool, mut request: Value) -> Result<Value, ApiError> {
    request["UserPoolId"] = json!(ID);
    set(pool, &request, &Switches::default())
}

fn accepts(pool: &mut Pool, request: Value) -> Value {
    try_set(pool, request).unwrap_or_else(|error| panic!("it was refused: {error:?}"))
}

/// Asserts that the write is refused with these words and changes nothing.
fn refuses(pool: &mut Pool, request: Value, code: &str, message: &str) {
    let before = pool.clone();
    match try_set(pool, request) {
        Ok(answer) => panic!("it was accepted: {answer}"),
        Err(error) => {
            assert_eq!((error.code.as_str(), error.message.as_str()), (code, message));
        }
    }
    assert_eq!(*pool, before, "a refused write changed the pool");
}

fn refuses_parameter(pool: &mut Pool, request: Value, message: &str) {
    refuses(pool, request, "InvalidParameterException", message);
}

fn read_config(pool: &Pool) -> Value {
    get(pool, &Switches::default())
}

fn sns() -> Value {
    json!({"SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x"}})
}

fn eums() -> Value {
    json!({"SmsConfiguration": {"SnsCallerArn": "", "EumsSms": {"CallerArn": ROLE}}})
}

fn totp() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

fn multi() -> Value {
    json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"})
}

fn with(mut request: Value, section: &str, value: Value) -> Value {
    request[section] = value;
    request
}
