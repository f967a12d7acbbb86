//! The smaller tables: exceptions, differences, corrections.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::{table, time};
use crate::{api::Difference, fleet::Pool};

pub(super) fn exceptions(pools: &[Pool]) -> Markup {
    let all = pools
        .iter()
        .enumerate()
        .flat_map(|(at, pool)| pool.exceptions.iter().map(move |one| (at, pool, one)));
    let rows = html! { @for (at, pool, exception) in all { tr {
        (object(at, pool))
        td { (exception.kind) }
        td.words { span.t { (exception.reason) } }
    } } };
    section("exceptions", "Exceptions", "What is not as usual, and why", &["Object", "What", "Why"], &rows)
}

pub(super) fn differences(pools: &[Pool]) -> Markup {
    let all =
        pools.iter().enumerate().flat_map(|(at, pool)| pool.drift.iter().map(move |one| (at, pool, one)));
    let rows = html! { @for (at, pool, difference) in all { tr { (object(at, pool)) (found(difference)) } } };
    let headings = ["Object", "Field", "Declared", "Found in Cognito"];
    section("drift", "Differences", "In what Cognito differed when it was last read", &headings, &rows)
}

fn found(difference: &Difference) -> Markup {
    let value = |value: &Option<String>| {
        html! { @match value { Some(value) => code.t { (value) }, None => span.soft { "nothing" } } }
    };
    html! {
        td.words { code { (difference.field) } }
        td.words { (value(&difference.declared)) }
        td.words { (value(&difference.found)) }
    }
}

pub(super) fn corrections(pools: &[Pool]) -> Markup {
    let all = pools
        .iter()
        .enumerate()
        .flat_map(|(at, pool)| pool.corrections.iter().map(move |one| (at, pool, one)));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(at, _, correction)| (Reverse(correction.time), *at));
    let rows = html! { @for (at, pool, correction) in all { tr {
        td.time { (time(correction.time)) }
        (object(at, pool))
        td.words { @for field in &correction.fields { code { (field) } " " } }
        td { @if correction.lowered { "yes" } @else { "no" } }
    } } };
    let headings = ["Accepted", "Object", "Fields set back", "Took protection away"];
    section(
        "corrections",
        "Corrections",
        "The last five corrections of each object, the newest first",
        &headings,
        &rows,
    )
}

fn object(at: usize, pool: &Pool) -> Markup {
    html! { th scope="row" { a.t href={ "#o" (at) } { (pool.namespace) "/" (pool.name) } } }
}

fn section(id: &str, title: &str, caption: &str, headings: &[&str], rows: &Markup) -> Markup {
    html! {
        section aria-labelledby={ "h-" (id) } {
            h2 id={ "h-" (id) } { (title) }
            @if rows.0.is_empty() { p.soft { "None." } } @else { (table(id, caption, headings, rows)) }
        }
    }
}
