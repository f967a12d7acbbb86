//! Corrections of drift that are exempt from the hourly limit.

use super::step::{Cause, Step};
use crate::{
    api::v1alpha1::{MfaSettings, Strengths},
    settings::strengths::Strength,
};

/// Whether the step restores what users need at once: a correction of drift that raises the mode, or gives a declared
/// relying party back.
///
/// Nothing else that a write raises exempts what it takes away: somebody who turns a weak field on would then decide when
/// the limit applies. A relying party is given back at once only where the same write lowers no strength.
#[must_use]
pub fn restores(step: Step, observed: &MfaSettings, written: &MfaSettings) -> bool {
    matches!(step, Step::Write(Cause::Drift | Cause::NotTaken))
        && (written.mfa_configuration > observed.mfa_configuration
            || gives_relying_party_back(observed, written) && !lowers_a_strength(observed, written))
}

fn gives_relying_party_back(observed: &MfaSettings, written: &MfaSettings) -> bool {
    relying_party(written).is_some() && relying_party(written) != relying_party(observed)
}

/// The id of the relying party. As in a comparison of settings, an empty one counts as absent and white space is ignored.
fn relying_party(settings: &MfaSettings) -> Option<&str> {
    let id = settings.web_authn_configuration.as_ref()?.relying_party_id.as_deref()?.trim();
    (!id.is_empty()).then_some(id)
}

fn lowers_a_strength(observed: &MfaSettings, written: &MfaSettings) -> bool {
    let (observed, written) = (Strengths::of(observed), Strengths::of(written));
    Strength::all().any(|strength| strength.is_stronger(observed, written))
}
