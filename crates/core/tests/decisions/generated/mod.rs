//! Random walks of one object and its pool. An oracle that shares no code with the operator predicts the result of each
//! step.

pub mod oracle;

use cognito_emulator::{EmailSender, Facts, Pool, SmsRole, Switches, Tier};
use cognito_mfa_core::{
    api::v1alpha1::{
        AdoptionPolicy, ConditionType, DriftPolicy, ManagementPolicy, MfaSettings, UserPoolMfaConfig,
        UserPoolMfaConfigStatus,
    },
    settings::diff::to_write,
    status::outcome::Outcome,
};
use oracle::{Declaration, Oracle};
use proptest::{collection::vec, prelude::*, sample::select};
use test_support::{
    arbitrary::{declared, object_of, observed_settings, switches},
    fixtures::{POOL, after, at},
    simulated_pool::{SimulatedPool, in_aws_names},
};

use crate::properties::convergence::replacing_patch;

/// The number of walks. With [`STEPS`] each they make 3,000 transitions.
const WALKS: u32 = 250;
const STEPS: usize = 12;
/// The reconciliations after each step. A response that only echoes the request needs three until nothing changes.
const RECONCILIATIONS: usize = 4;

/// A change between two reconciliations.
#[derive(Clone, Debug)]
enum Step {
    Declare(Box<MfaSettings>),
    /// Declares settings again that were declared before.
    DeclareAgain(usize),
    Observe(bool),
    Overwrite(bool),
    Exact(bool),
    Suspend(bool),
    /// Somebody changes the pool.
    Drift(Box<MfaSettings>),
    /// Somebody changes the pool to the declared settings.
    Fix,
    LoseStatus,
    Recreate,
    Nothing,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => declared().prop_map(|settings| Step::Declare(Box::new(settings))),
        1 => (0..STEPS).prop_map(Step::DeclareAgain),
        1 => any::<bool>().prop_map(Step::Observe),
        1 => any::<bool>().prop_map(Step::Overwrite),
        1 => any::<bool>().prop_map(Step::Exact),
        1 => any::<bool>().prop_map(Step::Suspend),
        4 => observed_settings().prop_map(|settings| Step::Drift(Box::new(settings))),
        1 => Just(Step::Fix),
        1 => Just(Step::LoseStatus),
        1 => Just(Step::Recreate),
        1 => Just(Step::Nothing),
    ]
}

/// Pools that accept every factor, and pools that lack something.
fn facts() -> impl Strategy<Value = Facts> {
    let ready = Facts::ready;
    select(vec![
        ready(),
        ready(),
        ready(),
        Facts { tier: Tier::Lite, ..ready() },
        Facts { email_sender: EmailSender::CognitoDefault, ..ready() },
        Facts { sms_role: SmsRole::NotTrusted, ..ready() },
        Facts { recovery: Vec::new(), ..ready() },
        Facts { recovery: vec!["verified_phone_number".into()], ..ready() },
        Facts { auto_verified_attributes: vec!["phone_number".into()], ..ready() },
    ])
}

/// The operator and the oracle, each with a pool of its own.
struct Walk {
    object: UserPoolMfaConfig,
    cognito: SimulatedPool,
    oracle: Oracle,
    second: i64,
    declared: Vec<MfaSettings>,
}

impl Walk {
    fn new(settings: MfaSettings, first: &MfaSettings, facts: Facts, switches: Switches) -> Self {
        let mut pool = Pool::new(POOL, facts);
        pool.edit_live(&in_aws_names(first));
        let object = object_of(&settings, true, true);
        let oracle = Oracle::new(pool.clone(), switches.clone());
        let cognito = SimulatedPool { pool, switches, writes: 0, accepted_writes: 0 };
        Self { object, cognito, oracle, second: 0, declared: vec![settings] }
    }

    fn take(&mut self, step: Step) {
        // Three corrections of a field within few checks would make the pool contested.
        self.second += 24 * 3600;
        match step {
            Step::Declare(settings) => {
                self.declared.push(*settings.clone());
                self.edit(|object| object.spec.settings = *settings);
            }
            Step::DeclareAgain(number) => {
                let settings = self.declared[number % self.declared.len()].clone();
                self.edit(|object| object.spec.settings = settings);
            }
            Step::Observe(observe) => self.edit(|object| {
                object.spec.management_policy =
                    if observe { ManagementPolicy::Observe } else { ManagementPolicy::Enforce };
            }),
            Step::Overwrite(overwrite) => self.edit(|object| {
                object.spec.adoption_policy =
                    if overwrite { AdoptionPolicy::Overwrite } else { AdoptionPolicy::Hold };
            }),
            Step::Exact(exact) => self.edit(|object| {
                object.spec.drift_policy = if exact { DriftPolicy::Exact } else { DriftPolicy::KeepStronger };
            }),
            Step::Suspend(suspend) => self.edit(|object| object.spec.suspend = suspend),
            Step::Drift(settings) => self.change_pools(&settings),
            // The factors that OFF ignores are left out: no pool has them.
            Step::Fix => self.change_pools(&to_write(&self.object.spec.settings)),
            Step::LoseStatus => self.lose_status(),
            Step::Recreate => {
                self.object.metadata.uid = self.object.metadata.uid.as_ref().map(|uid| format!("{uid}x"));
                self.object.metadata.generation = Some(1);
                self.lose_status();
            }
            Step::Nothing => {}
        }
    }

    fn edit(&mut self, change: impl FnOnce(&mut UserPoolMfaConfig)) {
        let before = self.object.spec.clone();
        change(&mut self.object);
        if self.object.spec != before {
            self.object.metadata.generation = self.object.metadata.generation.map(|it| it + 1);
        }
    }

    fn change_pools(&mut self, settings: &MfaSettings) {
        for pool in [&mut self.cognito.pool, &mut self.oracle.pool] {
            pool.edit_live(&replacing_patch(settings));
        }
    }

    fn lose_status(&mut self) {
        self.object.status =
            Some(UserPoolMfaConfigStatus { observed_generation: Some(-1), ..Default::default() });
        self.oracle.forget();
    }

    /// Reconciles the object. Returns the reason of Ready.
    fn reconcile(&mut self) -> String {
        for _ in 0..RECONCILIATIONS {
            self.second += 60;
            let suspended = self.object.spec.suspend;
            let outcome = if suspended { Outcome::Suspended } else { self.cognito.reconcile(&self.object) };
            self.object = after(&self.object, &outcome, at(self.second));
        }
        let ready = self.object.status.as_ref().and_then(|status| status.condition(ConditionType::Ready));
        ready.map(|ready| ready.reason.clone()).unwrap_or_default()
    }

    /// The reason of Ready that the oracle predicts.
    fn predict(&mut self) -> &'static str {
        let spec = &self.object.spec;
        let declaration = Declaration {
            settings: in_aws_names(&spec.settings),
            observe: spec.management_policy == ManagementPolicy::Observe,
            overwrite: spec.adoption_policy == AdoptionPolicy::Overwrite,
            exact: spec.drift_policy == DriftPolicy::Exact,
            suspend: spec.suspend,
        };
        (0..RECONCILIATIONS).map(|_| self.oracle.reconcile(&declaration)).last().unwrap_or_default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(WALKS))]

    #[test]
    fn every_step_has_the_result_that_the_oracle_predicts(
        settings in declared(), first in observed_settings(), facts in facts(), switches in switches(), steps in vec(step(), STEPS),
    ) {
        let mut walk = Walk::new(settings, &first, facts, switches);
        for step in [Step::Nothing].into_iter().chain(steps) {
            let shown = format!("{step:?}");
            walk.take(step);
            let (predicted, reason) = (walk.predict(), walk.reconcile());
            prop_assert_eq!(&reason, predicted, "the reason after {}", shown);
            prop_assert_eq!(&walk.cognito.pool.live, &walk.oracle.pool.live, "the pool after {}", shown);
            prop_assert_eq!(walk.cognito.accepted_writes, walk.oracle.writes, "the writes after {}", shown);
        }
    }
}
