//! Corrections of drift that are exempt from the hourly limit.

use super::{
    step::{Cause, Step},
    weakening::relying_party,
};
use crate::{
    api::v1alpha1::{MfaSettings, Strengths},
    settings::strengths::Strength,
};

/// Whether the step restores what users need at once: a correction of drift that raises the mode, or gives a declared
/// relying party back. A changed spec restores the mode, too, where the mode was applied before: an edit that waits for
/// the limit must not keep a pool below the mode that it had.
///
/// Nothing else that a write raises exempts what it takes away: somebody who turns a weak field on would then decide when
/// the limit applies. A relying party is given back at once only where the same write lowers no strength.
#[must_use]
pub fn restores(
    step: Step,
    observed: &MfaSettings,
    written: &MfaSettings,
    applied: Option<Strengths>,
) -> bool {
    let raises_mode = written.mfa_configuration > observed.mfa_configuration;
    match step.cause() {
        Some(Cause::Drift | Cause::NotTaken) => {
            raises_mode
                || gives_relying_party_back(observed, written) && !lowers_a_strength(observed, written)
        }
        Some(Cause::SpecChanged) => {
            let was_applied =
                applied.is_some_and(|applied| applied.mfa_configuration >= written.mfa_configuration);
            raises_mode && was_applied
        }
        Some(Cause::Adoption | Cause::Deletion) | None => false,
    }
}

fn gives_relying_party_back(observed: &MfaSettings, written: &MfaSettings) -> bool {
    relying_party(written).is_some() && relying_party(written) != relying_party(observed)
}

fn lowers_a_strength(observed: &MfaSettings, written: &MfaSettings) -> bool {
    let (observed, written) = (Strengths::of(observed), Strengths::of(written));
    Strength::all().any(|strength| strength.is_stronger(observed, written))
}
