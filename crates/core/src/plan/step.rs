//! The plan for a pool: the step to take, its cause, and what it changes.

use strum::{IntoStaticStr, VariantArray};

use super::weakening::weakening;
use crate::{
    api::v1alpha1::{Difference, MfaSettings, Strengths},
    settings::{
        diff,
        fields::fields,
        strengths::{Strength, with_strengths},
    },
};

/// The next step for a pool, with the differences that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The step to take.
    pub step: Step,
    /// The settings that a write sends: the declaration, and the observed values of the strengths that are kept.
    pub write: MfaSettings,
    /// The fields in which the pool differs from the spec before the step, except for the strengths that are kept.
    pub differences: Vec<Difference>,
    /// The strengths in which the pool is stronger than declared and stays so.
    pub kept: Vec<Strength>,
    /// What the pool has beside the declaration, and a write may reset.
    pub left_to_cognito: Vec<Difference>,
    /// The protection that a write would take away, one phrase for each loss. Empty when the write weakens nothing.
    pub weakens: Vec<&'static str>,
    /// Whether the write is a correction that is exempt from the hourly limit: see [`restores`](super::exemption::restores).
    pub restores: bool,
}

impl Plan {
    /// A plan with this step. What is compared with the declaration is the pool as if the strengths that a write keeps were
    /// as declared, so that a difference beside them is found in every section.
    #[must_use]
    pub fn new(step: Step, declared: &MfaSettings, observed: &MfaSettings, kept: Vec<Strength>) -> Self {
        let sent = diff::to_write(declared);
        let compared = with_strengths(observed, &sent, &kept);
        Self {
            step,
            differences: diff::differences(&sent, &compared),
            weakens: weakening(&compared, &sent),
            left_to_cognito: diff::left_to_cognito(&sent, &compared),
            write: with_strengths(&sent, observed, &kept),
            kept,
            restores: false,
        }
    }

    /// What differs from the declaration in `after`, apart from the kept strengths in which it is still stronger.
    #[must_use]
    pub fn remaining(&self, declared: &MfaSettings, after: &MfaSettings) -> Vec<Difference> {
        let sent = diff::to_write(declared);
        let still_stronger = self.still_stronger(&sent, after);
        diff::differences(&sent, &with_strengths(after, &sent, &still_stronger))
    }

    /// The kept strengths in which `observed` is stronger than declared.
    #[must_use]
    pub fn stronger(&self, declared: &MfaSettings, observed: &MfaSettings) -> Vec<Difference> {
        let sent = diff::to_write(declared);
        let (sent_fields, observed_fields) = (fields("", &sent), fields("", observed));
        let difference = |strength: Strength| Difference {
            field: strength.path().to_owned(),
            declared: sent_fields.get(strength.path()).cloned(),
            found: observed_fields.get(strength.path()).cloned(),
        };
        self.still_stronger(&sent, observed).into_iter().map(difference).collect()
    }

    fn still_stronger(&self, sent: &MfaSettings, observed: &MfaSettings) -> Vec<Strength> {
        let (sent, observed) = (Strengths::of(sent), Strengths::of(observed));
        self.kept.iter().copied().filter(|strength| strength.is_stronger(observed, sent)).collect()
    }
}

/// The step to take for a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The pool equals the spec at its adoption: record the adoption.
    Adopt,
    /// The pool equals the spec: do nothing.
    InSync,
    /// The pool is stronger than declared, and nobody lowered the declaration: do nothing.
    StrongerThanDeclared,
    /// The spec declares OFF, the mode was raised outside the spec, and a write of what else differs would turn MFA off:
    /// report that.
    WouldTurnOff,
    /// The adoption would weaken the pool: wait until a user changes the spec or its adoptionPolicy.
    HoldAdoption,
    /// The reference leads to another pool than before, and its adoption would weaken it: wait until a user changes the spec.
    HoldPoolChange,
    /// The pool differs and the object only observes: report the difference.
    Report,
    /// The pool has settings that this build does not know, which a write would erase: wait for an upgrade.
    UnknownSetting,
    /// The object is being deleted and MFA is off already: remove the finalizer.
    AlreadyOff,
    /// Write the spec to the pool.
    Write(Cause),
}

impl Step {
    /// The cause of the write, where the step is one.
    #[must_use]
    pub fn cause(self) -> Option<Cause> {
        match self {
            Self::Write(cause) => Some(cause),
            Self::Adopt
            | Self::InSync
            | Self::StrongerThanDeclared
            | Self::WouldTurnOff
            | Self::HoldAdoption
            | Self::HoldPoolChange
            | Self::Report
            | Self::UnknownSetting
            | Self::AlreadyOff => None,
        }
    }
}

/// The cause of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Cause {
    /// The object adopts its pool.
    Adoption,
    /// The settings in the spec changed.
    #[strum(serialize = "spec")]
    SpecChanged,
    /// Somebody changed the pool since it last equalled the spec.
    Drift,
    /// The pool differs just as the last accepted write left it.
    #[strum(serialize = "not_taken")]
    NotTaken,
    /// The object is being deleted, and its deletionPolicy turns MFA off.
    Deletion,
}

impl Cause {
    /// All causes.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The value of the `cause` label in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
