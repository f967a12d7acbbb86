//! What is planned for a pool, and why.

use strum::VariantArray;

use crate::api::v1alpha1::Difference;

/// What to do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What to do.
    pub step: Step,
    /// What differs between the declaration and the pool before anything is done.
    pub differences: Vec<Difference>,
    /// What a Set would take away from the users' protection, in words.
    pub weakens: Vec<&'static str>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Equal at the first meeting: record it.
    Adopt,
    /// Equal.
    InSync,
    /// Differs as an accepted Set left it: report it.
    NotTaken,
    /// The first meeting, and the declaration takes protection away: wait for a person.
    Hold,
    /// Differs, and the object only observes: report it.
    Report,
    /// The API is newer than this build, a full replace would wipe what it does not know: wait for an upgrade.
    UnknownSetting,
    /// The object is being deleted, and MFA is off as its deletion wants: let it go.
    AlreadyOff,
    /// Replace the settings.
    Write(Cause),
}

/// Why the settings are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Cause {
    /// The object met its pool.
    Adoption,
    /// The declaration changed.
    SpecChanged,
    /// Cognito changed.
    Drift,
    /// The object is being deleted, and its deletion turns MFA off.
    Deletion,
}

impl Cause {
    /// All causes.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// A word for metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adoption => "adoption",
            Self::SpecChanged => "spec",
            Self::Drift => "drift",
            Self::Deletion => "deletion",
        }
    }
}
