//! The table of all objects.

use cognito_mfa_core::api::v1alpha1::MfaMode;
use maud::{Markup, html};

use super::{Tone, tag, time};
use crate::cli::posture::{Factor, ObjectState, Pool, Posture, Standing, Strength};

const HEADINGS: [&str; 8] =
    ["Object", "Pool", "State", "Mode", "Factors", "Proof", "MFA enabled", "MFA for all, no SMS"];

pub(super) fn section(posture: &Posture) -> Markup {
    let rows: Vec<_> = posture.pools.iter().enumerate().map(|(at, pool)| row(at, pool)).collect();
    html! {
        section aria-labelledby="all" {
            h2 #all { "Pools" }
            (filter())
            (super::table("pools", "Each object, its pool, and what is proven of it", &HEADINGS, &rows))
        }
    }
}

/// Shown by the script, without which it could do nothing.
fn filter() -> Markup {
    html! {
        form #filter hidden {
            label { "Find" input type="search" name="text" placeholder="namespace, name, pool, factor, reason" autocomplete="off"; }
            label { "Show" select name="show" {
                option value="" { "all objects" }
                option value="unproven" { "not proven" }
                option value="fails" { "fails a rule" }
                option value="exception" { "has an exception" }
                @for state in ObjectState::all() { option value=(value(state)) { (state.label()) } }
            } }
            output name="told" aria-live="polite" {}
        }
    }
}

fn value(state: ObjectState) -> String {
    state.label().to_lowercase().replace(' ', "-")
}

/// What the filter goes by.
fn kinds(pool: &Pool) -> String {
    let fails = [pool.mfa_enabled, pool.no_sms].contains(&Standing::Fails);
    let kinds =
        [(!pool.is_proven(), "unproven"), (fails, "fails"), (!pool.exceptions.is_empty(), "exception")];
    let named = kinds.into_iter().filter(|(is, _)| *is).map(|(_, name)| name.to_owned());
    std::iter::once(value(pool.state)).chain(named).collect::<Vec<_>>().join(" ")
}

fn row(at: usize, pool: &Pool) -> Markup {
    html! {
        tr role="row" id={ "o" (at) } data-is=(kinds(pool)) {
            th scope="row" role="rowheader" { small { (pool.namespace) "/" } (pool.name) (exceptions(pool)) }
            td role="cell" { code { (pool.user_pool_id) } @if !pool.speaks_for_pool { small { "another object speaks for it" } } }
            td role="cell" data-k=(pool.state as u8) { (state(pool)) }
            td role="cell" data-k=(pool.mode.map_or(9, |mode| mode as u8)) { (mode(pool)) }
            td role="cell" data-k=(weakest(pool)) { (factors(&pool.factors)) }
            td role="cell" data-k=(proof_key(pool)) { (proof(pool)) }
            td role="cell" data-k=(pool.mfa_enabled as u8) { (standing(pool.mfa_enabled)) }
            td role="cell" data-k=(pool.no_sms as u8) { (standing(pool.no_sms)) }
        }
    }
}

fn exceptions(pool: &Pool) -> Markup {
    html! { @for exception in &pool.exceptions { small { (exception.kind) } } }
}

fn state(pool: &Pool) -> Markup {
    let tone = match pool.state {
        ObjectState::InSync => Tone::Good,
        ObjectState::Differs | ObjectState::Failed => Tone::Bad,
        _ => Tone::Open,
    };
    html! {
        (tag(tone, pool.state.label()))
        @if pool.reason != pool.state.label() && pool.state != ObjectState::InSync { " " span.t { (pool.reason) } }
        @if pool.state != ObjectState::InSync { small.t { (pool.message) } }
    }
}

fn mode(pool: &Pool) -> Markup {
    let declared = pool.declared_mode.filter(|declared| Some(*declared) != pool.mode);
    html! {
        @match pool.mode { Some(mode) => (mode.as_str()), None => span.soft { "not known" } }
        @if let Some(declared) = declared { small { "declared: " (declared.as_str()) } }
        @else if pool.mode == Some(MfaMode::Optional) { small { "each user may" } }
    }
}

fn factors(factors: &[Factor]) -> Markup {
    html! {
        @if factors.is_empty() { span.soft { "none" } }
        @for factor in factors {
            span class={ "tag " (grade(factor.strength()).class()) } { (factor.label()) ": " (factor.strength().label()) }
            br;
        }
    }
}

fn grade(strength: Strength) -> Tone {
    match strength {
        Strength::Strong => Tone::Good,
        Strength::Fair => Tone::Open,
        Strength::Weak => Tone::Bad,
    }
}

/// The weakest factor first, and among those pools the ones with the fewest.
fn weakest(pool: &Pool) -> String {
    let weakest = pool.factors.last().map_or(9, |factor| 5 - *factor as u8);
    format!("{weakest}.{}", pool.factors.len())
}

fn proof(pool: &Pool) -> Markup {
    let read = html! { @if let Some(read) = pool.verified { small { "read " (time(read)) } } };
    match &pool.not_proven {
        None => html! { (tag(Tone::Good, "Proven")) (read) },
        Some(why) => html! { (tag(Tone::Open, "Not proven")) small.t { (why) } (read) },
    }
}

fn proof_key(pool: &Pool) -> String {
    format!(
        "{} {}",
        u8::from(pool.is_proven()),
        pool.verified.map(|time| time.to_string()).unwrap_or_default()
    )
}

fn standing(standing: Standing) -> Markup {
    let tone = match standing {
        Standing::Passes => Tone::Good,
        Standing::Fails => Tone::Bad,
        Standing::NotProven | Standing::Unclear => Tone::Open,
    };
    tag(tone, standing.label())
}
