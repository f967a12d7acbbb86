//! The calls that arrived, in order.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// One call, whether it succeeded or not. The admin path's own requests are not calls.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// 1 for the first call ever; clearing the log does not start it again.
    pub sequence: u64,
    /// Milliseconds from the emulator's start to its arrival.
    pub arrived_ms: u64,
    /// AWS's operation name.
    pub operation: String,
    /// The request's `UserPoolId`.
    pub pool: Option<String>,
    /// Who signed; never the signature.
    pub access_key_id: Option<String>,
    /// The request's body.
    pub request: Value,
    /// `OK`, AWS's error code, or what a fault did: `HangUp`, `Hang`, `Raw 502`, `Truncated`. `Pending` until then.
    pub outcome: String,
    /// Whether the operation was carried out and accepted, whatever was answered.
    pub applied: bool,
}

/// The call log.
#[derive(Debug, Default)]
pub struct CallLog {
    calls: Vec<Call>,
    last_sequence: u64,
}

impl CallLog {
    /// The calls since the log was last cleared.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Forgets the calls.
    pub fn clear(&mut self) {
        self.calls.clear();
    }

    /// Enters a call that is not answered yet, and returns its number.
    pub(crate) fn record(
        &mut self,
        operation: &str,
        pool: Option<&str>,
        key: Option<&str>,
        request: &Value,
        now: Duration,
    ) -> u64 {
        self.last_sequence += 1;
        self.calls.push(Call {
            sequence: self.last_sequence,
            arrived_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            operation: operation.into(),
            pool: pool.map(Into::into),
            access_key_id: key.map(Into::into),
            request: request.clone(),
            outcome: "Pending".into(),
            applied: false,
        });
        self.last_sequence
    }

    /// Completes a call; it may have been cleared meanwhile.
    pub(crate) fn complete(&mut self, sequence: u64, outcome: String, applied: bool) {
        if let Some(call) = self.calls.iter_mut().rev().find(|call| call.sequence == sequence) {
            call.outcome = outcome;
            call.applied = applied;
        }
    }
}
