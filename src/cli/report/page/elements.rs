//! The elements that several sections of the page use.

use jiff::Timestamp;
use maud::{Markup, html};

/// A browser lays out the rows of a longer table only when they are in sight.
const LONG_TABLE_ROWS: usize = 200;

/// Whether a tag shows something good, undecided or bad.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Good,
    Open,
    Bad,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Open => "open",
            Self::Bad => "bad",
        }
    }
}

/// A word with a colour and a mark: readers who cannot see the colour have the other two.
pub(super) fn tag(tone: Tone, word: &str) -> Markup {
    html! { span class={ "tag mark " (tone.class()) } { (word) } }
}

/// A time in UTC and whole seconds.
pub(super) fn time(time: Timestamp) -> Markup {
    let seconds = format!("{time:.0}");
    html! { time datetime=(seconds) { (seconds.replace('T', " ").trim_end_matches('Z')) " UTC" } }
}

/// A table with its caption, which may be wider than the page. The style lays tables out as grids on a screen, so the roles
/// tell screen readers what the elements are.
pub(super) fn table(id: &str, caption: &str, headings: &[&str], rows: &[Markup]) -> Markup {
    html! {
        div.wide role="region" aria-label=(caption) tabindex="0" {
            table id=(id) role="table" data-sortable {
                caption { (caption) }
                thead role="rowgroup" { tr role="row" {
                    @for heading in headings { th scope="col" role="columnheader" { (heading) } }
                } }
                tbody role="rowgroup" .long[rows.len() > LONG_TABLE_ROWS] { @for row in rows { (row) } }
            }
        }
    }
}
