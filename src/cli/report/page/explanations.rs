//! What the numbers mean, and what they do not show.

use maud::{Markup, html};

use super::elements::{Tone, tag};
use crate::cli::{
    output::plural,
    posture::{Factor, Posture},
};

/// What the report covers.
pub(super) fn limits(posture: &Posture) -> Markup {
    let hours = posture.max_age_seconds / 3600;
    html! {
        section aria-labelledby="limits" {
            h2 #limits { "What this covers" }
            @if !posture.source.unread.is_empty() {
                p { (tag(Tone::Bad, "Incomplete")) " Some of it could not be read, so objects or pools may be missing:" }
                ul { @for problem in &posture.source.unread { li.t { (problem) } } }
            }
            p { "This report covers " (plural(posture.totals.objects, "object")) " and their pools" (others(posture)) }
            p { "Of objects it shows what the operator wrote into the objects' statuses when it last read Cognito. A status proves something only if it is of the object's current generation, the last check could read Cognito, and that was in the last " (hours) " hours. Everything else is " b { "not proven" } ", with the reason, and passes no rule. Anyone who may write statuses could forge one." }
        }
    }
}

/// What the report covers beside the objects and their pools, as the end of a sentence.
fn others(posture: &Posture) -> Markup {
    html! {
        @match &posture.source.regions {
            Some(regions) => {
                ", and " (plural(posture.totals.undeclared, "pool")) " that no object declares, in " (regions.join(", "))
                ". The command that made the report has read these pools from AWS. Pools of other regions and of other accounts that have no object are not covered."
            }
            None => ". Pools without a UserPoolMfaConfig object are not covered: compare the number of pools with the account's, or make the report with --aws."
        }
    }
}

/// The rules, the strengths of the factors, and their sources.
pub(super) fn rules() -> Markup {
    html! {
        section aria-labelledby="rules" {
            h2 #rules { "Rules and terms" }
            dl.rules {
                dt { "MFA enabled: AWS Config " code { "cognito-user-pool-mfa-enabled" } ", Security Hub " code { "Cognito.5" } }
                dd { "One check under two names: the control is built on the rule. It fails a pool if its sign-in policy allows only the password and MFA is not enabled. Here ON passes and OFF fails. OPTIONAL is " b { "unclear" } ": AWS's pages do not say whether it counts as enabled, and a user without a factor signs in with the password alone. The operator does not read the sign-in policy: AWS does not fail a pool that lets users sign in without a password, whatever this report says. " (links()) }
                dt { "MFA for everybody, no SMS" }
                dd { "The mode is ON, and SMS is not among the factors. No rule of AWS asks for this; NIST SP 800-63B-4 restricts codes sent by telephone." }
                dt { "Factors" }
                dd { ul { @for factor in Factor::all() {
                    li { b { (factor.label()) } ", " (factor.strength().label()) ": " (factor.why()) "." }
                } } }
                dd { "Passkeys do not depend on the mode. A second factor that a pool has configured while its mode is OFF does not count." }
                dt { "Stronger" }
                dd { "Somebody raised MFA outside the spec, and the operator left it so. The pool has at least the protection that the spec declares, so it can be proven; the rules count what Cognito has." }
                dt { "Contested" }
                dd { "Cognito equalled the spec when it was last read, and the same field had to be corrected at three checks in a row." }
                dt { "Counts for the pool" }
                dd { "If several objects name one pool, the totals count the latest proven one." }
            }
        }
    }
}

fn links() -> Markup {
    html! {
        a href="https://docs.aws.amazon.com/config/latest/developerguide/cognito-user-pool-mfa-enabled.html" { "AWS Config" }
        " "
        a href="https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html#cognito-5" { "Security Hub" }
    }
}
