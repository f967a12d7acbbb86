//! The oracle for "which edit lowered what". It knows the declarations that were sent, and shares no code with the operator.

use cognito_mfa_core::{
    api::v1alpha1::{DriftPolicy, ManagementPolicy, MfaSettings},
    status::outcome::Outcome,
};
use serde_json::Value;
use test_support::{
    simulated_pool::in_aws_names,
    simulated_world::{Change, Pass, Sent, World},
};

use crate::generated::oracle::{is_equal, is_off, replaced, strengths, weakens, without_ignored};

/// What is known of the declarations, from the writes alone.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    /// The declaration that Cognito accepted last, with the status of that written; None until the pool is adopted.
    pub accepted: Option<Value>,
    /// A declaration that was sent without a known result since then.
    pub attempted: Option<Value>,
    /// The strongest declaration that was sent since Cognito last equalled one.
    strongest: Option<[usize; 4]>,
}

impl Edits {
    pub fn apply(&mut self, change: &Change) {
        if matches!(change, Change::LoseStatus) {
            *self = Self::default();
        }
    }

    /// The strengths that the write takes from the pool although no edit lowered them.
    pub fn unasked(&self, pass: &Pass, sent: &Sent) -> Vec<usize> {
        let declared = strengths(&declaration(pass));
        let (before, after) =
            (strengths(&in_aws_names(&sent.live)), strengths(&in_aws_names(&sent.settings)));
        let edited =
            |index: usize| self.strongest.is_some_and(|strongest| strongest[index] > declared[index]);
        // OFF has no TOTP: an edit of the mode takes both.
        let goes_with_mode = |index: usize| index == 1 && after[0] == 0 && edited(0);
        (0..4)
            .filter(|&index| after[index] < before[index] && !edited(index) && !goes_with_mode(index))
            .collect()
    }

    /// Whether the write gives the pool a mode back that was declared and sent before.
    pub fn gives_mode_back(&self, sent: &Sent) -> bool {
        let (had, gets) =
            (strengths(&in_aws_names(&sent.live))[0], strengths(&in_aws_names(&sent.settings))[0]);
        gets > had && self.strongest.is_some_and(|strongest| strongest[0] >= gets)
    }

    /// Whether the write changes back what somebody else changed, and no edit is the reason for it.
    pub fn is_correction(&self, pass: &Pass) -> bool {
        let declared = declaration(pass);
        self.accepted.as_ref() == Some(&declared)
            && self.attempted.as_ref().is_none_or(|attempted| *attempted == declared)
    }

    pub fn record(&mut self, pass: &Pass) {
        if pass.planned.spec.management_policy == ManagementPolicy::Observe {
            *self = Self::default();
            return;
        }
        let declared = declaration(pass);
        let equals = self.equals(pass, &declared);
        let ranks = strengths(&declared);
        if equals && !pass.crashed {
            self.strongest = Some(ranks);
        } else if pass.sent.is_some() {
            let earlier = self.strongest.unwrap_or(ranks);
            self.strongest = Some([0, 1, 2, 3].map(|index| earlier[index].max(ranks[index])));
        }
        if pass.crashed {
            return;
        }
        if let (Some(strongest), Some(observed)) = (&mut self.strongest, pass.outcome.observed()) {
            let live = strengths(&in_aws_names(&observed.settings));
            // What is no stronger than declared any more has been lowered.
            for index in (0..4).filter(|&index| live[index] <= ranks[index]) {
                strongest[index] = strongest[index].min(ranks[index]);
            }
        }
        if equals || matches!(pass.outcome, Outcome::Written { .. }) {
            (self.accepted, self.attempted) = (Some(declared), None);
        } else if pass.sent.is_some() {
            self.attempted = Some(declared);
        }
    }

    /// Whether the operator saw the pool equal the declaration, but for strengths that nobody's edit lowered.
    fn equals(&self, pass: &Pass, declared: &Value) -> bool {
        let observed = match &pass.outcome {
            Outcome::Checked(observed, _) | Outcome::Written { after: observed, .. } => {
                in_aws_names(&observed.settings)
            }
            _ => return false,
        };
        let (wanted, live) = (strengths(declared), strengths(&observed));
        let edited = |index: usize| self.strongest.is_some_and(|strongest| strongest[index] > wanted[index]);
        let is_exact = pass.planned.spec.drift_policy == DriftPolicy::Exact || self.accepted.is_none();
        let kept = [0, 1, 2, 3].map(|index| live[index] > wanted[index] && !edited(index) && !is_exact);
        is_equal(declared, &replaced(&observed, declared, kept))
    }
}

/// The declaration that a pass was planned for, as a write sends it.
pub fn declaration(pass: &Pass) -> Value {
    without_ignored(&in_aws_names(&pass.planned.spec.settings))
}

/// Whether a write takes protection from the pool. A relying party that is left out does not count: Cognito may be known to
/// keep it.
pub fn lowers(sent: &Sent) -> bool {
    let (live, mut settings) = (in_aws_names(&sent.live), in_aws_names(&sent.settings));
    let party = &live["WebAuthnConfiguration"]["RelyingPartyId"];
    if party.is_string() && settings["WebAuthnConfiguration"].get("RelyingPartyId").is_none() {
        settings["WebAuthnConfiguration"]["RelyingPartyId"] = party.clone();
    }
    weakens(&live, &settings)
}

/// Whether protection went with a write: Cognito may keep what the write leaves out, and a second writer may give it back
/// before the pool is read.
pub fn took_away(world: &World, pass: &Pass, sent: &Sent) -> bool {
    let after = match &pass.outcome {
        Outcome::Written { after, .. } => after.clone(),
        _ => world.cognito.read(),
    };
    let live = in_aws_names(&sent.live);
    let asked = losses(&live, &in_aws_names(&sent.settings));
    let seen = losses(&live, &in_aws_names(&after.settings));
    asked.into_iter().zip(seen).any(|(asked, seen)| asked && seen)
}

/// What is lost from one state of a pool to another: the mode, the three factors, the passkeys' factor and their user
/// verification, the relying party.
fn losses(from: &Value, to: &Value) -> [bool; 7] {
    let (had, has) = (strengths(from), strengths(to));
    let both_on = !is_off(from) && !is_off(to);
    let factor = |name: &str| both_on && from.get(name).is_some() && to.get(name).is_none();
    let party = |settings: &Value| settings["WebAuthnConfiguration"]["RelyingPartyId"].clone();
    [
        has[0] < had[0],
        factor("SmsMfaConfiguration"),
        both_on && has[1] < had[1],
        factor("EmailMfaConfiguration"),
        has[2] < had[2],
        has[3] < had[3],
        party(from).is_string() && party(from) != party(to),
    ]
}

/// Whether a write raises the mode, or gives a relying party back and lowers no strength.
pub fn restores(sent: &Sent) -> bool {
    let (live, settings) = (in_aws_names(&sent.live), in_aws_names(&sent.settings));
    let (had, gets) = (strengths(&live), strengths(&settings));
    let party =
        |settings: &Value| settings["WebAuthnConfiguration"]["RelyingPartyId"].as_str().map(str::to_owned);
    let gives_party_back = party(&settings).is_some() && party(&settings) != party(&live);
    let lowers_none = gets.iter().zip(had).all(|(gets, had)| *gets >= had);
    gets[0] > had[0] || (gives_party_back && lowers_none)
}

/// Whether the mode of the pool is below the declared one.
pub fn is_below(live: &MfaSettings, declared: &MfaSettings) -> bool {
    let (live, declared) = (in_aws_names(live), in_aws_names(declared));
    !is_off(&declared) && strengths(&live)[0] < strengths(&declared)[0]
}
