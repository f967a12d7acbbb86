//! Email: the tier, the sender and account recovery.

use cognito_emulator::{EmailSender, Facts, Tier};
use serde_json::json;

use super::*;

const SENDER: &str = "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an \
                      EmailSendingAccount of COGNITO_DEFAULT. Update the value of EmailSendingAccount.";
const RECOVERY: &str = "Cannot set EmailMfaConfiguration when user pool AccountRecoverySetting is not set or contains \
                        only verified_email in RecoveryMechanisms.";

#[test]
fn an_empty_email_section_turns_email_on_and_is_read_as_empty_measured() {
    let mut pool = ready();
    accepts(&mut pool, json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    assert_eq!(read_config(&pool)["EmailMfaConfiguration"], json!({}));
}

#[test]
fn email_needs_the_essentials_tier_model() {
    let mut lite = pool(Facts { tier: Tier::Lite, ..Facts::ready() });
    let request = json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}});
    refuses(
        &mut lite,
        request.clone(),
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured: Email MFA",
    );
    accepts(&mut pool(Facts { tier: Tier::Plus, ..Facts::ready() }), request);
}

#[test]
fn email_with_cognitos_own_sender_is_refused_measured() {
    let mut own_sender = pool(Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() });
    let request = json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}});
    refuses_parameter(&mut own_sender, request, SENDER);
}

#[test]
fn email_with_recovery_by_email_alone_or_not_set_is_refused_measured() {
    let recovering = |names: &[&str]| {
        let recovery = names.iter().map(ToString::to_string).collect();
        pool(Facts { recovery, ..Facts::ready() })
    };
    let request = json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}});
    refuses_parameter(&mut recovering(&["verified_email"]), request.clone(), RECOVERY);
    refuses_parameter(&mut recovering(&[]), request.clone(), RECOVERY);
    accepts(&mut recovering(&["verified_email", "verified_phone_number"]), request);
}
