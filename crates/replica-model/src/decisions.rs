//! What the operator's own core decides, asked with real objects and remembered: there are few different questions.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        step::{Plan, Step},
        table::plan,
    },
    settings::{diff::hash, observed},
    status::{next_status, outcome::Outcome as Ended},
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use serde_json::json;

use crate::world::{Decl, Live, Memory, Object, Outcome, Reason, Synced};

/// The declarations that there may be.
pub const DECLS: [Decl; 6] = {
    const fn decl(uid: u8, generation: u8) -> Decl {
        Decl { uid, generation }
    }
    [decl(0, 1), decl(0, 2), decl(0, 3), decl(1, 1), decl(1, 2), decl(1, 3)]
};

/// The core's answers.
#[derive(Default)]
pub struct Decisions {
    sets: Answers<(Object, Live), bool>,
    statuses: Answers<(Object, Object, Outcome), Option<Memory>>,
}

impl Decisions {
    /// Whether a pass over the object that reads `live` goes on to a Set.
    #[must_use]
    pub fn sets(&self, object: Object, live: Live) -> bool {
        self.sets.get((object, live), || matches!(planned(object, live).step, Step::Write(_)))
    }

    /// What is written into the status of `fresh` after a pass that was planned for `planned`, if anything.
    #[must_use]
    pub fn status(&self, planned: Object, fresh: Object, outcome: Outcome) -> Option<Memory> {
        self.statuses.get((planned, fresh, outcome), || written(planned, fresh, outcome))
    }
}

/// Whether the core takes two objects for one that a pass would be planned for alike.
#[must_use]
pub fn alike(planned: Object, fresh: Object) -> bool {
    cognito_mfa_core::plan::memory::is_planned_alike(&real(planned), &real(fresh))
}

fn planned(object: Object, live: Live) -> Plan {
    let object = real(object);
    plan(&object.spec, &found(live), &cognito_mfa_core::plan::memory::memory(&object))
}

fn written(plan_for: Object, fresh: Object, outcome: Outcome) -> Option<Memory> {
    let ended = ended(plan_for, outcome);
    let (planned, fresh) = (real(plan_for), real(fresh));
    let next = if cognito_mfa_core::plan::memory::is_planned_alike(&planned, &fresh) {
        next_status::next_status(&fresh, &ended, Timestamp::UNIX_EPOCH)
    } else {
        next_status::superseded_status(&planned, &ended, &fresh, Timestamp::UNIX_EPOCH)
    };
    next.as_ref().map(memory)
}

fn ended(object: Object, outcome: Outcome) -> Ended {
    let failure =
        |operation| Failure::new(FailureClass::Transient, operation, "Timeout", "AWS did not answer in time");
    match outcome {
        Outcome::Checked(live) => Ended::Checked(found(live), planned(object, live)),
        Outcome::Set(before, after) => Ended::Written { plan: planned(object, before), after: found(after) },
        Outcome::Open(before) => {
            Ended::Failed(failure(Operation::Set), Some((found(before), planned(object, before))))
        }
        Outcome::Unread => Ended::Failed(failure(Operation::Get), None),
    }
}

/// The object as the API server has it.
fn real(object: Object) -> UserPoolMfaConfig {
    let Decl { uid, generation } = object.decl;
    let spec =
        json!({"userPoolId": "eu-west-1_Model", "mfaConfiguration": "OFF", "adoptionPolicy": "Overwrite"});
    let mut real = UserPoolMfaConfig::new("model", serde_json::from_value(spec).expect("a spec"));
    real.spec.settings = settings(Live::As(object.decl));
    real.metadata.uid = Some(uid.to_string());
    real.metadata.generation = Some(generation.into());
    real.status = Some(remembering(object.memory));
    real
}

fn remembering(memory: Memory) -> UserPoolMfaConfigStatus {
    UserPoolMfaConfigStatus {
        applied_hash: memory.applied.map(|decl| hash(&settings(Live::As(decl)))),
        observed: memory.observed.map(settings),
        conditions: memory.synced.into_iter().map(condition).collect(),
        ..UserPoolMfaConfigStatus::default()
    }
}

const REASONS: [(Reason, &str); 3] =
    [(Reason::InSync, "InSync"), (Reason::NotTaken, "NotTaken"), (Reason::Failed, "CognitoUnavailable")];
const STATUSES: [(Option<bool>, &str); 3] = [(Some(true), "True"), (Some(false), "False"), (None, "Unknown")];

fn condition(synced: Synced) -> Condition {
    let name =
        |all: &[(Reason, &'static str)]| all.iter().find(|(one, _)| *one == synced.reason).map(|all| all.1);
    let word = STATUSES.iter().find(|(equal, _)| *equal == synced.equal).map(|all| all.1);
    Condition {
        type_: "Synced".into(),
        status: word.expect("a status").into(),
        reason: name(&REASONS).expect("a reason").into(),
        message: String::new(),
        observed_generation: Some(synced.generation.into()),
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    }
}

/// What a status remembers, of all that it says.
fn memory(status: &UserPoolMfaConfigStatus) -> Memory {
    let applied = status.applied_hash.as_ref();
    let lives = DECLS.into_iter().flat_map(|decl| [Live::As(decl), Live::Beside(decl)]);
    let mut lives = lives.chain([Live::Start, Live::Hand]);
    let observed = status.observed.as_ref();
    Memory {
        applied: applied.map(|applied| {
            let same = |decl: &Decl| hash(&settings(Live::As(*decl))) == *applied;
            DECLS.into_iter().find(same).expect("the hash of a declaration")
        }),
        observed: observed
            .map(|one| lives.find(|live| settings(*live) == *one).expect("a pool of the model")),
        synced: status.condition(ConditionType::Synced).map(synced),
    }
}

fn synced(condition: &Condition) -> Synced {
    let reason = REASONS.iter().find(|(_, name)| *name == condition.reason).map(|all| all.0);
    let equal = STATUSES.iter().find(|(_, word)| *word == condition.status).map(|all| all.0);
    let generation = condition.observed_generation.and_then(|generation| generation.try_into().ok());
    Synced {
        generation: generation.expect("a generation of the model"),
        reason: reason.expect("a reason of the model"),
        equal: equal.expect("a status"),
    }
}

fn found(live: Live) -> observed::Observed {
    observed::Observed { settings: settings(live), unknown: Vec::new() }
}

fn settings(live: Live) -> MfaSettings {
    let declared = |decl: Decl| {
        let subject = format!("{}/{}", decl.uid, decl.generation);
        json!({"mfaConfiguration": "ON", "emailMfaConfiguration": {"subject": subject}})
    };
    let settings = match live {
        Live::Start => json!({"mfaConfiguration": "OFF"}),
        Live::Hand => {
            json!({"mfaConfiguration": "OPTIONAL", "softwareTokenMfaConfiguration": {"enabled": true}})
        }
        Live::As(decl) => declared(decl),
        Live::Beside(decl) => {
            let mut settings = declared(decl);
            let role = "arn:aws:iam::123456789012:role/sms";
            settings["smsMfaConfiguration"] =
                json!({"smsConfiguration": {"snsCallerArn": role, "externalId": "id"}});
            settings
        }
    };
    serde_json::from_value(settings).expect("settings")
}

/// Questions and their answers.
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
