//! Scripted faults: what the next matching calls meet instead of a plain answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the next calls of an operation meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// AWS's operation name, such as `SetUserPoolMfaConfig`.
    pub operation: String,
    /// Only calls on this pool; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// For how many calls. 1 when absent.
    #[serde(default = "once")]
    pub times: u32,
    /// Whether the operation is carried out. `Before` when absent.
    #[serde(default)]
    pub when: When,
    /// Milliseconds to wait: with `Before` ahead of the operation, with `After` behind it.
    #[serde(default)]
    pub delay_ms: u64,
    /// What happens.
    pub effect: Effect,
}

/// Whether a fault strikes before the operation is carried out, or after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// Nothing is applied.
    #[default]
    Before,
    /// The operation is applied first: the caller cannot know.
    After,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// AWS's error answer.
    #[serde(rename_all = "camelCase")]
    Error {
        /// AWS's code.
        code: String,
        /// HTTP status; 500 for InternalErrorException and otherwise 400 when absent.
        #[serde(default)]
        status: Option<u16>,
        /// The text.
        #[serde(default)]
        message: String,
        /// `reasonCode`.
        #[serde(default)]
        reason_code: Option<String>,
    },
    /// Status 200 with the first half of the body.
    Truncated,
    /// Any status and body.
    Raw {
        /// HTTP status.
        status: u16,
        /// The whole body.
        body: String,
    },
    /// The connection is closed without an answer.
    HangUp,
    /// No answer, ever; the connection stays open.
    Hang,
    /// Nothing but the delay: the operation is carried out and answered in either case.
    Delay,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// A fault for the next call of the operation on any pool, before it is applied.
    #[must_use]
    pub fn next(operation: &str, effect: Effect) -> Self {
        Self { operation: operation.into(), pool: None, times: 1, when: When::Before, delay_ms: 0, effect }
    }

    /// The next call of the operation answers AWS's error.
    #[must_use]
    pub fn error(operation: &str, code: &str, message: &str) -> Self {
        let (code, message) = (code.into(), message.into());
        Self::next(operation, Effect::Error { code, status: None, message, reason_code: None })
    }

    /// Only for calls on this pool.
    #[must_use]
    pub fn on(self, pool: &str) -> Self {
        Self { pool: Some(pool.into()), ..self }
    }

    /// For this many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The operation is applied first.
    #[must_use]
    pub fn after_applying(self) -> Self {
        Self { when: When::After, ..self }
    }

    /// Waits as well.
    #[must_use]
    pub fn delayed(self, delay: Duration) -> Self {
        Self { delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), ..self }
    }

    /// How long it waits at `moment`.
    pub(crate) fn delay_at(&self, moment: When) -> Duration {
        if self.when == moment { Duration::from_millis(self.delay_ms) } else { Duration::ZERO }
    }

    fn matches(&self, operation: &str, pool: Option<&str>) -> bool {
        self.operation == operation && self.pool.as_deref().is_none_or(|wanted| Some(wanted) == pool)
    }
}

/// Faults that wait for their calls, in order.
#[derive(Debug, Default)]
pub struct Faults {
    queued: Vec<Fault>,
}

impl Faults {
    /// Adds a fault behind the ones that wait already.
    pub fn push(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.queued.push(fault);
        }
    }

    /// What has not struck yet.
    #[must_use]
    pub fn queued(&self) -> &[Fault] {
        &self.queued
    }

    /// Forgets what has not struck yet.
    pub fn clear(&mut self) {
        self.queued.clear();
    }

    /// The fault that this call meets.
    pub(crate) fn take(&mut self, operation: &str, pool: Option<&str>) -> Option<Fault> {
        let at = self.queued.iter().position(|fault| fault.matches(operation, pool))?;
        self.queued[at].times -= 1;
        if self.queued[at].times == 0 {
            Some(self.queued.remove(at))
        } else {
            Some(self.queued[at].clone())
        }
    }
}
