//! A finding: what will happen, why, and what to do about it.

use serde::{Serialize, Serializer};
use strum::IntoStaticStr;

use super::{accepted_but::Acceptance, not_looked_at::Unseen, users_will_notice::Notice};
use crate::{
    calls::advice::{Refusal, Sign},
    text,
};

/// What will happen, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The kind of the topic.
    pub kind: Kind,
    /// What it is about, from a closed set.
    pub topic: Topic,
    /// The field below `spec`, such as `emailMfaConfiguration`.
    pub field: &'static str,
    /// Why, as a sentence.
    pub message: String,
    /// AWS's expected error code, or the part of its expected message that has been the same over the years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_says: Option<&'static str>,
    /// How well a refusal is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// What to do: each one is enough.
    pub remedies: Vec<Remedy>,
}

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// AWS refuses the write, and nothing changes.
    Refused,
    /// AWS accepts the write, and something declared does not work or does not happen.
    AcceptedBut,
    /// AWS accepts the write, and users sign in in another way.
    UsersWillNotice,
    /// Nobody asked AWS about it.
    NotLookedAt,
}

impl Kind {
    /// The kind in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::AcceptedBut => "accepted, but",
            Self::UsersWillNotice => "users will notice",
            Self::NotLookedAt => "not looked at",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// AWS refuses the write in this way. The name is a heading of docs/troubleshooting.md.
    Refused(Refusal),
    /// AWS accepts the write, but.
    AcceptedBut(Acceptance),
    /// Users will notice.
    UsersWillNotice(Notice),
    /// Nobody looked.
    NotLookedAt(Unseen),
}

impl Topic {
    /// The kind of findings about this topic.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Refused(_) => Kind::Refused,
            Self::AcceptedBut(_) => Kind::AcceptedBut,
            Self::UsersWillNotice(_) => Kind::UsersWillNotice,
            Self::NotLookedAt(_) => Kind::NotLookedAt,
        }
    }

    /// The topic's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.heading(),
            Self::AcceptedBut(acceptance) => acceptance.into(),
            Self::UsersWillNotice(notice) => notice.into(),
            Self::NotLookedAt(unseen) => unseen.into(),
        }
    }

    /// A finding about this topic.
    pub(super) fn finding(self, field: &'static str, message: &str, remedies: Vec<Remedy>) -> Finding {
        let message = text::safe(message, text::MAX_MESSAGE);
        Finding {
            kind: self.kind(),
            topic: self,
            field,
            message,
            aws_says: self.aws_says(),
            grade: None,
            remedies,
        }
    }

    fn aws_says(self) -> Option<&'static str> {
        let refusal = match self {
            Self::Refused(refusal) => refusal,
            Self::AcceptedBut(acceptance) => acceptance.refusal_of_others()?,
            Self::UsersWillNotice(_) | Self::NotLookedAt(_) => return None,
        };
        let (Sign::Code(sign) | Sign::Words(sign)) = refusal.sign();
        Some(sign)
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How well a refusal is known. A refusal that is not measured may turn out to be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, Serialize)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// It follows from other facts.
    Inferred,
    /// Public issues report it.
    Reported,
    /// AWS's documentation or its service model says so.
    Documented,
    /// Recorded runs against AWS show it.
    Measured,
}

/// One way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// Where the text belongs.
    pub place: Place,
    /// A line of YAML, a command, or a policy statement.
    pub text: String,
}

impl Remedy {
    /// A remedy at this place. The text is not truncated, because half a command may do harm.
    pub(super) fn new(place: Place, text: impl Into<String>) -> Self {
        Self { place, text: text::safe(&text.into(), usize::MAX) }
    }
}

/// Where the text of a remedy belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// A line of YAML below `spec`.
    Spec,
    /// A field below `spec` to remove.
    RemoveFromSpec,
    /// A property of the pool, under the names of the API and of CloudFormation.
    Pool,
    /// A command for a shell.
    Command,
    /// A statement for the IAM policy of the caller.
    Policy,
}

impl Place {
    /// The words before the text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spec => "in the spec",
            Self::RemoveFromSpec => "remove from the spec",
            Self::Pool => "in the pool",
            Self::Command => "run",
            Self::Policy => "allow",
        }
    }
}
