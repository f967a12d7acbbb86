//! The page: one file with its style and script, which loads nothing.
//!
//! maud escapes every text, and `posture` has replaced the characters that hide or reorder text.

use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::{cards, elements::time, explanations, pools, tables};
use crate::cli::posture::Posture;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The report as an HTML document.
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
                a.skip href="#main" { "Skip to the totals" }
                header {
                    h1 { (title) }
                    p.soft { "As of " (time(posture.at)) ". Objects: " span.t { (posture.source.source) } "." }
                }
                main #main {
                    (cards::cards(posture))
                    (explanations::limits(posture))
                    (pools::section(posture))
                    (tables::exceptions(&posture.pools))
                    (tables::differences(&posture.pools))
                    (tables::corrections(&posture.pools))
                    (explanations::rules())
                }
                footer { "Made by cognito-mfa-operator " (env!("CARGO_PKG_VERSION")) ". This page loads nothing from anywhere." }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

/// The Content-Security-Policy allows this style and this script by their hashes, and nothing that a text may inject.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
