//! The smaller tables: exceptions, differences, corrections.

use std::cmp::Reverse;

use cognito_mfa_core::api::v1alpha1::Difference;
use maud::{Markup, html};

use super::{table, time};
use crate::cli::posture::{Correction, Exception, Pool};

pub(super) fn exceptions(pools: &[Pool]) -> Markup {
    let row = |(at, pool, exception): (_, _, &Exception)| {
        html! { tr role="row" {
            (object(at, pool))
            td role="cell" { (exception.kind) }
            td role="cell" { span.t { (exception.reason) } }
        } }
    };
    let rows: Vec<_> = of_each(pools, |pool| &pool.exceptions).map(row).collect();
    section("exceptions", "Exceptions", "What is not as usual, and why", &["Object", "What", "Why"], &rows)
}

pub(super) fn differences(pools: &[Pool]) -> Markup {
    let row = |(at, pool, difference)| html! { tr role="row" { (object(at, pool)) (found(difference)) } };
    let rows: Vec<_> = of_each(pools, |pool| &pool.drift).map(row).collect();
    let headings = ["Object", "Field", "Declared", "Found in Cognito"];
    section("drift", "Differences", "In what Cognito differed when it was last read", &headings, &rows)
}

fn found(difference: &Difference) -> Markup {
    let value = |value: &Option<String>| {
        html! { @match value { Some(value) => code.t { (value) }, None => span.soft { "nothing" } } }
    };
    html! {
        td role="cell" { code { (difference.field) } }
        td role="cell" { (value(&difference.declared)) }
        td role="cell" { (value(&difference.found)) }
    }
}

pub(super) fn corrections(pools: &[Pool]) -> Markup {
    let mut all: Vec<_> = of_each(pools, |pool| &pool.corrections).collect();
    all.sort_by_key(|(at, _, correction)| (Reverse(correction.time), *at));
    let row = |(at, pool, correction): (_, _, &Correction)| {
        html! { tr role="row" {
            td role="cell" { (time(correction.time)) }
            (object(at, pool))
            td role="cell" { @for field in &correction.fields { code { (field) } " " } }
            td role="cell" { @if correction.lowered { "yes" } @else { "no" } }
        } }
    };
    let rows: Vec<_> = all.into_iter().map(row).collect();
    let headings = ["Accepted", "Object", "Fields set back", "Took protection away"];
    let caption = "The last five corrections of each object, the newest first";
    section("corrections", "Corrections", caption, &headings, &rows)
}

/// What each pool has of something, with the pool and its number.
fn of_each<'a, T: 'a>(
    pools: &'a [Pool],
    of: fn(&Pool) -> &Vec<T>,
) -> impl Iterator<Item = (usize, &'a Pool, &'a T)> {
    let pools = pools.iter().enumerate();
    pools.flat_map(move |(at, pool)| of(pool).iter().map(move |one| (at, pool, one)))
}

fn object(at: usize, pool: &Pool) -> Markup {
    html! { th scope="row" role="rowheader" { a.t href={ "#o" (at) } { (pool.namespace) "/" (pool.name) } } }
}

fn section(id: &str, title: &str, caption: &str, headings: &[&str], rows: &[Markup]) -> Markup {
    html! {
        section aria-labelledby={ "h-" (id) } {
            h2 id={ "h-" (id) } { (title) }
            @if rows.is_empty() { p.soft { "None." } } @else { (table(id, caption, headings, rows)) }
        }
    }
}
