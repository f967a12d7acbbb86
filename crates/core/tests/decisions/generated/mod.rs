//! Random walks of one object and its pool: each step ends as an oracle says that was written apart from the operator.

mod oracle;

use cognito_emulator::{EmailSender, Facts, Pool, SmsRole, Switches, Tier};
use cognito_mfa_core::{
    api::v1alpha1::{
        AdoptionPolicy, ConditionType, ManagementPolicy, MfaSettings, UserPoolMfaConfig,
        UserPoolMfaConfigStatus,
    },
    settings::diff::to_write,
    status::outcome::Outcome,
};
use oracle::{Oracle, Wish};
use proptest::{collection::vec, prelude::*, sample::select};
use test_support::{
    arbitrary::{declared, found, object_of, switches},
    fixtures::{POOL, after, at},
    simulated_pool::{SimulatedPool, in_aws_names},
};

use crate::properties::settling::whole;

/// Walks, and the steps of each: 3,000 transitions in all.
const WALKS: u32 = 250;
const STEPS: usize = 12;
/// After so many passes nothing changes any more: an answer that only echoes takes three.
const PASSES: usize = 4;

/// What happens between two looks at the pool.
#[derive(Clone, Debug)]
enum Step {
    Declare(Box<MfaSettings>),
    /// Back to settings that were declared before.
    DeclareAgain(usize),
    Observe(bool),
    Overwrite(bool),
    Suspend(bool),
    Hand(Box<MfaSettings>),
    /// A hand brings the pool back to what is declared.
    Mend,
    LoseStatus,
    MakeAgain,
    Nothing,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => declared().prop_map(|settings| Step::Declare(Box::new(settings))),
        1 => (0..STEPS).prop_map(Step::DeclareAgain),
        1 => any::<bool>().prop_map(Step::Observe),
        1 => any::<bool>().prop_map(Step::Overwrite),
        1 => any::<bool>().prop_map(Step::Suspend),
        4 => found().prop_map(|left| Step::Hand(Box::new(left))),
        1 => Just(Step::Mend),
        1 => Just(Step::LoseStatus),
        1 => Just(Step::MakeAgain),
        1 => Just(Step::Nothing),
    ]
}

/// Pools that take everything, and pools that lack something.
fn facts() -> impl Strategy<Value = Facts> {
    let ready = Facts::ready;
    select(vec![
        ready(),
        ready(),
        ready(),
        Facts { tier: Tier::Lite, ..ready() },
        Facts { email_sender: EmailSender::CognitoDefault, ..ready() },
        Facts { sms_role: SmsRole::NotTrusted, ..ready() },
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
        let cognito = SimulatedPool { pool, switches, asked: 0, taken: 0 };
        Self { object, cognito, oracle, second: 0, declared: vec![settings] }
    }

    fn take(&mut self, step: Step) {
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
            Step::Suspend(suspend) => self.edit(|object| object.spec.suspend = suspend),
            Step::Hand(left) => self.hand(&left),
            // Under OFF the factors rest: no pool has them.
            Step::Mend => self.hand(&to_write(&self.object.spec.settings)),
            Step::LoseStatus => self.forget(),
            Step::MakeAgain => {
                self.object.metadata.uid = self.object.metadata.uid.as_ref().map(|uid| format!("{uid}x"));
                self.object.metadata.generation = Some(1);
                self.forget();
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

    fn hand(&mut self, left: &MfaSettings) {
        for pool in [&mut self.cognito.pool, &mut self.oracle.pool] {
            pool.edit_live(&whole(left));
        }
    }

    fn forget(&mut self) {
        self.object.status =
            Some(UserPoolMfaConfigStatus { observed_generation: Some(-1), ..Default::default() });
        self.oracle.forget();
    }

    /// What the operator makes of it: the reason of Ready.
    fn settle(&mut self) -> String {
        for _ in 0..PASSES {
            self.second += 60;
            let suspended = self.object.spec.suspend;
            let outcome = if suspended { Outcome::Suspended } else { self.cognito.reconcile(&self.object) };
            self.object = after(&self.object, &outcome, at(self.second));
        }
        let ready = self.object.status.as_ref().and_then(|status| status.condition(ConditionType::Ready));
        ready.map(|ready| ready.reason.clone()).unwrap_or_default()
    }

    /// What must become of it.
    fn foretell(&mut self) -> &'static str {
        let spec = &self.object.spec;
        let wish = Wish {
            settings: in_aws_names(&spec.settings),
            observe: spec.management_policy == ManagementPolicy::Observe,
            overwrite: spec.adoption_policy == AdoptionPolicy::Overwrite,
            suspend: spec.suspend,
        };
        (0..PASSES).map(|_| self.oracle.pass(&wish)).last().unwrap_or_default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(WALKS))]

    #[test]
    fn every_step_ends_as_the_oracle_says(
        settings in declared(), first in found(), facts in facts(), switches in switches(), steps in vec(step(), STEPS),
    ) {
        let mut walk = Walk::new(settings, &first, facts, switches);
        for step in [Step::Nothing].into_iter().chain(steps) {
            let shown = format!("{step:?}");
            walk.take(step);
            let (said, reason) = (walk.foretell(), walk.settle());
            prop_assert_eq!(&reason, said, "the reason after {}", shown);
            prop_assert_eq!(&walk.cognito.pool.live, &walk.oracle.pool.live, "the pool after {}", shown);
            prop_assert_eq!(walk.cognito.taken, walk.oracle.taken, "the Sets after {}", shown);
        }
    }
}
