//! The totals, one card for each.

use cognito_mfa_core::api::v1alpha1::MfaMode;
use maud::{Markup, html};

use crate::cli::{
    output::plural,
    posture::{Count, ObjectState, Posture, RuleResult, Totals},
};

/// A number of all pools or objects, and what the others are.
struct Card<'a> {
    title: &'a str,
    subtitle: &'a str,
    number: usize,
    /// The words after the number, such as `of 5 pools pass`.
    of: String,
    rows: Vec<(&'a str, usize)>,
}

pub(super) fn cards(posture: &Posture) -> Markup {
    let totals = &posture.totals;
    let config = "AWS Config cognito-user-pool-mfa-enabled, Security Hub Cognito.5";
    let strict = "stricter than AWS's rules";
    let cards = [
        proven(posture),
        rule("MFA enabled", config, totals.pools, &totals.mfa_enabled),
        rule("MFA for everybody, no SMS", strict, totals.pools, &totals.no_sms),
        modes(totals),
        factors(totals),
        states(totals),
    ];
    html! {
        section aria-labelledby="totals" {
            h2 #totals { "Totals" }
            div.cards { @for card in &cards { (card.markup()) } }
        }
    }
}

impl Card<'_> {
    fn markup(&self) -> Markup {
        html! {
            div.card {
                h3 { (self.title) }
                small.soft { (self.subtitle) }
                div.big { (self.number) " " small { (self.of) } }
                dl { @for (name, count) in &self.rows {
                    dt.none[*count == 0] { (name) }
                    dd.none[*count == 0] { (count) }
                } }
            }
        }
    }
}

fn proven(posture: &Posture) -> Card<'static> {
    let totals = &posture.totals;
    let undeclared = posture.source.regions.as_ref().map(|_| ("Pools without an object", totals.undeclared));
    let rows = [
        ("Not proven", totals.pools - totals.proven),
        ("Objects", totals.objects),
        ("Objects with an exception", totals.with_exceptions),
        ("Recorded corrections of drift", totals.corrections),
    ];
    Card {
        title: "Proof",
        subtitle: "a fresh read shows what Cognito has",
        number: totals.proven,
        of: format!("of {} proven", plural(totals.pools, "pool")),
        rows: rows.into_iter().chain(undeclared).collect(),
    }
}

fn rule<'a>(title: &'a str, subtitle: &'a str, pools: usize, counts: &[Count<RuleResult>]) -> Card<'a> {
    let others = [RuleResult::Fails, RuleResult::NotProven, RuleResult::Unclear];
    Card {
        title,
        subtitle,
        number: Totals::count(counts, RuleResult::Passes),
        of: format!("of {} pass", plural(pools, "pool")),
        rows: others.map(|result| (result.label(), Totals::count(counts, result))).to_vec(),
    }
}

fn modes(totals: &Totals) -> Card<'static> {
    Card {
        title: "Mode",
        subtitle: "what Cognito has, in the proven pools",
        number: Totals::count(&totals.modes, MfaMode::On),
        of: format!("of {} are ON", plural(totals.proven, "proven pool")),
        rows: [MfaMode::Optional, MfaMode::Off]
            .map(|mode| (mode.as_str(), Totals::count(&totals.modes, mode)))
            .to_vec(),
    }
}

fn factors(totals: &Totals) -> Card<'static> {
    let (strongest, others) = totals.factors.split_first().expect("every factor is counted");
    Card {
        title: "Factors",
        subtitle: "enabled in the proven pools, the strongest first",
        number: strongest.count,
        of: format!("of {} have {}", plural(totals.proven, "proven pool"), strongest.of.label()),
        rows: others.iter().map(|count| (count.of.label(), count.count)).collect(),
    }
}

fn states(totals: &Totals) -> Card<'static> {
    let others =
        ObjectState::all().filter(|state| ![ObjectState::InSync, ObjectState::Undeclared].contains(state));
    Card {
        title: "Objects",
        subtitle: "by state",
        number: Totals::count(&totals.states, ObjectState::InSync),
        of: format!("of {} in sync", plural(totals.objects, "object")),
        rows: others.map(|state| (state.label(), Totals::count(&totals.states, state))).collect(),
    }
}
