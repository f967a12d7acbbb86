//! Properties of every write, under every switch.

use cognito_emulator::{Facts, Pool, Switches, get, set};
use proptest::{option, prelude::*, sample::select};
use serde_json::{Value, json};

const ID: &str = "us-east-1_Abcdef123";

fn requests() -> impl Strategy<Value = Value> {
    let role = "arn:aws:iam::123456789012:role/sms";
    let mode = option::of(select(vec!["OFF", "ON", "OPTIONAL"]));
    let sms = option::of(select(vec![
        json!({"SmsConfiguration": {"SnsCallerArn": role, "ExternalId": "x"}}),
        json!({"SmsConfiguration": {"SnsCallerArn": "", "EumsSms": {"CallerArn": role}}}),
        json!({"SmsAuthenticationMessage": "{####}"}),
    ]));
    let totp = option::of(any::<bool>().prop_map(|enabled| json!({"Enabled": enabled})));
    let email = option::of(select(vec![json!({}), json!({"Subject": "s"}), json!({"Message": "none"})]));
    let passkeys = option::of(select(vec![
        json!({}),
        json!({"RelyingPartyId": "a.example.com"}),
        json!({"RelyingPartyId": "com"}),
        json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}),
    ]));
    (mode, sms, totp, email, passkeys).prop_map(|(mode, sms, totp, email, passkeys)| {
        json!({"UserPoolId": ID, "MfaConfiguration": mode, "SmsMfaConfiguration": sms,
            "SoftwareTokenMfaConfiguration": totp, "EmailMfaConfiguration": email, "WebAuthnConfiguration": passkeys})
    })
}

fn all_switches() -> impl Strategy<Value = Switches> {
    let mut all: Vec<_> = Switches::each_alone().into_iter().map(|(_, switches)| switches).collect();
    all.push(Switches::default());
    select(all)
}

/// What was read, with the default of a section without a factor: a write of the section sets it, and reads show it from then
/// on.
fn with_factor(mut read: Value) -> Value {
    if let Some(Value::Object(section)) = read.get_mut("WebAuthnConfiguration") {
        section.entry("FactorConfiguration").or_insert_with(|| json!("SINGLE_FACTOR"));
    }
    read
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_refused_write_changes_nothing_and_an_accepted_one_is_idempotent(
        switches in all_switches(), writes in prop::collection::vec(requests(), 1..6),
    ) {
        let mut pool = Pool::new(ID, Facts::ready());
        for request in writes {
            let before = pool.clone();
            if set(&mut pool, &request, &switches).is_err() {
                prop_assert_eq!(&pool, &before);
                continue;
            }
            let after = pool.clone();
            prop_assert!(set(&mut pool, &request, &switches).is_ok());
            prop_assert_eq!(&pool, &after);
        }
    }

    #[test]
    fn while_mfa_is_on_a_write_of_what_was_read_changes_nothing(
        switches in all_switches(), writes in prop::collection::vec(requests(), 1..6),
    ) {
        let mut pool = Pool::new(ID, Facts::ready());
        for request in writes {
            let _ = set(&mut pool, &request, &switches);
            let read = get(&pool, &switches);
            if read["MfaConfiguration"] != "OFF" {
                let mut request = read.clone();
                request["UserPoolId"] = json!(ID);
                let answer = set(&mut pool, &request, &switches);
                prop_assert!(answer.is_ok(), "{:?}", answer);
                prop_assert_eq!(with_factor(get(&pool, &switches)), with_factor(read));
            }
        }
    }
}
