//! The call log: every AWS call in the order of arrival.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// One AWS call, whether it succeeded or not. Requests to the admin path are not logged.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The number of the call since the emulator started, from 1. Clearing the log does not reset it.
    pub sequence: u64,
    /// The arrival, in milliseconds since the emulator started.
    pub arrived_ms: u64,
    /// AWS's operation name.
    pub operation: String,
    /// The `UserPoolId` of the request.
    pub pool: Option<String>,
    /// The access key that signed the request. The signature is never logged.
    pub access_key_id: Option<String>,
    /// The body of the request.
    pub request: Value,
    /// `OK`, AWS's error code, or the fault's effect: `HangUp`, `Hang`, `Raw 502`, `Truncated`. `Pending` before the
    /// call ends.
    pub outcome: String,
    /// Whether the operation took effect. A fault may hide that from the client.
    pub applied: bool,
}

/// The calls since the log was last cleared.
#[derive(Debug, Default)]
pub struct CallLog {
    calls: Vec<Call>,
    last_sequence: u64,
}

impl CallLog {
    /// The calls since the log was last cleared, in the order of arrival.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Removes all calls. The sequence goes on.
    pub fn clear(&mut self) {
        self.calls.clear();
    }

    /// Adds a call that is not answered yet, and returns its sequence number.
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

    /// Sets how a call ended. A call that was cleared in the meantime is left out.
    pub(crate) fn complete(&mut self, sequence: u64, outcome: String, applied: bool) {
        if let Some(call) = self.calls.iter_mut().rev().find(|call| call.sequence == sequence) {
            call.outcome = outcome;
            call.applied = applied;
        }
    }
}
