//! The emulator's state, and how one call changes it. There is no I/O, and time is a parameter.

use std::time::Duration;

use serde_json::Value;

use crate::{
    call_log::CallLog,
    cognito,
    error::ApiError,
    faults::{Effect, Fault, Faults, When},
    iam::{self, CredentialScope, Iam},
    pool::{Pools, region_of},
    quota::Quota,
    sts,
    switches::Switches,
    user_pool::Caller,
};

/// Everything that the emulator remembers. Tests script it and read it.
#[derive(Debug, Default)]
pub struct EmulatorState {
    /// The user pools.
    pub pools: Pools,
    /// The behaviour where no measurement decides.
    pub switches: Switches,
    /// The scripted faults.
    pub faults: Faults,
    /// The AWS calls so far.
    pub log: CallLog,
    /// The request quotas, off by default.
    pub quota: Quota,
    /// The access keys and roles.
    pub iam: Iam,
}

/// A request to an AWS operation, in either protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// AWS's operation name.
    pub operation: String,
    /// The JSON body, or the fields of the form as a JSON object.
    pub body: Value,
    /// The credential scope of the signature; absent in an unsigned request.
    pub scope: Option<CredentialScope>,
}

impl Request {
    /// The `UserPoolId` of the request, when it is a string.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        self.body.get("UserPoolId")?.as_str()
    }
}

/// A call that is logged and not answered yet.
#[derive(Debug)]
pub struct ReceivedCall {
    /// The number of the call in the log.
    pub sequence: u64,
    fault: Option<Fault>,
}

impl ReceivedCall {
    /// The delay that its fault adds before the operation, or after it.
    #[must_use]
    pub fn delay(&self, when: When) -> Duration {
        self.fault.as_ref().map_or(Duration::ZERO, |fault| fault.delay(when))
    }
}

/// How a call ends.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// An answer or an error, encoded in the request's protocol.
    Answer(Result<Value, ApiError>),
    /// The first half of that answer, at status 200.
    Truncated(Result<Value, ApiError>),
    /// This status and body, sent unchanged.
    Raw(u16, String),
    /// No answer: the connection is closed.
    HangUp,
    /// No answer: the connection stays open.
    Hang,
}

impl EmulatorState {
    /// Logs a call and takes its fault. `now` is the time since any fixed moment.
    pub fn receive(&mut self, request: &Request, now: Duration) -> ReceivedCall {
        let key = request.scope.as_ref().map(|scope| scope.access_key_id.as_str());
        let sequence = self.log.record(&request.operation, request.pool(), key, &request.body, now);
        ReceivedCall { sequence, fault: self.faults.take(&request.operation, request.pool()) }
    }

    /// Executes a call, applies its fault and logs the outcome. `now` is the time since the same moment.
    pub fn answer(&mut self, request: &Request, call: &ReceivedCall, now: Duration) -> Reply {
        let no_fault = Fault::next(&request.operation, Effect::Delay);
        let fault = call.fault.as_ref().unwrap_or(&no_fault);
        let executed = fault.when == When::After || fault.effect == Effect::Delay;
        let result = match &fault.effect {
            Effect::Truncated if !executed => self.dry_run(request, now),
            _ if executed => self.execute(request, now),
            _ => Ok(Value::Null),
        };
        let applied = executed && result.is_ok();
        let reply = apply_effect(&fault.effect, result);
        self.log.complete(call.sequence, outcome_of(&reply), applied);
        reply
    }

    /// The operation's answer, without its effect on the pools.
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
        let account = self.iam.account_id(&scope.access_key_id);
        let account_and_region = format!("{account} {}", scope.region);
        let caller = Caller { region: &scope.region, account: &account };
        self.quota.admit(&account_and_region, operation, pool, now)?;
        match operation {
            "AssumeRole" => sts::assume_role(&mut self.iam, &request.body),
            "GetCallerIdentity" => Ok(sts::caller_identity(&self.iam, &scope.access_key_id)),
            _ => cognito::call(&mut self.pools, &self.switches, operation, &request.body, &caller),
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
            let error = ApiError::new(code, message.as_str());
            let status = status.unwrap_or(error.status);
            Reply::Answer(Err(ApiError { status, reason_code: reason_code.clone(), ..error }))
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
