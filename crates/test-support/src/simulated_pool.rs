//! A pool that follows the emulator's rules without HTTP, and a reconciliation of it in the order of
//! `src/aws/read_plan_write.rs`.

use cognito_emulator::{ApiError, Facts, Pool, Switches};
use cognito_mfa_core::{
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        memory::memory,
        step::{Cause, Plan, Step},
        table::plan,
    },
    settings::observed::Observed,
    status::outcome::Outcome,
};
use serde_json::{Map, Value};

use crate::fixtures::{POOL, on_hold_as_not_taken, settings};

#[derive(Clone)]
pub struct SimulatedPool {
    pub pool: Pool,
    pub switches: Switches,
    /// The number of writes, including refused ones.
    pub writes: usize,
    /// The number of writes that Cognito accepted.
    pub accepted_writes: usize,
}

impl SimulatedPool {
    /// A pool with these settings that accepts every factor.
    pub fn new(settings: &MfaSettings, switches: &Switches) -> Self {
        let mut pool = Pool::new(POOL, Facts::ready());
        pool.edit_live(&in_aws_names(settings));
        Self { pool, switches: switches.clone(), writes: 0, accepted_writes: 0 }
    }

    pub fn read(&self) -> Observed {
        in_our_names(&cognito_emulator::get(&self.pool, &self.switches))
    }

    pub fn write(&mut self, declared: &MfaSettings) -> Result<Observed, Failure> {
        self.writes += 1;
        let mut request = in_aws_names(declared);
        request["UserPoolId"] = self.pool.id.clone().into();
        let response = cognito_emulator::set(&mut self.pool, &request, &self.switches);
        self.accepted_writes += usize::from(response.is_ok());
        response.map(|response| in_our_names(&response)).map_err(|error| failure_of(&error))
    }

    pub fn reconcile(&mut self, object: &UserPoolMfaConfig) -> Outcome {
        let observed = self.read();
        let plan = plan(&object.spec, &observed, &memory(object));
        match plan.step {
            Step::Write(Cause::NotTaken) => on_hold_as_not_taken(&observed, plan),
            Step::Write(cause) => self.write_planned(observed, plan, cause),
            _ => Outcome::Checked(observed, plan),
        }
    }

    /// After drift the pool is read again: a response may only echo the request.
    fn write_planned(&mut self, before: Observed, plan: Plan, cause: Cause) -> Outcome {
        match self.write(&plan.write) {
            Err(failure) => Outcome::Failed(failure, Some((before, plan))),
            Ok(_) if cause == Cause::Drift => Outcome::Written { plan, after: self.read() },
            Ok(after) => Outcome::Written { plan, after },
        }
    }
}

fn failure_of(error: &ApiError) -> Failure {
    let class = match error.code.as_str() {
        "InvalidParameterException" => FailureClass::InvalidParameter,
        "FeatureUnavailableInTierException" => FailureClass::FeatureUnavailableInTier,
        "InvalidSmsRoleTrustRelationshipException" => FailureClass::SmsRoleNotUsable,
        "AccessDeniedException" => FailureClass::AccessDenied,
        other => panic!("no test expects {other}"),
    };
    Failure::new(class, Operation::Set, &error.code, &error.message)
}

/// The settings under the names of the AWS API, which begin with a capital letter.
pub fn in_aws_names(settings: &MfaSettings) -> Value {
    change_first_letters(&serde_json::to_value(settings).expect("settings are JSON"), str::to_ascii_uppercase)
}

pub fn in_our_names(response: &Value) -> Observed {
    Observed {
        settings: settings(&change_first_letters(response, str::to_ascii_lowercase)),
        unknown: Vec::new(),
    }
}

fn change_first_letters(value: &Value, change: fn(&str) -> String) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let rename = |name: &str| format!("{}{}", change(&name[..1]), &name[1..]);
    let members = members.iter().map(|(name, value)| (rename(name), change_first_letters(value, change)));
    Value::Object(members.collect::<Map<_, _>>())
}
