//! The plan for a pool: the step to take, its cause, and what it changes.

use strum::{IntoStaticStr, VariantArray};

use crate::api::v1alpha1::Difference;

/// The next step for a pool, with the differences that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The step to take.
    pub step: Step,
    /// The fields in which the pool differs from the spec before the step.
    pub differences: Vec<Difference>,
    /// The protection that a write would take away, one phrase for each loss. Empty when the write weakens nothing.
    pub weakens: Vec<&'static str>,
    /// Whether the write is a correction that is exempt from the hourly limit: see [`restores`](super::exemption::restores).
    pub restores: bool,
}

/// The step to take for a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The pool equals the spec at its adoption: record the adoption.
    Adopt,
    /// The pool equals the spec: do nothing.
    InSync,
    /// The pool differs just as the last accepted write left it: report that, and do not write again.
    NotTaken,
    /// The adoption would weaken the pool: wait until a user changes the spec or its adoptionPolicy.
    HoldAdoption,
    /// The pool differs and the object only observes: report the difference.
    Report,
    /// The pool has settings that this build does not know, which a write would erase: wait for an upgrade.
    UnknownSetting,
    /// The object is being deleted and MFA is off already: remove the finalizer.
    AlreadyOff,
    /// Write the spec to the pool.
    Write(Cause),
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
