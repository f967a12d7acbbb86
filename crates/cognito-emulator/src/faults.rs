//! Scripted faults: errors, delays and broken connections in place of a normal answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A fault for the next calls of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// AWS's operation name, such as `SetUserPoolMfaConfig`.
    pub operation: String,
    /// Limits the fault to calls on this pool. When absent, it applies to calls on any pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The number of calls that it applies to. 1 when absent.
    #[serde(default = "once")]
    pub times: u32,
    /// Whether the operation takes effect. `Before` when absent.
    #[serde(default)]
    pub when: When,
    /// Milliseconds to wait: before the operation with `Before`, after it with `After`.
    #[serde(default)]
    pub delay_ms: u64,
    /// What the client gets.
    pub effect: Effect,
}

/// Whether a fault replaces the operation, or follows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// The operation is not executed.
    #[default]
    Before,
    /// The operation is executed first, and its answer is lost: the client cannot know that it took effect.
    After,
}

/// What the client gets in place of the operation's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// An AWS error.
    #[serde(rename_all = "camelCase")]
    Error {
        /// AWS's error code, such as `TooManyRequestsException`.
        code: String,
        /// The HTTP status. When absent, 500 for InternalErrorException and 400 for all others.
        #[serde(default)]
        status: Option<u16>,
        /// The text for people.
        #[serde(default)]
        message: String,
        /// The member `reasonCode` of InvalidParameterException.
        #[serde(default)]
        reason_code: Option<String>,
    },
    /// Status 200 with the first half of the operation's answer.
    Truncated,
    /// A response that no AWS service would send, such as a proxy's error page.
    Raw {
        /// The HTTP status.
        status: u16,
        /// The body, sent unchanged.
        body: String,
    },
    /// The connection is closed without an answer.
    HangUp,
    /// No answer is sent, and the connection stays open.
    Hang,
    /// The operation's own answer, after the delay. The operation is executed whatever `when` says.
    Delay,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that replaces the next call of the operation, on any pool.
    #[must_use]
    pub fn next(operation: &str, effect: Effect) -> Self {
        Self { operation: operation.into(), pool: None, times: 1, when: When::Before, delay_ms: 0, effect }
    }

    /// A fault that answers the next call of the operation with an AWS error, at the status of its code.
    #[must_use]
    pub fn error(operation: &str, code: &str, message: &str) -> Self {
        let (code, message) = (code.into(), message.into());
        Self::next(operation, Effect::Error { code, status: None, message, reason_code: None })
    }

    /// Limits the fault to calls on this pool.
    #[must_use]
    pub fn on(self, pool: &str) -> Self {
        Self { pool: Some(pool.into()), ..self }
    }

    /// Applies the fault to this many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Executes the operation before the fault. See [`When::After`].
    #[must_use]
    pub fn after_applying(self) -> Self {
        Self { when: When::After, ..self }
    }

    /// Adds a delay, in whole milliseconds. See [`Fault::delay_ms`].
    #[must_use]
    pub fn delayed(self, delay: Duration) -> Self {
        Self { delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), ..self }
    }

    pub(crate) fn delay(&self, when: When) -> Duration {
        if self.when == when { Duration::from_millis(self.delay_ms) } else { Duration::ZERO }
    }

    fn matches(&self, operation: &str, pool: Option<&str>) -> bool {
        self.operation == operation && self.pool.as_deref().is_none_or(|only| Some(only) == pool)
    }
}

/// The queue of faults. A call gets the first fault that matches it.
#[derive(Debug, Default)]
pub struct Faults {
    queued: Vec<Fault>,
}

impl Faults {
    /// Adds a fault at the end of the queue.
    pub fn push(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.queued.push(fault);
        }
    }

    /// The faults that have calls left.
    #[must_use]
    pub fn queued(&self) -> &[Fault] {
        &self.queued
    }

    /// Removes all faults.
    pub fn clear(&mut self) {
        self.queued.clear();
    }

    /// Takes the first fault that matches a call, and counts down its calls.
    pub(crate) fn take(&mut self, operation: &str, pool: Option<&str>) -> Option<Fault> {
        let index = self.queued.iter().position(|fault| fault.matches(operation, pool))?;
        self.queued[index].times -= 1;
        if self.queued[index].times == 0 {
            Some(self.queued.remove(index))
        } else {
            Some(self.queued[index].clone())
        }
    }
}
