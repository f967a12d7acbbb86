//! The first factors of the sign-in policy.

use cognito_emulator::Facts;
use serde_json::json;

use super::*;

const ONE_TIME_PASSWORD: &str =
    "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled";
const SINGLE_FACTOR: &str = "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn \
                             is an allowed first auth factor";

#[test]
fn on_but_not_optional_excludes_a_one_time_password_first_factor_measured() {
    for factor in ["EMAIL_OTP", "SMS_OTP"] {
        let mut passwordless =
            pool(Facts { first_factors: vec!["PASSWORD".into(), factor.into()], ..Facts::ready() });
        refuses_parameter(&mut passwordless, totp(), ONE_TIME_PASSWORD);
        let mut optional = totp();
        optional["MfaConfiguration"] = json!("OPTIONAL");
        accepts(&mut passwordless, optional);
    }
}

#[test]
fn on_but_not_optional_needs_multi_factor_for_first_factor_passkeys_measured() {
    let mut passkeys = pool(Facts { first_factors: vec!["WEB_AUTHN".into()], ..Facts::ready() });
    refuses_parameter(&mut passkeys, totp(), SINGLE_FACTOR);
    let mut request = totp();
    request["WebAuthnConfiguration"] = json!({"UserVerification": "required"});
    refuses_parameter(&mut passkeys, request.clone(), SINGLE_FACTOR);
    request["MfaConfiguration"] = json!("OPTIONAL");
    accepts(&mut passkeys, request.clone());
    request["MfaConfiguration"] = json!("ON");
    request["WebAuthnConfiguration"]["FactorConfiguration"] = json!("MULTI_FACTOR_WITH_USER_VERIFICATION");
    accepts(&mut passkeys, request);
}

#[test]
fn required_mfa_needs_multi_factor_passkeys_in_the_request_even_when_live_measured() {
    let mut passkeys = pool(Facts { first_factors: vec!["WEB_AUTHN".into()], ..Facts::ready() });
    accepts(&mut passkeys, with(totp(), "WebAuthnConfiguration", multi()));
    refuses_parameter(&mut passkeys, totp(), SINGLE_FACTOR);
}
