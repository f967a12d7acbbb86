//! The sequences of specs, by name.

use cognito_emulator::{EmailSender, Facts, SmsRole, Tier};
use serde_json::{Value, json};

use crate::fixtures::{ROLE, off, on_email, on_totp, sms, with};

/// The initial settings of a pool, and the specs that are applied to it one after another.
pub struct Sequence {
    pub facts: Facts,
    pub first: Value,
    pub specs: Vec<Value>,
}

pub fn sequence(name: &str) -> Sequence {
    let facts = Facts::ready();
    match name {
        "email on a LITE pool" => starting(Facts { tier: Tier::Lite, ..facts }, off(), vec![on_email()]),
        "email with Cognito's own sender" => {
            let facts = Facts { email_sender: EmailSender::CognitoDefault, ..facts };
            starting(facts, off(), vec![on_email()])
        }
        "SMS with a role that Cognito cannot assume" => {
            starting(Facts { sms_role: SmsRole::NotTrusted, ..facts }, off(), vec![on_sms(&sms())])
        }
        "email with no account recovery" => {
            starting(Facts { recovery: Vec::new(), ..facts }, off(), vec![on_email()])
        }
        "SMS with a role of another account" => {
            starting(Facts { account: "999999999999".into(), ..facts }, off(), vec![on_sms(&sms())])
        }
        "SMS with recovery by phone" => {
            let recovery = vec!["verified_phone_number".into()];
            starting(Facts { recovery, ..facts }, off(), vec![on_sms(&sms())])
        }
        "TOTP where phone numbers are verified" => {
            starting(verifying_phone_numbers(), leftover_sms(), vec![on_totp()])
        }
        "OFF where phone numbers are verified" => {
            starting(verifying_phone_numbers(), on_sms(&sms()), vec![off()])
        }
        "SMS and TOTP where phone numbers are verified" => {
            starting(verifying_phone_numbers(), leftover_sms(), vec![with(&on_sms(&sms()), &on_totp())])
        }
        "OFF over a leftover SMS section, to TOTP" => starting(facts, leftover_sms(), vec![off(), on_totp()]),
        _ => starting(facts, off(), specs(name)),
    }
}

/// The settings after OFF of a pool that had SMS.
fn leftover_sms() -> Value {
    with(&off(), &json!({"smsMfaConfiguration": sms()}))
}

fn verifying_phone_numbers() -> Facts {
    Facts { auto_verified_attributes: vec!["phone_number".into()], ..Facts::ready() }
}

fn starting(facts: Facts, first: Value, specs: Vec<Value>) -> Sequence {
    Sequence { facts, first, specs }
}

fn specs(name: &str) -> Vec<Value> {
    match name {
        "SMS on, off, on again" => vec![on_sms(&sms()), off(), on_sms(&sms())],
        "SMS and TOTP" => vec![with(&on_sms(&sms()), &on_totp())],
        "SMS to TOTP" => vec![on_sms(&sms()), on_totp()],
        "TOTP on, off, on again" => vec![on_totp(), off(), on_totp()],
        "email default, then texts, then others" => {
            vec![on_email(), email("A {####}", "a"), email("B {####}", "b")]
        }
        "SMS message changed" => {
            let message = |text: &str| on_sms(&with(&sms(), &json!({"smsAuthenticationMessage": text})));
            vec![message("A {####}"), message("B {####}")]
        }
        "SNS region changed" => vec![sns("snsRegion", "eu-west-1"), sns("snsRegion", "us-east-1")],
        "external id changed" => vec![sns("externalId", "a"), sns("externalId", "b")],
        "caller ARN changed" => {
            vec![sns("snsCallerArn", ROLE), sns("snsCallerArn", "arn:aws:iam::123456789012:role/other")]
        }
        "passkeys under OFF, then changed" => {
            vec![passkeys(&off(), &party("preferred")), passkeys(&off(), &party("required"))]
        }
        "email removed" => vec![with(&on_totp(), &on_email()), on_totp()],
        "email subject removed" => {
            vec![
                email("A {####}", "a"),
                with(&on_email(), &json!({"emailMfaConfiguration": {"message": "A {####}"}})),
            ]
        }
        "SNS region removed" => vec![sns("snsRegion", "eu-west-1"), on_sms(&sms())],
        "passkeys removed" => vec![passkeys(&on_totp(), &party("required")), on_totp()],
        "multi-factor passkeys removed" => vec![passkeys(&on_totp(), &multi()), on_totp()],
        "MULTI kept by an unrelated change" => {
            let optional =
                with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL", "emailMfaConfiguration": {}}));
            vec![passkeys(&on_totp(), &multi()), passkeys(&optional, &multi())]
        }
        "OPTIONAL with email" => vec![with(&on_email(), &json!({"mfaConfiguration": "OPTIONAL"}))],
        "SMS and TOTP, OFF, back to TOTP" => vec![with(&on_sms(&sms()), &on_totp()), off(), on_totp()],
        "OFF and ON with the sections left in the spec" => {
            let both = with(&on_sms(&sms()), &on_totp());
            vec![both.clone(), with(&both, &off()), both]
        }
        "SNS to EUMS and back" => {
            let eums = json!({"smsConfiguration": {"eumsSms": {"callerArn": ROLE, "externalId": "id"}}});
            vec![on_sms(&sms()), on_sms(&eums), on_sms(&sms())]
        }
        "TOTP disabled beside email" => {
            let disabled = json!({"softwareTokenMfaConfiguration": {"enabled": false}});
            vec![with(&on_email(), &on_totp()), with(&on_email(), &disabled)]
        }
        "TOTP disabled alone, past the CRD's rule" => {
            vec![with(&on_totp(), &json!({"softwareTokenMfaConfiguration": {"enabled": false}}))]
        }
        _ => panic!("no sequence is called {name}"),
    }
}

fn on_sms(section: &Value) -> Value {
    json!({"mfaConfiguration": "ON", "smsMfaConfiguration": section})
}

fn sns(field: &str, value: &str) -> Value {
    let mut section = sms();
    section["smsConfiguration"][field] = value.into();
    on_sms(&section)
}

fn email(message: &str, subject: &str) -> Value {
    with(&on_email(), &json!({"emailMfaConfiguration": {"message": message, "subject": subject}}))
}

fn passkeys(base: &Value, section: &Value) -> Value {
    with(base, &json!({"webAuthnConfiguration": section}))
}

fn party(verification: &str) -> Value {
    json!({"relyingPartyId": "auth.example.com", "userVerification": verification})
}

fn multi() -> Value {
    with(&party("required"), &json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}))
}
