//! What the figures mean and what they cannot say.

use maud::{Markup, html};

use super::{Tone, tag};
use crate::cli::{
    output::plural,
    posture::{Factor, Posture},
};

/// What the report cannot see.
pub(super) fn limits(posture: &Posture) -> Markup {
    let hours = posture.max_age_seconds / 3600;
    html! {
        section aria-labelledby="limits" {
            h2 #limits { "How far this goes" }
            @if !posture.source.unread.is_empty() {
                p { (tag(Tone::Bad, "Incomplete")) " Something could not be read, so objects may be missing:" }
                ul { @for problem in &posture.source.unread { li.t { (problem) } } }
            }
            p { "It speaks of " (plural(posture.totals.objects, "object")) " and their pools. A pool without a UserPoolMfaConfig object is not here at all: compare the number of pools with the account's." }
            p { "It shows what the operator wrote into the objects' statuses when it last read Cognito. A status proves something only if it is of the object's present generation, its condition Ready is True, and Cognito was read in the last " (hours) " hours; all else is " b { "not proven" } ", with the reason, and passes no rule. Who may write statuses could forge one." }
        }
    }
}

/// The rules, the strengths, and where they are from.
pub(super) fn rules() -> Markup {
    html! {
        section aria-labelledby="rules" {
            h2 #rules { "The rules and the words" }
            dl.rules {
                dt { "MFA enabled: AWS Config " code { "cognito-user-pool-mfa-enabled" } ", Security Hub " code { "Cognito.5" } }
                dd { "One check under two names: the control is built on the rule. It fails a pool whose sign-in policy has the password alone and whose MFA is not enabled. ON passes here, OFF fails. OPTIONAL is " b { "unclear" } ": AWS's pages do not say whether it counts as enabled, and a user without a factor signs in with the password alone. The sign-in policy is not among the settings that the operator reads: where a pool lets users sign in without a password, AWS does not fail it, whatever is said here. " (links()) }
                dt { "MFA for everybody, no SMS" }
                dd { "The mode is ON, and SMS is not among the factors. No rule of AWS asks for this; NIST SP 800-63B-4 restricts codes sent by telephone." }
                dt { "Factors" }
                dd { ul { @for factor in Factor::all() {
                    li { b { (factor.label()) } ", " (factor.strength().label()) ": " (factor.why()) "." }
                } } }
                dd { "Passkeys do not depend on the mode. A second factor that a pool has configured while its mode is OFF does not count." }
                dt { "Speaks for the pool" }
                dd { "Where several objects name one pool, the totals count the one whose word is proven and latest." }
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
