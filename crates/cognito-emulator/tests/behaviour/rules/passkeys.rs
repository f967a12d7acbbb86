//! Passkeys: the tier, the relying party and the factor configuration.

use cognito_emulator::{Facts, Tier};
use serde_json::json;

use super::*;

#[test]
fn multi_factor_passkeys_need_the_essentials_tier_docs() {
    let mut lite = pool(Facts { tier: Tier::Lite, ..Facts::ready() });
    let request =
        json!({"WebAuthnConfiguration": {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}});
    refuses(
        &mut lite,
        request,
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured: Multi-Factor Passkeys",
    );
    accepts(&mut lite, json!({"WebAuthnConfiguration": {"FactorConfiguration": "SINGLE_FACTOR"}}));
}

#[test]
fn a_section_without_a_factor_configuration_gets_the_default_measured() {
    let mut pool = ready();
    accepts(&mut pool, with(totp(), "WebAuthnConfiguration", json!({"RelyingPartyId": "a.example.com"})));
    let stored = json!({"RelyingPartyId": "a.example.com", "FactorConfiguration": "SINGLE_FACTOR"});
    assert_eq!(read_config(&pool)["WebAuthnConfiguration"], stored);
}

#[test]
fn multi_factor_needs_no_relying_party_mode_or_required_verification_measured() {
    accepts(&mut ready(), json!({"MfaConfiguration": "OFF", "WebAuthnConfiguration": multi()}));
    let preferred = with(multi(), "UserVerification", json!("preferred"));
    accepts(&mut ready(), with(totp(), "WebAuthnConfiguration", preferred));
}

fn relying_party(id: &str) -> Value {
    json!({"WebAuthnConfiguration": {"RelyingPartyId": id}})
}

#[test]
fn a_relying_party_has_no_scheme_and_no_path_measured() {
    accepts(&mut ready(), relying_party("123456789"));
    for id in ["https://auth.example.com", "auth.example.com/sign-in"] {
        refuses_parameter(&mut ready(), relying_party(id), "RelyingPartyId contains invalid characters");
    }
}

#[test]
fn a_relying_party_on_the_public_suffix_list_is_refused_docs() {
    for id in ["com", "co.uk", "GitHub.io", "auth.us-east-1.amazoncognito.com"] {
        let words = format!("Invalid RelyingPartyId {id}: it must not be on the public suffix list.");
        refuses_parameter(&mut ready(), relying_party(id), &words);
    }
    accepts(&mut ready(), relying_party("my.auth.us-east-1.amazoncognito.com"));
}
