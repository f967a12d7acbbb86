//! Convergence: an accepted write is not repeated, whatever Cognito makes of it.

use cognito_emulator::{SetAnswer, Switches};
use cognito_mfa_core::{
    api::v1alpha1::{DriftPolicy, MfaSettings, UserPoolMfaConfig},
    settings::diff::to_write,
    status::outcome::Outcome,
};
use proptest::{collection::vec, prelude::*};
use test_support::{
    arbitrary::{declared, object_of, observed_settings, switches},
    fixtures::{after, at},
    simulated_pool::{SimulatedPool, in_aws_names},
};

/// A change of the object's spec, or of the pool by somebody else.
#[derive(Clone, Debug)]
enum Change {
    Spec(MfaSettings),
    Pool(MfaSettings),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![declared().prop_map(Change::Spec), observed_settings().prop_map(Change::Pool)]
}

/// The most writes after a change. A response that only echoes the request hides a setting that Cognito did not apply.
/// The next read shows it, and a second write with a read right after it shows that Cognito keeps the difference.
fn most_writes(switches: &Switches) -> usize {
    if switches.set_answer == SetAnswer::EchoesRequest { 2 } else { 1 }
}

fn apply(change: Change, object: &mut UserPoolMfaConfig, cognito: &mut SimulatedPool) {
    match change {
        Change::Spec(settings) => {
            object.spec.settings = settings;
            object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
        }
        Change::Pool(settings) => cognito.pool.edit_live(&replacing_patch(&settings)),
    }
}

/// The object under driftPolicy Exact, which keeps no strength of the pool.
fn exact(mut object: UserPoolMfaConfig) -> UserPoolMfaConfig {
    object.spec.drift_policy = DriftPolicy::Exact;
    object
}

/// A merge patch that replaces all settings with these.
pub fn replacing_patch(settings: &MfaSettings) -> serde_json::Value {
    let mut patch = in_aws_names(settings);
    for name in [
        "SmsMfaConfiguration",
        "SoftwareTokenMfaConfiguration",
        "EmailMfaConfiguration",
        "WebAuthnConfiguration",
    ] {
        patch.as_object_mut().map(|patch| patch.entry(name).or_insert(serde_json::Value::Null));
    }
    patch
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_accepted_write_is_not_repeated_until_the_pool_or_the_spec_changes(
        first in observed_settings(), settings in declared(), hold: bool, switches in switches(), changes in vec(change(), 0..4),
    ) {
        let mut cognito = SimulatedPool::new(&first, &switches);
        let mut object = object_of(&settings, true, hold);
        let mut second = 0;
        for change in [None].into_iter().chain(changes.into_iter().map(Some)) {
            if let Some(change) = change {
                apply(change, &mut object, &mut cognito);
            }
            let before = cognito.accepted_writes;
            for _ in 0..5 {
                second += 60;
                let outcome = cognito.reconcile(&object);
                object = after(&object, &outcome, at(second));
            }
            let writes = cognito.accepted_writes - before;
            prop_assert!(writes <= most_writes(&switches), "{} writes", writes);
            let settled = cognito.accepted_writes;
            let outcome = cognito.reconcile(&object);
            prop_assert_eq!(cognito.accepted_writes, settled, "a write in the steady state");
            prop_assert!(after(&object, &outcome, at(second)) == object || matches!(outcome, Outcome::Failed(..)));
        }
    }

    #[test]
    fn a_write_sends_the_declared_settings_without_those_that_off_ignores(settings in declared()) {
        let written = in_aws_names(&to_write(&settings));
        let mut expected = in_aws_names(&settings);
        if expected["MfaConfiguration"] == "OFF" {
            for factor in ["SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration"] {
                expected.as_object_mut().unwrap().remove(factor);
            }
        }
        prop_assert_eq!(written, expected);
    }

    /// Two objects with the same spec and different histories write to different pools. If Cognito accepts both writes,
    /// the pools end up equal.
    #[test]
    fn the_settings_after_a_write_depend_on_the_spec_alone_under_exact(
        settings in declared(), one in observed_settings(), other in observed_settings(), previous in declared(),
    ) {
        let switches = Switches::default();
        let (mut a, mut b) = (SimulatedPool::new(&one, &switches), SimulatedPool::new(&other, &switches));
        let object = exact(object_of(&settings, true, false));
        let mut edited = exact(object_of(&previous, true, false));
        let outcome = b.reconcile(&edited);
        edited = after(&edited, &outcome, at(0));
        apply(Change::Spec(settings), &mut edited, &mut b);
        let (first, second) = (a.reconcile(&object), b.reconcile(&edited));
        let off = object.spec.settings.mfa_configuration.as_str() == "OFF";
        if let (Outcome::Written { after: a, .. }, Outcome::Written { after: b, .. }) = (first, second) {
            let visible = |mut settings: MfaSettings| {
                // Under OFF, Cognito still shows the previous SMS section [measured].
                settings.sms_mfa_configuration = settings.sms_mfa_configuration.filter(|_| !off);
                settings
            };
            prop_assert_eq!(visible(a.settings), visible(b.settings));
        }
    }
}
