//! The posture as one page that needs nothing else: its style and script are in it, and it may load nothing.
//!
//! Every text goes through maud, which escapes it; what hides or reorders text was taken out before (`fleet`).

mod cards;
mod explained;
mod pools;
mod tables;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::cli::posture::Posture;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// More rows than this are laid out only where they are seen.
const LONG: usize = 200;

/// The page.
#[must_use]
pub fn page(posture: &Posture) -> String {
    let title = "MFA posture of Amazon Cognito user pools";
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the figures" }
                header {
                    h1 { (title) }
                    p.soft { "As of " (time(posture.at)) ". Objects: " span.t { (posture.source.source) } "." }
                }
                main #main {
                    (cards::cards(&posture.totals))
                    (explained::limits(posture))
                    (pools::section(posture))
                    (tables::exceptions(&posture.pools))
                    (tables::differences(&posture.pools))
                    (tables::corrections(&posture.pools))
                    (explained::rules())
                }
                footer { "Made by cognito-mfa-operator " (env!("CARGO_PKG_VERSION")) ". This page loads nothing from anywhere." }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

/// Nothing but the one style and the one script may work on the page, whatever a text holds.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// A time for people and programs, in UTC and whole seconds.
fn time(time: Timestamp) -> Markup {
    let whole = Timestamp::from_second(time.as_second()).unwrap_or(time).to_string();
    html! { time datetime=(whole) { (whole.replace('T', " ").trim_end_matches('Z')) " UTC" } }
}

/// A verdict: a word in a colour and with a mark, so that none of them is needed.
fn tag(tone: Tone, word: &str) -> Markup {
    html! { span class={ "tag mark " (tone.class()) } { (word) } }
}

/// How good a verdict is.
#[derive(Clone, Copy)]
enum Tone {
    Good,
    Open,
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Open => "open",
            Self::Bad => "bad",
        }
    }
}

/// A table with its caption, which may be wider than the page. The roles say to every reader of screens what the tags
/// mean: on a screen the style lays the parts out as no table.
fn table(id: &str, caption: &str, headings: &[&str], rows: &[Markup]) -> Markup {
    html! {
        div.wide role="region" aria-label=(caption) tabindex="0" {
            table id=(id) role="table" data-sortable {
                caption { (caption) }
                thead role="rowgroup" { tr role="row" {
                    @for heading in headings { th scope="col" role="columnheader" { (heading) } }
                } }
                tbody role="rowgroup" .long[rows.len() > LONG] { @for row in rows { (row) } }
            }
        }
    }
}
