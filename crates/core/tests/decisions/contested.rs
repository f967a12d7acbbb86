//! Contested fields: drift that returns after each correction. It is reported, and corrected at every check.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, Correction, UserPoolMfaConfig},
    plan::{
        budget::WeakeningBudget,
        contested::newly_contested,
        hold::{Now, check_hold},
        plan_for,
        step::{Cause, Step},
    },
    schedule::interval::DEFAULT_INTERVAL,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::{
    fixtures::{after, at, edited, observed, on_totp, reconciled, reconciled_fully, settled, with, with_sms},
    kstatus::{Kstatus, kstatus},
};

const TEN: Duration = DEFAULT_INTERVAL;
const SMS: &str = "smsMfaConfiguration";

fn correction(seconds: i64, field: &str) -> Correction {
    Correction { time: at(seconds), fields: vec![field.into()], lowered: false }
}

/// The object after a correction of drift at each of these times.
fn corrected(declared: &Value, current: &Value, times: &[i64]) -> UserPoolMfaConfig {
    times.iter().fold(settled(declared), |object, time| {
        after(&object, &reconciled_fully(&object, &observed(current)), at(*time))
    })
}

/// The reason of Ready, and what a GitOps tool makes of the object.
fn ready(object: &UserPoolMfaConfig) -> (String, Kstatus) {
    let status = object.status.as_ref().expect("a status");
    (status.condition(ConditionType::Ready).expect("Ready").reason.clone(), kstatus(object))
}

#[test]
fn a_third_correction_in_a_row_makes_the_pool_contested_and_healthy() {
    let state = |times: &[i64]| ready(&corrected(&on_totp(), &with_sms(), times));
    assert_eq!(state(&[0, 600]), ("InSync".into(), Kstatus::Current));
    assert_eq!(state(&[0, 600, 1200]), ("Contested".into(), Kstatus::Current));
    assert_eq!(state(&[0, 600, 1801]).0, "InSync", "a check between the last two found no drift");
}

#[test]
fn a_contest_ends_when_two_checks_have_found_no_drift() {
    let object = corrected(&on_totp(), &with_sms(), &[0, 600, 1200]);
    let checked = |second| after(&object, &reconciled_fully(&object, &observed(&on_totp())), at(second));
    assert_eq!(ready(&checked(2400)).0, "Contested");
    assert_eq!(ready(&checked(2401)).0, "InSync");
}

/// Who raises the mode must not hide what else they change.
#[test]
fn a_pool_that_is_stronger_than_declared_is_contested_too() {
    let optional = with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"}));
    let corrected = [0, 600, 1200].into_iter().fold(settled(&optional), |object, second| {
        after(&object, &reconciled(&object, &observed(&with_sms()), &observed(&on_totp())), at(second))
    });
    assert_eq!(ready(&corrected), ("Contested".into(), Kstatus::Current));
    let message = &corrected.status.as_ref().unwrap().condition(ConditionType::Ready).unwrap().message;
    assert!(message.contains("stronger than the spec") && message.contains(SMS), "{message}");
    assert_eq!(plan_for(&corrected, &observed(&on_totp())).step, Step::StrongerThanDeclared);
}

#[test]
fn an_edit_of_the_spec_ends_a_contest() {
    let contested = corrected(&on_totp(), &with_sms(), &[0, 600, 1200]);
    let declared = edited(&contested, &with_sms());
    let object = after(&declared, &reconciled_fully(&declared, &observed(&with_sms())), at(1260));
    assert_eq!(ready(&object), ("InSync".into(), Kstatus::Current));
}

#[test]
fn a_contest_is_reported_once_when_it_begins() {
    let row = |count: i64| (0..count).map(|number| correction(600 * number, SMS)).collect::<Vec<_>>();
    assert!(newly_contested(&row(2), TEN).is_empty() && newly_contested(&[], TEN).is_empty());
    assert_eq!(newly_contested(&row(3), TEN), [SMS]);
    assert!(newly_contested(&row(4), TEN).is_empty() && newly_contested(&row(5), TEN).is_empty());
}

proptest! {
    /// Also after a clock jump: a message text, an SMS role or a relying party in a stranger's hands is never left there.
    #[test]
    fn drift_that_weakens_nothing_when_corrected_never_waits(
        times in proptest::collection::vec(-1_000_000i64..1_000_000, 0..6),
        now in -1_000_000_000i64..1_000_000_000,
        interval in 60u64..86_400,
        section in proptest::sample::select(vec![
            json!({"emailMfaConfiguration": {"message": "{####}"}}),
            json!({"smsMfaConfiguration": {"smsConfiguration": {"snsCallerArn": "arn:aws:iam::1:role/a", "externalId": "a"}}}),
            json!({"webAuthnConfiguration": {"userVerification": "preferred"}}),
        ]),
    ) {
        let declared = with(&on_totp(), &section);
        let current = with(&on_totp(), &json!({
            "emailMfaConfiguration": section.get("emailMfaConfiguration").map(|_| json!({"message": "Code {####}"})),
            "smsMfaConfiguration": section.get("smsMfaConfiguration").map(|_| json!({"smsConfiguration": {"snsCallerArn": "arn:aws:iam::2:role/b", "externalId": "b"}})),
            "webAuthnConfiguration": {"factorConfiguration": "SINGLE_FACTOR"},
        }));
        let current = Value::Object(current.as_object().unwrap().clone().into_iter().filter(|(_, it)| !it.is_null()).collect());
        let mut object = settled(&declared);
        let observed = observed(&current);
        let fields: Vec<_> = plan_for(&object, &observed).differences.into_iter().map(|it| it.field).collect();
        object.status.as_mut().unwrap().corrections =
            times.iter().map(|time| Correction { fields: fields.clone(), ..correction(*time, "") }).collect();
        let (plan, mut budget) = (plan_for(&object, &observed), WeakeningBudget::new(0));
        prop_assert_eq!(plan.step, Step::Write(Cause::Drift));
        let now = Now { wall_clock: at(now), since_start: Duration::ZERO };
        let hold = check_hold(&object, &observed, &plan, Duration::from_secs(interval), &mut budget, now);
        prop_assert_eq!(hold, Ok(()));
    }
}
