//! The emulator's whole state, and what one call does to it. No I/O, no clock.

use std::time::Duration;

use serde_json::Value;

use crate::{
    iam::{self, Iam, CredentialScope},
    cognito,
    error::ApiError,
    faults::{Effect, Fault, Faults, When},
    call_log::CallLog,
    pool::{Pools, region_of},
    quota::Quota,
    sts,
    switches::Switches,
};

/// Everything that the emulator knows.
#[derive(Debug, Default)]
pub struct EmulatorState {
    /// The user pools.
    pub pools: Pools,
    /// What is not measured at AWS.
    pub switches: Switches,
    /// Scripted faults.
    pub faults: Faults,
    /// The calls so far.
    pub log: CallLog,
    /// Request quotas, off by default.
    pub quota: Quota,
    /// Access keys.
    pub iam: Iam,
}

/// A request to an AWS operation, whatever the protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// AWS's operation name.
    pub operation: String,
    /// The JSON body, or the form's fields.
    pub body: Value,
    /// Who signed it, if it is signed.
    pub scope: Option<CredentialScope>,
}

impl Request {
    /// The request's `UserPoolId`.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        self.body.get("UserPoolId")?.as_str()
    }
}

/// A call that is logged but not answered yet.
#[derive(Debug)]
pub struct ReceivedCall {
    /// Its number in the log.
    pub sequence: u64,
    fault: Option<Fault>,
}

impl ReceivedCall {
    /// How long to wait, before the operation or after it.
    #[must_use]
    pub fn delay(&self, moment: When) -> Duration {
        self.fault.as_ref().map_or(Duration::ZERO, |fault| fault.delay_at(moment))
    }
}

/// How a call ends.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// An answer or an error in the shape of the protocol.
    Answer(Result<Value, ApiError>),
    /// The first half of an answer, at status 200.
    Truncated(Result<Value, ApiError>),
    /// Any status and body.
    Raw(u16, String),
    /// The connection is closed.
    HangUp,
    /// Nothing happens.
    Hang,
}

impl EmulatorState {
    /// Enters a call into the log and picks the fault that it meets. `now` is the time since any fixed start.
    pub fn receive(&mut self, request: &Request, now: Duration) -> ReceivedCall {
        let key = request.scope.as_ref().map(|scope| scope.access_key_id.as_str());
        let sequence = self.log.record(&request.operation, request.pool(), key, &request.body, now);
        ReceivedCall { sequence, fault: self.faults.take(&request.operation, request.pool()) }
    }

    /// Carries the call out, or lets its fault strike. `now` is the time since the same start.
    pub fn answer(&mut self, request: &Request, arrival: &ReceivedCall, now: Duration) -> Reply {
        let plain = Fault::next(&request.operation, Effect::Delay);
        let fault = arrival.fault.as_ref().unwrap_or(&plain);
        let carried_out = fault.when == When::After || fault.effect == Effect::Delay;
        let result = match &fault.effect {
            Effect::Truncated if !carried_out => self.dry_run(request, now),
            _ if carried_out => self.execute(request, now),
            _ => Ok(Value::Null),
        };
        let applied = carried_out && result.is_ok();
        let reply = apply_effect(&fault.effect, result);
        self.log.complete(arrival.sequence, outcome_of(&reply), applied);
        reply
    }

    /// What the operation would answer, without doing it.
    fn dry_run(&mut self, request: &Request, now: Duration) -> Result<Value, ApiError> {
        let pools = self.pools.clone();
        let result = self.execute(request, now);
        self.pools = pools;
        result
    }

    fn execute(&mut self, request: &Request, now: Duration) -> Result<Value, ApiError> {
        let (operation, pool) = (request.operation.as_str(), request.pool());
        let service = if sts::is_sts_operation(operation) { "sts" } else { "cognito-idp" };
        let scope = iam::check_signature(request.scope.as_ref(), service, pool.map(region_of))?;
        self.iam.authorize(scope, operation, pool)?;
        let owner = format!("{} {}", self.iam.account_id(&scope.access_key_id), scope.region);
        self.quota.admit(&owner, operation, pool, now)?;
        match operation {
            "AssumeRole" => sts::assume_role(&mut self.iam, &request.body),
            "GetCallerIdentity" => Ok(sts::caller_identity(&self.iam, &scope.access_key_id)),
            _ => cognito::call(&mut self.pools, &self.switches, operation, &request.body, &scope.region),
        }
    }
}

fn apply_effect(effect: &Effect, result: Result<Value, ApiError>) -> Reply {
    match effect {
        Effect::Delay => Reply::Answer(result),
        Effect::Truncated => Reply::Truncated(result),
        Effect::Raw { status, body } => Reply::Raw(*status, body.clone()),
        Effect::HangUp => Reply::HangUp,
        Effect::Hang => Reply::Hang,
        Effect::Error { code, status, message, reason_code } => {
            let plain = ApiError::new(code, message.as_str());
            let status = status.unwrap_or(plain.status);
            Reply::Answer(Err(ApiError { status, reason_code: reason_code.clone(), ..plain }))
        }
    }
}

fn outcome_of(reply: &Reply) -> String {
    match reply {
        Reply::Answer(Ok(_)) => "OK".into(),
        Reply::Answer(Err(error)) => error.code.clone(),
        Reply::Truncated(_) => "Truncated".into(),
        Reply::Raw(status, _) => format!("Raw {status}"),
        Reply::HangUp => "HangUp".into(),
        Reply::Hang => "Hang".into(),
    }
}
