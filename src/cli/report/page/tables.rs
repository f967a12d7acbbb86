//! The smaller tables: exceptions, differences, corrections.

use std::cmp::Reverse;

use cognito_mfa_core::api::v1alpha1::Difference;
use maud::{Markup, html};

use super::elements::{table, time};
use crate::cli::posture::{Correction, Exception, PoolReport};

pub(super) fn exceptions(pools: &[PoolReport]) -> Markup {
    let row = |(index, pool, exception): (_, _, &Exception)| {
        html! { tr role="row" {
            (object(index, pool))
            td role="cell" { (exception.kind) }
            td role="cell" { span.t { (exception.reason) } }
        } }
    };
    let rows: Vec<_> = flattened(pools, |pool| &pool.exceptions).map(row).collect();
    section(
        "exceptions",
        "Exceptions",
        "The exceptions and their reasons",
        &["Object", "Exception", "Reason"],
        &rows,
    )
}

pub(super) fn differences(pools: &[PoolReport]) -> Markup {
    let row =
        |(index, pool, difference)| html! { tr role="row" { (object(index, pool)) (values(difference)) } };
    let rows: Vec<_> = flattened(pools, |pool| &pool.drift).map(row).collect();
    let headings = ["Object", "Field", "Declared", "Found in Cognito"];
    section("drift", "Differences", "How Cognito differed when it was last read", &headings, &rows)
}

fn values(difference: &Difference) -> Markup {
    let value = |value: &Option<String>| {
        html! { @match value { Some(value) => code.t { (value) }, None => span.soft { "nothing" } } }
    };
    html! {
        td role="cell" { code { (difference.field) } }
        td role="cell" { (value(&difference.declared)) }
        td role="cell" { (value(&difference.found)) }
    }
}

pub(super) fn corrections(pools: &[PoolReport]) -> Markup {
    let mut all: Vec<_> = flattened(pools, |pool| &pool.corrections).collect();
    all.sort_by_key(|(index, _, correction)| (Reverse(correction.time), *index));
    let row = |(index, pool, correction): (_, _, &Correction)| {
        html! { tr role="row" {
            td role="cell" { (time(correction.time)) }
            (object(index, pool))
            td role="cell" { @for field in &correction.fields { code { (field) } " " } }
            td role="cell" { @if correction.lowered { "yes" } @else { "no" } }
        } }
    };
    let rows: Vec<_> = all.into_iter().map(row).collect();
    let headings = ["Accepted", "Object", "Corrected fields", "Weakened MFA"];
    let caption = "The last five corrections of each object, the newest first";
    section("corrections", "Corrections", caption, &headings, &rows)
}

/// The differences, corrections or exceptions of all pools, each with its pool and the index of that.
fn flattened<'a, T: 'a>(
    pools: &'a [PoolReport],
    values: fn(&PoolReport) -> &Vec<T>,
) -> impl Iterator<Item = (usize, &'a PoolReport, &'a T)> {
    let pools = pools.iter().enumerate();
    pools.flat_map(move |(index, pool)| values(pool).iter().map(move |value| (index, pool, value)))
}

fn object(index: usize, pool: &PoolReport) -> Markup {
    html! { th scope="row" role="rowheader" { a.t href={ "#o" (index) } { (pool.namespace) "/" (pool.name) } } }
}

fn section(id: &str, title: &str, caption: &str, headings: &[&str], rows: &[Markup]) -> Markup {
    html! {
        section aria-labelledby={ "h-" (id) } {
            h2 id={ "h-" (id) } { (title) }
            @if rows.is_empty() { p.soft { "None." } } @else { (table(id, caption, headings, rows)) }
        }
    }
}
