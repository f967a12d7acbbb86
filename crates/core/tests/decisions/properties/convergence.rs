//! An accepted Set is not repeated, whatever Cognito makes of it.

use cognito_emulator::{SetAnswer, Switches};
use cognito_mfa_core::{
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig},
    settings::diff::to_write,
    status::outcome::Outcome,
};
use proptest::{collection::vec, prelude::*};
use test_support::{
    arbitrary::{declared, found, object_of, switches},
    fixtures::{after, at},
    simulated_pool::{SimulatedPool, in_aws_names},
};

/// What happens to a pool or its object.
#[derive(Clone, Debug)]
enum Event {
    Edit(MfaSettings),
    Hand(MfaSettings),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![declared().prop_map(Event::Edit), found().prop_map(Event::Hand)]
}

/// An answer that only echoes hides once what Cognito did not take: the next Get shows it, one more Set with a Get at
/// once tells that Cognito means it, and then there is none.
fn allowed(switches: &Switches) -> usize {
    if switches.set_answer == SetAnswer::EchoesRequest { 2 } else { 1 }
}

fn happen(event: Event, object: &mut UserPoolMfaConfig, cognito: &mut SimulatedPool) {
    match event {
        Event::Edit(settings) => {
            object.spec.settings = settings;
            object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
        }
        Event::Hand(left) => cognito.pool.edit_live(&whole(&left)),
    }
}

/// A merge patch that leaves nothing but these settings.
pub fn whole(settings: &MfaSettings) -> serde_json::Value {
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
    fn an_accepted_set_is_not_repeated_unless_live_or_the_spec_changes(
        first in found(), settings in declared(), hold: bool, switches in switches(), events in vec(event(), 0..4),
    ) {
        let mut cognito = SimulatedPool::new(&first, &switches);
        let mut object = object_of(&settings, true, hold);
        let mut second = 0;
        for event in [None].into_iter().chain(events.into_iter().map(Some)) {
            if let Some(event) = event {
                happen(event, &mut object, &mut cognito);
            }
            let before = cognito.taken;
            for _ in 0..5 {
                second += 60;
                let outcome = cognito.reconcile(&object);
                object = after(&object, &outcome, at(second));
            }
            prop_assert!(cognito.taken - before <= allowed(&switches), "{} Sets", cognito.taken - before);
            let settled = cognito.taken;
            let outcome = cognito.reconcile(&object);
            prop_assert_eq!(cognito.taken, settled, "a Set in the steady state");
            prop_assert!(after(&object, &outcome, at(second)) == object || matches!(outcome, Outcome::Failed(..)));
        }
    }

    #[test]
    fn what_is_sent_is_the_declaration_less_what_rests_under_off(settings in declared()) {
        let sent = in_aws_names(&to_write(&settings));
        let mut wanted = in_aws_names(&settings);
        if wanted["MfaConfiguration"] == "OFF" {
            for factor in ["SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration"] {
                wanted.as_object_mut().unwrap().remove(factor);
            }
        }
        prop_assert_eq!(sent, wanted);
    }

    /// Twice the same object, two pools and two pasts: where both are set and taken, they end as one.
    #[test]
    fn what_a_set_leaves_follows_from_the_spec_alone(
        settings in declared(), one in found(), other in found(), past in declared(),
    ) {
        let switches = Switches::default();
        let (mut a, mut b) = (SimulatedPool::new(&one, &switches), SimulatedPool::new(&other, &switches));
        let object = object_of(&settings, true, false);
        let mut older = object_of(&past, true, false);
        let outcome = b.reconcile(&older);
        older = after(&older, &outcome, at(0));
        happen(Event::Edit(settings), &mut older, &mut b);
        let (first, second) = (a.reconcile(&object), b.reconcile(&older));
        let off = object.spec.settings.mfa_configuration.as_str() == "OFF";
        if let (Outcome::Written { after: a, .. }, Outcome::Written { after: b, .. }) = (first, second) {
            let visible = |mut settings: MfaSettings| {
                // Under OFF Cognito goes on showing the SMS section that was there [measured].
                settings.sms_mfa_configuration = settings.sms_mfa_configuration.filter(|_| !off);
                settings
            };
            prop_assert_eq!(visible(a.settings), visible(b.settings));
        }
    }
}
