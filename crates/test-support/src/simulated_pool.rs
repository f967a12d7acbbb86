//! A pool at the emulator's rules without HTTP, and a pass over it in the order of `src/aws/read_plan_write.rs`.

use cognito_emulator::{ApiError, Facts, Pool, Switches};
use cognito_mfa_core::{
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        memory::memory,
        step::{Cause, Plan, Step},
        table::plan,
    },
    settings::{diff::to_write, observed::Observed},
    status::outcome::Outcome,
};
use serde_json::{Map, Value};

use crate::fixtures::{POOL, settings};

pub struct SimulatedPool {
    pub pool: Pool,
    pub switches: Switches,
    /// The Sets asked for, refused ones included.
    pub asked: usize,
    /// The Sets taken.
    pub taken: usize,
}

impl SimulatedPool {
    /// A pool on which everything can be set, as somebody's hand left it.
    pub fn new(live: &MfaSettings, switches: &Switches) -> Self {
        let mut pool = Pool::new(POOL, Facts::ready());
        pool.edit_live(&in_aws_names(live));
        Self { pool, switches: switches.clone(), asked: 0, taken: 0 }
    }

    pub fn observed(&self) -> Observed {
        in_our_names(&cognito_emulator::get(&self.pool, &self.switches))
    }

    pub fn set(&mut self, declared: &MfaSettings) -> Result<Observed, Failure> {
        self.asked += 1;
        let mut request = in_aws_names(declared);
        request["UserPoolId"] = self.pool.id.clone().into();
        let answer = cognito_emulator::set(&mut self.pool, &request, &self.switches);
        self.taken += usize::from(answer.is_ok());
        answer.map(|answer| in_our_names(&answer)).map_err(|error| refused(&error))
    }

    pub fn reconcile(&mut self, object: &UserPoolMfaConfig) -> Outcome {
        let live = self.observed();
        let plan = plan(&object.spec, &live, &memory(object));
        match plan.step {
            Step::Write(cause) => self.write_and_reconcile(object, live, plan, cause),
            _ => Outcome::Checked(live, plan),
        }
    }

    fn write_and_reconcile(
        &mut self,
        object: &UserPoolMfaConfig,
        live: Observed,
        plan: Plan,
        cause: Cause,
    ) -> Outcome {
        match self.set(&to_write(&object.spec.settings)) {
            Err(failure) => Outcome::Failed(failure, Some((live, plan))),
            Ok(_) if cause == Cause::Drift => Outcome::Written { plan, after: self.observed() },
            Ok(after) => Outcome::Written { plan, after },
        }
    }
}

fn refused(error: &ApiError) -> Failure {
    let class = match error.code.as_str() {
        "InvalidParameterException" => FailureClass::InvalidParameter,
        "FeatureUnavailableInTierException" => FailureClass::FeatureUnavailableInTier,
        "InvalidSmsRoleTrustRelationshipException" => FailureClass::SmsRoleNotUsable,
        other => panic!("the tests do not expect {other}"),
    };
    Failure::new(class, Operation::Set, &error.code, &error.message)
}

/// The settings as a request has them; the API's names differ in the first letter alone.
pub fn in_aws_names(settings: &MfaSettings) -> Value {
    renamed(&serde_json::to_value(settings).expect("settings are JSON"), str::to_ascii_uppercase)
}

fn in_our_names(answer: &Value) -> Observed {
    Observed { settings: settings(&renamed(answer, str::to_ascii_lowercase)), unknown: Vec::new() }
}

fn renamed(value: &Value, first: fn(&str) -> String) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let rename = |name: &str| format!("{}{}", first(&name[..1]), &name[1..]);
    let members = members.iter().map(|(name, value)| (rename(name), renamed(value, first)));
    Value::Object(members.collect::<Map<_, _>>())
}
