//! The core's decisions on real objects. The answers are cached, because there are few different questions.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        hold::Hold,
        memory::has_same_plan,
        plan_for,
        step::{Cause, Plan, Step},
    },
    schedule::interval::DEFAULT_INTERVAL,
    settings::{diff::hash, observed::Observed},
    status::{
        next_status::{next_status, superseded_status},
        outcome::Outcome as CoreOutcome,
        passing_failure::RecentChecks,
    },
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use serde_json::json;

use crate::world::{Declaration, Memory, Object, Outcome, PoolState, Synced};

/// All declarations of the model.
pub const DECLARATIONS: [Declaration; 6] = {
    const fn declaration(uid: u8, generation: u8) -> Declaration {
        Declaration { uid, generation }
    }
    [
        declaration(0, 1),
        declaration(0, 2),
        declaration(0, 3),
        declaration(1, 1),
        declaration(1, 2),
        declaration(1, 3),
    ]
};

/// The core's answers so far.
#[derive(Default)]
pub struct Decisions {
    writes: Answers<(Object, PoolState), bool>,
    statuses: Answers<(Object, Object, Outcome), Option<Memory>>,
}

impl Decisions {
    /// Whether a reconciliation of the object makes a write to a pool in this state. The next write after one that Cognito
    /// did not take waits for longer than the model runs.
    #[must_use]
    pub fn plans_write(&self, object: Object, pool: PoolState) -> bool {
        self.writes.get((object, pool), || match plan(object, pool).step {
            Step::Write(cause) => cause != Cause::NotTaken,
            _ => false,
        })
    }

    /// The memory in the status that is written after an outcome that was planned for `planned`, when the API server has
    /// `fresh`. None if no status is written.
    #[must_use]
    pub fn status(&self, planned: Object, fresh: Object, outcome: Outcome) -> Option<Memory> {
        self.statuses.get((planned, fresh, outcome), || written(planned, fresh, outcome))
    }
}

/// Whether the core considers a plan for `planned` valid for `fresh`.
#[must_use]
pub fn alike(planned: Object, fresh: Object) -> bool {
    has_same_plan(&core_object(planned), &core_object(fresh))
}

fn plan(object: Object, pool: PoolState) -> Plan {
    plan_for(&core_object(object), &observed(pool))
}

fn written(planned: Object, fresh: Object, outcome: Outcome) -> Option<Memory> {
    let outcome = core_outcome(planned, outcome);
    let (planned, fresh) = (core_object(planned), core_object(fresh));
    let status = if has_same_plan(&planned, &fresh) {
        next_status(&fresh, &outcome, RecentChecks::first(DEFAULT_INTERVAL), Timestamp::UNIX_EPOCH)
    } else {
        superseded_status(&planned, &outcome, &fresh, Timestamp::UNIX_EPOCH)
    };
    status.as_ref().map(memory)
}

fn core_outcome(object: Object, outcome: Outcome) -> CoreOutcome {
    let failure =
        |operation| Failure::new(FailureClass::Transient, operation, "Timeout", "AWS did not answer in time");
    match outcome {
        Outcome::Checked(pool) => checked(object, pool),
        Outcome::Written(before, after) => {
            CoreOutcome::Written { plan: plan(object, before), after: observed(after) }
        }
        Outcome::Unknown(before) => {
            CoreOutcome::Failed(failure(Operation::Set), Some((observed(before), plan(object, before))))
        }
        Outcome::ReadFailed => CoreOutcome::Failed(failure(Operation::Get), None),
    }
}

/// The outcome where nothing is written. A planned write that is not made is one that waits.
fn checked(object: Object, pool: PoolState) -> CoreOutcome {
    let plan = plan(object, pool);
    match plan.step {
        Step::Write(Cause::NotTaken) => {
            CoreOutcome::OnHold(observed(pool), plan, Hold::NotTaken { left: DEFAULT_INTERVAL })
        }
        _ => CoreOutcome::Checked(observed(pool), plan),
    }
}

/// The object as the API server stores it.
fn core_object(object: Object) -> UserPoolMfaConfig {
    let Declaration { uid, generation } = object.declaration;
    let spec =
        json!({"userPoolId": "eu-west-1_Model", "mfaConfiguration": "OFF", "adoptionPolicy": "Overwrite"});
    let mut stored = UserPoolMfaConfig::new("model", serde_json::from_value(spec).expect("a spec"));
    stored.spec.settings = settings(PoolState::Declared(object.declaration));
    stored.metadata.uid = Some(uid.to_string());
    stored.metadata.generation = Some(generation.into());
    stored.status = Some(status(object.memory));
    stored
}

fn status(memory: Memory) -> UserPoolMfaConfigStatus {
    UserPoolMfaConfigStatus {
        observed_generation: memory.synced.map(|synced| synced.generation.into()),
        applied_hash: memory.applied.map(hash_of),
        attempted_hash: memory.attempted.map(hash_of),
        observed: memory.observed.map(settings),
        conditions: memory.synced.into_iter().map(condition).collect(),
        ..UserPoolMfaConfigStatus::default()
    }
}

fn hash_of(declaration: Declaration) -> String {
    hash(&settings(PoolState::Declared(declaration)))
}

fn condition(synced: Synced) -> Condition {
    let status = match synced.status {
        Some(true) => "True",
        Some(false) => "False",
        None => "Unknown",
    };
    Condition {
        type_: ConditionType::Synced.to_string(),
        status: status.into(),
        reason: synced.reason.to_string(),
        message: String::new(),
        observed_generation: Some(synced.generation.into()),
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    }
}

fn memory(status: &UserPoolMfaConfigStatus) -> Memory {
    let declaration = |hash: &String| {
        let mut declarations = DECLARATIONS.into_iter();
        declarations.find(|one| hash_of(*one) == *hash).expect("the hash of a declaration")
    };
    let (applied, attempted) =
        (status.applied_hash.as_ref().map(declaration), status.attempted_hash.as_ref().map(declaration));
    let observed = status.observed.as_ref().map(|observed| {
        let declared = DECLARATIONS
            .into_iter()
            .flat_map(|one| [PoolState::Declared(one), PoolState::DeclaredAndMore(one)]);
        let mut pools = declared.chain([PoolState::Initial, PoolState::Drifted]);
        pools.find(|pool| settings(*pool) == *observed).expect("a state of the model's pool")
    });
    Memory { applied, attempted, observed, synced: status.condition(ConditionType::Synced).map(synced) }
}

fn synced(condition: &Condition) -> Synced {
    let generation = condition.observed_generation.and_then(|generation| generation.try_into().ok());
    Synced {
        generation: generation.expect("a generation of the model"),
        reason: condition.reason.parse().expect("a reason of a condition"),
        status: match condition.status.as_str() {
            "True" => Some(true),
            "False" => Some(false),
            "Unknown" => None,
            other => panic!("{other} is not a status of a condition"),
        },
    }
}

fn observed(pool: PoolState) -> Observed {
    Observed { settings: settings(pool), unknown: Vec::new() }
}

fn settings(pool: PoolState) -> MfaSettings {
    let declared = |declaration: Declaration| {
        let subject = format!("{}/{}", declaration.uid, declaration.generation);
        json!({"mfaConfiguration": "ON", "emailMfaConfiguration": {"subject": subject}})
    };
    let settings = match pool {
        PoolState::Initial => json!({"mfaConfiguration": "OFF"}),
        PoolState::Drifted => json!({"mfaConfiguration": "OPTIONAL", "emailMfaConfiguration": {}}),
        PoolState::Declared(declaration) => declared(declaration),
        PoolState::DeclaredAndMore(declaration) => {
            let mut settings = declared(declaration);
            let role = "arn:aws:iam::123456789012:role/sms";
            settings["smsMfaConfiguration"] =
                json!({"smsConfiguration": {"snsCallerArn": role, "externalId": "id"}});
            settings
        }
    };
    serde_json::from_value(settings).expect("settings")
}

/// A cache of answers by question.
struct Answers<Q, A>(Mutex<HashMap<Q, A>>);

impl<Q, A> Default for Answers<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Eq + Hash + Copy, A: Copy> Answers<Q, A> {
    fn get(&self, question: Q, ask: impl FnOnce() -> A) -> A {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(question).or_insert_with(ask)
    }
}
