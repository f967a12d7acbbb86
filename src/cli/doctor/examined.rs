//! What was found about one subject.

use cognito_mfa_core::{
    doctor::{Finding, Kind, Topic, Unseen},
    text,
};
use serde::Serialize;

use super::subject::Subject;
use crate::cli::{ExitStatus, input::Place};

/// What AWS would answer to the write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing that was looked at speaks against it.
    Accepted,
    /// It would refuse it.
    Refused,
    /// The right to describe the pool is missing, and nothing else speaks against the write.
    Unknown,
    /// The pool could not be read.
    Failed,
}

/// What was found about one subject, as a program reads it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Examined {
    #[serde(flatten)]
    place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    pub user_pool_id: String,
    pub verdict: Verdict,
    /// Why the pool could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    pub findings: Vec<Finding>,
}

impl Examined {
    /// The result of looking at a subject.
    #[must_use]
    pub fn new(subject: &Subject, result: Result<Vec<Finding>, String>) -> Self {
        let (verdict, message, findings) = match result {
            Ok(findings) => (verdict(&findings), None, findings),
            Err(why) => (Verdict::Failed, Some(text::safe(&why, text::MAX_MESSAGE)), Vec::new()),
        };
        Self {
            place: subject.place.clone(),
            namespace: subject.namespace.clone(),
            name: subject.name.clone(),
            user_pool_id: subject.user_pool_id.clone(),
            verdict,
            message,
            findings,
        }
    }

    /// The exit status of a command with only this result. What nobody looked at does not count, apart from the pool.
    #[must_use]
    pub fn exit_status(&self) -> ExitStatus {
        let is_known = |finding: &Finding| finding.kind != Kind::NotLookedAt;
        match self.verdict {
            Verdict::Failed => ExitStatus::Failed,
            _ if !is_described(&self.findings) => ExitStatus::Failed,
            Verdict::Refused | Verdict::Unknown => ExitStatus::Different,
            Verdict::Accepted if self.findings.iter().any(is_known) => ExitStatus::Different,
            Verdict::Accepted => ExitStatus::Success,
        }
    }

    /// The name of the object with its namespace, if there is an object.
    #[must_use]
    pub fn full_name(&self) -> Option<String> {
        let name = self.name.as_ref()?;
        Some(self.namespace.as_ref().map_or_else(|| name.clone(), |namespace| format!("{namespace}/{name}")))
    }

    /// Why the pool could not be read, with the place and the name.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        let message = self.message.as_ref()?;
        let place = self.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        let pool = &self.user_pool_id;
        let subject = self.full_name().map_or_else(|| pool.clone(), |name| format!("{name} ({pool})"));
        Some(format!("error: {place}{subject}: {message}"))
    }

    /// Why the pool could not be read.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl Verdict {
    /// The verdict as words after the name of a pool.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Accepted => "AWS would accept this",
            Self::Refused => "AWS would refuse this",
            Self::Unknown => "what AWS would say is not known",
            Self::Failed => "could not be read",
        }
    }
}

fn verdict(findings: &[Finding]) -> Verdict {
    if findings.iter().any(|finding| finding.kind == Kind::Refused) {
        Verdict::Refused
    } else if is_described(findings) {
        Verdict::Accepted
    } else {
        Verdict::Unknown
    }
}

/// Whether AWS described the pool.
fn is_described(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.topic != Topic::NotLookedAt(Unseen::Pool))
}
