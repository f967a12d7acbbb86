//! A pool at the emulator's rules without HTTP, and a pass over it in the order of `src/aws/read_plan_write.rs`.

use cognito_emulator::{ApiError, Facts, Pool, Switches};
use cognito_mfa_core::{
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig},
    calls::failure::{Class, Failure, Operation},
    plan::table::{Cause, Plan, Step, plan},
    settings::{diff::to_send, observed::Live},
    status::{next_status::memory, outcome::Outcome},
};
use serde_json::{Map, Value};

use crate::fixtures::{POOL, settings};

pub struct Cognito {
    pub pool: Pool,
    pub switches: Switches,
    /// The Sets asked for, refused ones included.
    pub asked: usize,
    /// The Sets taken.
    pub taken: usize,
}

impl Cognito {
    /// A pool on which everything can be set, as somebody's hand left it.
    pub fn new(live: &MfaSettings, switches: &Switches) -> Self {
        let mut pool = Pool::new(POOL, Facts::ready());
        pool.edit_live(&in_aws_names(live));
        Self { pool, switches: switches.clone(), asked: 0, taken: 0 }
    }

    pub fn live(&self) -> Live {
        in_our_names(&cognito_emulator::get(&self.pool, &self.switches))
    }

    pub fn set(&mut self, declared: &MfaSettings) -> Result<Live, Failure> {
        self.asked += 1;
        let mut request = in_aws_names(declared);
        request["UserPoolId"] = self.pool.id.clone().into();
        let answer = cognito_emulator::set(&mut self.pool, &request, &self.switches);
        self.taken += usize::from(answer.is_ok());
        answer.map(|answer| in_our_names(&answer)).map_err(|error| refused(&error))
    }

    pub fn pass(&mut self, object: &UserPoolMfaConfig) -> Outcome {
        let live = self.live();
        let plan = plan(&object.spec, &live, &memory(object));
        match plan.step {
            Step::Set(cause) => self.set_pass(object, live, plan, cause),
            _ => Outcome::Checked(live, plan),
        }
    }

    fn set_pass(&mut self, object: &UserPoolMfaConfig, live: Live, plan: Plan, cause: Cause) -> Outcome {
        match self.set(&to_send(&object.spec.settings)) {
            Err(failure) => Outcome::Failed(failure, Some((live, plan))),
            Ok(_) if cause == Cause::Drift => Outcome::Set { plan, after: self.live() },
            Ok(after) => Outcome::Set { plan, after },
        }
    }
}

fn refused(error: &ApiError) -> Failure {
    let class = match error.code.as_str() {
        "InvalidParameterException" => Class::InvalidParameter,
        "FeatureUnavailableInTierException" => Class::TierTooLow,
        "InvalidSmsRoleTrustRelationshipException" => Class::SmsRole,
        other => panic!("the tests do not expect {other}"),
    };
    Failure::new(class, Operation::Set, &error.code, &error.message)
}

/// The settings as a request has them; the API's names differ in the first letter alone.
pub fn in_aws_names(settings: &MfaSettings) -> Value {
    renamed(&serde_json::to_value(settings).expect("settings are JSON"), str::to_ascii_uppercase)
}

fn in_our_names(answer: &Value) -> Live {
    Live { settings: settings(&renamed(answer, str::to_ascii_lowercase)), unknown: Vec::new() }
}

fn renamed(value: &Value, first: fn(&str) -> String) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let rename = |name: &str| format!("{}{}", first(&name[..1]), &name[1..]);
    let members = members.iter().map(|(name, value)| (rename(name), renamed(value, first)));
    Value::Object(members.collect::<Map<_, _>>())
}
