//! What an object would take away at its first meeting is not taken.

use cognito_emulator::Switches;
use cognito_mfa_core::{
    api::v1alpha1::{MfaMode, MfaSettings},
    plan::{
        step::{Plan, Step},
        weakening::weakening,
    },
    status::outcome::Outcome,
};
use proptest::prelude::*;
use serde_json::Value;
use test_support::{
    arbitrary::{declared, differs, found, object_of, settings, switches},
    fixtures::{after, at},
    simulated_pool::{SimulatedPool, in_aws_names},
};

/// How a pool protects its users, read from what Cognito stores: each part must not fall.
#[derive(Debug, PartialEq, Eq)]
struct Protection {
    /// Whether a second factor is asked for: of none, of some, of all.
    asked: u8,
    /// The second factors that a user may have registered.
    factors: Vec<String>,
    /// Passkeys that count as two factors, passkeys that verify the user.
    passkeys: [bool; 2],
    /// The domain whose passkeys work.
    party: Option<String>,
}

impl Protection {
    fn of(live: &Value) -> Self {
        let mode = live["MfaConfiguration"].as_str().unwrap_or("OFF");
        let on = |name: &str| match name {
            "SoftwareTokenMfaConfiguration" => live[name]["Enabled"] == true,
            _ => live.get(name).is_some(),
        };
        let names = ["SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration"];
        let passkeys = &live["WebAuthnConfiguration"];
        Self {
            asked: ["OFF", "OPTIONAL", "ON"]
                .iter()
                .zip(0..)
                .find(|(name, _)| **name == mode)
                .map_or(0, |(_, rank)| rank),
            factors: names.into_iter().filter(|name| mode != "OFF" && on(name)).map(str::to_owned).collect(),
            passkeys: [
                passkeys["FactorConfiguration"] == "MULTI_FACTOR_WITH_USER_VERIFICATION",
                passkeys["UserVerification"] == "required",
            ],
            party: passkeys["RelyingPartyId"].as_str().map(str::to_owned),
        }
    }

    fn is_no_less_than(&self, before: &Self) -> bool {
        self.asked >= before.asked
            && before.factors.iter().all(|factor| self.factors.contains(factor))
            && self.passkeys.iter().zip(before.passkeys).all(|(now, then)| *now >= then)
            && (before.party.is_none() || before.party == self.party)
    }
}

/// What the pool stores after a Set that Cognito took.
fn set(live: &MfaSettings, declared: &MfaSettings, switches: &Switches) -> Option<(Protection, Protection)> {
    let mut cognito = SimulatedPool::new(live, switches);
    let before = Protection::of(&Value::Object(cognito.pool.live.clone()));
    cognito.set(&cognito_mfa_core::settings::diff::to_write(declared)).ok()?;
    Some((before, Protection::of(&Value::Object(cognito.pool.live))))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_global_rejects: 50_000, ..ProptestConfig::default() })]

    #[test]
    fn a_set_that_lowers_nothing_leaves_no_less_protection(
        live in found(), declared in declared(), switches in switches(),
    ) {
        prop_assume!(weakening(&live, &declared).is_empty());
        if let Some((before, now)) = set(&live, &declared, &switches) {
            prop_assert!(now.is_no_less_than(&before), "{before:?} became {now:?}");
        }
    }

    /// The other way round, so that nothing is held without need: under the emulator's default, where nothing that is
    /// omitted survives, what counts as lowered is lower.
    #[test]
    fn a_set_that_lowers_leaves_less_protection(live in found(), declared in declared()) {
        prop_assume!(!weakening(&live, &declared).is_empty());
        if let Some((before, now)) = set(&live, &declared, &Switches::default()) {
            prop_assert!(!now.is_no_less_than(&before), "{before:?} became {now:?}");
        }
    }

    #[test]
    fn a_held_adoption_never_sets(live in found(), declared in declared(), switches in switches()) {
        let mut cognito = SimulatedPool::new(&live, &switches);
        let mut object = object_of(&declared, true, true);
        prop_assume!(!weakening(&cognito.observed().settings, &declared).is_empty() && differs(&object, &cognito.observed()));
        let before = cognito.pool.clone();
        for second in 0..5 {
            let outcome = cognito.reconcile(&object);
            let held = matches!(outcome, Outcome::Checked(_, Plan { step: Step::Hold, .. }));
            prop_assert!(held);
            object = after(&object, &outcome, at(second));
        }
        prop_assert_eq!(cognito.asked, 0);
        prop_assert!(cognito.pool == before);
    }

    #[test]
    fn who_observes_never_sets(live in settings(), declared in declared(), hold: bool, switches in switches()) {
        let mut cognito = SimulatedPool::new(&live, &switches);
        let mut object = object_of(&declared, false, hold);
        for second in 0..3 {
            let outcome = cognito.reconcile(&object);
            object = after(&object, &outcome, at(second));
        }
        prop_assert_eq!(cognito.asked, 0);
        prop_assert!(object.status.unwrap().applied_hash.is_none());
    }

    #[test]
    fn nothing_is_lowered_by_what_is_live_already(live in settings()) {
        let lowered = weakening(&live, &live);
        prop_assert!(lowered.is_empty(), "{lowered:?}");
    }

    #[test]
    fn turning_mfa_off_always_lowers_what_was_on(live in settings(), mut declared in declared()) {
        prop_assume!(live.mfa_configuration != MfaMode::Off);
        declared.mfa_configuration = MfaMode::Off;
        prop_assert!(!weakening(&live, &declared).is_empty());
    }
}

/// The measure itself, so that the properties above do not hold for want of a difference.
#[test]
fn the_measure_sees_what_falls() {
    let on =
        serde_json::json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    let off = in_aws_names(&test_support::fixtures::settings(&test_support::fixtures::off()));
    assert!(!Protection::of(&off).is_no_less_than(&Protection::of(&on)));
    assert!(Protection::of(&on).is_no_less_than(&Protection::of(&off)));
}
