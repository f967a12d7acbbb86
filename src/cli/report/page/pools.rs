//! The table of all objects.

use cognito_mfa_core::api::v1alpha1::MfaMode;
use maud::{Markup, html};

use super::elements::{Tone, table, tag, time};
use crate::cli::posture::{Factor, ObjectState, PoolReport, Posture, RuleResult, Strength};

const HEADINGS: [&str; 8] =
    ["Object", "Pool", "State", "Mode", "Factors", "Proof", "MFA enabled", "MFA for all, no SMS"];

pub(super) fn section(posture: &Posture) -> Markup {
    let rows: Vec<_> = posture.pools.iter().enumerate().map(|(index, pool)| row(index, pool)).collect();
    html! {
        section aria-labelledby="all" {
            h2 #all { "Pools" }
            (filter())
            (table("pools", "Each object, its pool, and what is proven of it", &HEADINGS, &rows))
        }
    }
}

/// Hidden until the script runs, which does the filtering.
fn filter() -> Markup {
    html! {
        form #filter hidden {
            label { "Find" input type="search" name="text" placeholder="namespace, name, pool, factor, reason" autocomplete="off"; }
            label { "Show" select name="show" {
                option value="" { "all" }
                option value="unproven" { "not proven" }
                option value="fails" { "fails a rule" }
                option value="exception" { "has an exception" }
                @for state in ObjectState::all() { option value=(filter_value(state)) { (state.label()) } }
            } }
            output name="count" aria-live="polite" {}
        }
    }
}

fn filter_value(state: ObjectState) -> String {
    state.label().to_lowercase().replace(' ', "-")
}

/// The options of the filter that show an object.
fn filter_values(pool: &PoolReport) -> String {
    let fails = [pool.mfa_enabled, pool.no_sms].contains(&RuleResult::Fails);
    let options =
        [(!pool.is_proven(), "unproven"), (fails, "fails"), (!pool.exceptions.is_empty(), "exception")];
    let names = options.into_iter().filter(|(applies, _)| *applies).map(|(_, name)| name.to_owned());
    std::iter::once(filter_value(pool.state)).chain(names).collect::<Vec<_>>().join(" ")
}

fn row(index: usize, pool: &PoolReport) -> Markup {
    html! {
        tr role="row" id={ "o" (index) } data-is=(filter_values(pool)) {
            th scope="row" role="rowheader" { (object(pool)) (exceptions(pool)) }
            td role="cell" { code { (pool.user_pool_id) } @if let Some(name) = &pool.pool_name { small.t { (name) } } @if !pool.counts_for_pool { small { "another object counts for it" } } }
            td role="cell" data-k=(pool.state as u8) { (state(pool)) }
            td role="cell" data-k=(pool.mode.map_or(9, |mode| mode as u8)) { (mode(pool)) }
            td role="cell" data-k=(factors_sort_key(pool)) { (factors(&pool.factors)) }
            td role="cell" data-k=(proof_sort_key(pool)) { (proof(pool)) }
            td role="cell" data-k=(pool.mfa_enabled as u8) { (result(pool.mfa_enabled)) }
            td role="cell" data-k=(pool.no_sms as u8) { (result(pool.no_sms)) }
        }
    }
}

fn object(pool: &PoolReport) -> Markup {
    html! {
        @if pool.is_undeclared() { span.soft { "none" } }
        @else { small { (pool.namespace) "/" } (pool.name) }
    }
}

fn exceptions(pool: &PoolReport) -> Markup {
    html! { @for exception in &pool.exceptions { small { (exception.kind) } } }
}

fn state(pool: &PoolReport) -> Markup {
    let tone = match pool.state {
        ObjectState::InSync | ObjectState::Stronger => Tone::Good,
        ObjectState::Differs | ObjectState::Failed => Tone::Bad,
        ObjectState::Waiting
        | ObjectState::OnHold
        | ObjectState::Contested
        | ObjectState::Suspended
        | ObjectState::Undeclared => Tone::Open,
    };
    html! {
        (tag(tone, pool.state.label()))
        @if pool.reason != pool.state.label() && pool.state != ObjectState::InSync { " " span.t { (pool.reason) } }
        @if pool.state != ObjectState::InSync { small.t { (pool.message) } }
    }
}

fn mode(pool: &PoolReport) -> Markup {
    let declared = pool.declared_mode.filter(|declared| Some(*declared) != pool.mode);
    html! {
        @match pool.mode { Some(mode) => (mode.as_str()), None => span.soft { "unknown" } }
        @if let Some(declared) = declared { small { "declared: " (declared.as_str()) } }
        @else if pool.mode == Some(MfaMode::Optional) { small { "each user decides" } }
    }
}

fn factors(factors: &[Factor]) -> Markup {
    html! {
        @if factors.is_empty() { span.soft { "none" } }
        @for factor in factors {
            span class={ "tag " (tone(factor.strength()).class()) } { (factor.label()) ": " (factor.strength().label()) }
            br;
        }
    }
}

fn tone(strength: Strength) -> Tone {
    match strength {
        Strength::Strong => Tone::Good,
        Strength::Fair => Tone::Open,
        Strength::Weak => Tone::Bad,
    }
}

/// Sorts by the weakest factor, then by the number of factors.
fn factors_sort_key(pool: &PoolReport) -> String {
    let weakest = pool.factors.last().map_or(9, |factor| 5 - *factor as u8);
    format!("{weakest}.{}", pool.factors.len())
}

fn proof(pool: &PoolReport) -> Markup {
    let read = html! { @if let Some(read) = pool.verified { small { "read " (time(read)) } } };
    match &pool.not_proven {
        None => html! { (tag(Tone::Good, "Proven")) (read) },
        Some(reason) => html! { (tag(Tone::Open, "Not proven")) small.t { (reason) } (read) },
    }
}

fn proof_sort_key(pool: &PoolReport) -> String {
    format!(
        "{} {}",
        u8::from(pool.is_proven()),
        pool.verified.map(|time| time.to_string()).unwrap_or_default()
    )
}

fn result(result: RuleResult) -> Markup {
    let tone = match result {
        RuleResult::Passes => Tone::Good,
        RuleResult::Fails => Tone::Bad,
        RuleResult::NotProven | RuleResult::Unclear => Tone::Open,
    };
    tag(tone, result.label())
}
