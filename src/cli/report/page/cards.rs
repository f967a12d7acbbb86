//! The totals.

use cognito_mfa_core::api::v1alpha1::MfaMode;
use maud::{Markup, html};

use crate::cli::{
    output::plural,
    posture::{Count, ObjectState, Standing, Totals},
};

/// A figure, what it is of, and the rest of them.
struct Card<'a> {
    title: &'a str,
    line: &'a str,
    figure: usize,
    of: String,
    rows: Vec<(&'a str, usize)>,
}

pub(super) fn cards(totals: &Totals) -> Markup {
    let config = "AWS Config cognito-user-pool-mfa-enabled, Security Hub Cognito.5";
    let strict = "stricter than AWS's rules";
    let all = [
        proven(totals),
        against("MFA enabled", config, totals.pools, &totals.mfa_enabled),
        against("MFA for everybody, no SMS", strict, totals.pools, &totals.no_sms),
        modes(totals),
        factors(totals),
        states(totals),
    ];
    html! {
        section aria-labelledby="totals" {
            h2 #totals { "Totals" }
            div.cards { @for card in &all { (card.markup()) } }
        }
    }
}

impl Card<'_> {
    fn markup(&self) -> Markup {
        html! {
            div.card {
                h3 { (self.title) }
                small.soft { (self.line) }
                div.big { (self.figure) " " small { (self.of) } }
                dl { @for (name, count) in &self.rows {
                    dt.none[*count == 0] { (name) }
                    dd.none[*count == 0] { (count) }
                } }
            }
        }
    }
}

fn proven(totals: &Totals) -> Card<'static> {
    Card {
        title: "Proof",
        line: "a fresh, Ready status says what Cognito has",
        figure: totals.proven,
        of: format!("of {} proven", plural(totals.pools, "pool")),
        rows: vec![
            ("Not proven", totals.pools - totals.proven),
            ("Objects", totals.objects),
            ("Objects with an exception", totals.with_exceptions),
            ("Recorded corrections of drift", totals.corrections),
        ],
    }
}

fn against<'a>(title: &'a str, line: &'a str, pools: usize, counts: &[Count<Standing>]) -> Card<'a> {
    let rest = [Standing::Fails, Standing::NotProven, Standing::Unclear];
    Card {
        title,
        line,
        figure: Totals::count(counts, Standing::Passes),
        of: format!("of {} pass", plural(pools, "pool")),
        rows: rest.map(|is| (is.label(), Totals::count(counts, is))).to_vec(),
    }
}

fn modes(totals: &Totals) -> Card<'static> {
    Card {
        title: "Mode",
        line: "what Cognito has, in the proven pools",
        figure: Totals::count(&totals.modes, MfaMode::On),
        of: format!("of {} are ON", plural(totals.proven, "proven pool")),
        rows: [MfaMode::Optional, MfaMode::Off]
            .map(|mode| (mode.as_str(), Totals::count(&totals.modes, mode)))
            .to_vec(),
    }
}

fn factors(totals: &Totals) -> Card<'static> {
    let (best, rest) = totals.factors.split_first().expect("every factor is counted");
    Card {
        title: "Factors",
        line: "on in the proven pools, the strongest first",
        figure: best.count,
        of: format!("of {} have {}", plural(totals.proven, "proven pool"), best.of.label()),
        rows: rest.iter().map(|count| (count.of.label(), count.count)).collect(),
    }
}

fn states(totals: &Totals) -> Card<'static> {
    let rest = ObjectState::all().filter(|state| *state != ObjectState::InSync);
    Card {
        title: "Objects",
        line: "how they stand",
        figure: Totals::count(&totals.states, ObjectState::InSync),
        of: format!("of {} in sync", plural(totals.objects, "object")),
        rows: rest.map(|state| (state.label(), Totals::count(&totals.states, state))).collect(),
    }
}
