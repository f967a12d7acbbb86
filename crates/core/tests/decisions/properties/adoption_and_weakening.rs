//! A write that counts as weakening reduces protection, no other write does, and an adoption on hold never writes.

use cognito_emulator::Switches;
use cognito_mfa_core::{
    api::v1alpha1::{MfaMode, MfaSettings},
    plan::{
        exemption::restores,
        step::{Cause, Plan, Step},
        weakening::weakening,
    },
    settings::diff::to_write,
    status::outcome::Outcome,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::{
    arbitrary::{declared, differs, object_of, observed_settings, settings, switches},
    fixtures::{after, at},
    simulated_pool::SimulatedPool,
};

/// The protection that a pool gives its users, derived from the settings that Cognito stores.
#[derive(Debug, PartialEq, Eq)]
struct Protection {
    /// The strictness of the mode: 0 is OFF, 1 is OPTIONAL, 2 is ON.
    mode: u8,
    /// The second factors that a user may have registered.
    factors: Vec<String>,
    /// Whether passkeys count as two factors, and whether they require user verification.
    passkeys: [bool; 2],
    /// The domain whose passkeys work.
    relying_party: Option<String>,
}

impl Protection {
    fn of(pool: &Value) -> Self {
        let mode = pool["MfaConfiguration"].as_str().unwrap_or("OFF");
        let on = |name: &str| match name {
            "SoftwareTokenMfaConfiguration" => pool[name]["Enabled"] == true,
            _ => pool.get(name).is_some(),
        };
        let names = ["SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration"];
        let passkeys = &pool["WebAuthnConfiguration"];
        Self {
            mode: ["OFF", "OPTIONAL", "ON"]
                .iter()
                .zip(0..)
                .find(|(name, _)| **name == mode)
                .map_or(0, |(_, rank)| rank),
            factors: names.into_iter().filter(|name| mode != "OFF" && on(name)).map(str::to_owned).collect(),
            passkeys: [
                passkeys["FactorConfiguration"] == "MULTI_FACTOR_WITH_USER_VERIFICATION",
                passkeys["UserVerification"] == "required",
            ],
            relying_party: passkeys["RelyingPartyId"].as_str().map(str::to_owned),
        }
    }

    fn is_no_less_than(&self, before: &Self) -> bool {
        self.mode >= before.mode
            && before.factors.iter().all(|factor| self.factors.contains(factor))
            && self.passkeys.iter().zip(before.passkeys).all(|(now, then)| *now >= then)
            && (before.relying_party.is_none() || before.relying_party == self.relying_party)
    }
}

/// The protection before and after a write that Cognito accepts.
fn before_and_after_write(
    observed: &MfaSettings,
    declared: &MfaSettings,
    switches: &Switches,
) -> Option<(Protection, Protection)> {
    let mut cognito = SimulatedPool::new(observed, switches);
    let before = Protection::of(&Value::Object(cognito.pool.live.clone()));
    cognito.write(&to_write(declared)).ok()?;
    Some((before, Protection::of(&Value::Object(cognito.pool.live))))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_global_rejects: 50_000, ..ProptestConfig::default() })]

    #[test]
    fn a_write_that_weakens_nothing_leaves_no_less_protection(
        observed in observed_settings(), declared in declared(), switches in switches(),
    ) {
        prop_assume!(weakening(&observed, &declared).is_empty());
        if let Some((before, after)) = before_and_after_write(&observed, &declared, &switches) {
            prop_assert!(after.is_no_less_than(&before), "{before:?} became {after:?}");
        }
    }

    /// Under the emulator's default no omitted section survives. There every weakening is real, so nothing is put on
    /// hold without need.
    #[test]
    fn a_write_that_weakens_leaves_less_protection(observed in observed_settings(), declared in declared()) {
        prop_assume!(!weakening(&observed, &declared).is_empty());
        if let Some((before, after)) = before_and_after_write(&observed, &declared, &Switches::default()) {
            prop_assert!(!after.is_no_less_than(&before), "{before:?} became {after:?}");
        }
    }

    #[test]
    fn an_adoption_on_hold_never_writes(observed in observed_settings(), declared in declared(), switches in switches()) {
        let mut cognito = SimulatedPool::new(&observed, &switches);
        let mut object = object_of(&declared, true, true);
        prop_assume!(!weakening(&cognito.read().settings, &declared).is_empty() && differs(&object, &cognito.read()));
        let before = cognito.pool.clone();
        for second in 0..5 {
            let outcome = cognito.reconcile(&object);
            let on_hold = matches!(outcome, Outcome::Checked(_, Plan { step: Step::HoldAdoption, .. }));
            prop_assert!(on_hold);
            object = after(&object, &outcome, at(second));
        }
        prop_assert_eq!(cognito.writes, 0);
        prop_assert!(cognito.pool == before);
    }

    #[test]
    fn an_observing_object_never_writes(observed in settings(), declared in declared(), hold: bool, switches in switches()) {
        let mut cognito = SimulatedPool::new(&observed, &switches);
        let mut object = object_of(&declared, false, hold);
        for second in 0..3 {
            let outcome = cognito.reconcile(&object);
            object = after(&object, &outcome, at(second));
        }
        prop_assert_eq!(cognito.writes, 0);
        prop_assert!(object.status.unwrap().applied_hash.is_none());
    }

    #[test]
    fn an_exempt_correction_never_lowers_the_mode(observed in observed_settings(), declared in declared(), switches in switches()) {
        prop_assume!(restores(Step::Write(Cause::Drift), &observed, &to_write(&declared), None));
        if let Some((before, after)) = before_and_after_write(&observed, &declared, &switches) {
            let gives_back = before.relying_party != after.relying_party && after.relying_party.is_some();
            prop_assert!(after.mode > before.mode || (after.mode == before.mode && gives_back));
        }
    }

    #[test]
    fn writing_the_observed_settings_weakens_nothing(observed in settings()) {
        let weakened = weakening(&observed, &observed);
        prop_assert!(weakened.is_empty(), "{weakened:?}");
    }

    #[test]
    fn turning_mfa_off_always_weakens(observed in settings(), mut declared in declared()) {
        prop_assume!(observed.mfa_configuration != MfaMode::Off);
        declared.mfa_configuration = MfaMode::Off;
        prop_assert!(!weakening(&observed, &declared).is_empty());
    }
}

/// If `Protection` saw no differences, the properties above would hold without a meaning.
#[test]
fn turning_mfa_off_is_less_protection() {
    let on = json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    let off = json!({"MfaConfiguration": "OFF"});
    assert!(!Protection::of(&off).is_no_less_than(&Protection::of(&on)));
    assert!(Protection::of(&on).is_no_less_than(&Protection::of(&off)));
}
