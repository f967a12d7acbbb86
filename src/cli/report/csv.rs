//! The posture as comma-separated values (RFC 4180), a line an object.

use cognito_mfa_core::{api::v1alpha1::MfaMode, status::summary::paths};

use super::words::whole;
use crate::cli::posture::{Correction, Pool, Posture};

/// A heading, and what its column takes from an object.
type Column = (&'static str, fn(&Pool) -> String);

const COLUMNS: [Column; 20] = [
    ("namespace", |pool| pool.namespace.clone()),
    ("name", |pool| pool.name.clone()),
    ("userPoolId", |pool| pool.user_pool_id.clone()),
    ("region", |pool| pool.region().to_owned()),
    ("state", |pool| pool.state.label().to_owned()),
    ("ready", |pool| pool.ready.clone()),
    ("reason", |pool| pool.reason.clone()),
    ("message", |pool| pool.message.clone()),
    ("mode", |pool| mode(pool.mode)),
    ("declaredMode", |pool| mode(pool.declared_mode)),
    ("factors", |pool| listed(&pool.factors, |factor| factor.label().to_owned())),
    ("weakestFactor", |pool| pool.factors.last().map_or("", |weakest| weakest.strength().label()).to_owned()),
    ("proven", |pool| pool.is_proven().to_string()),
    ("notProvenBecause", |pool| pool.not_proven.clone().unwrap_or_default()),
    ("verified", |pool| pool.verified.map(whole).unwrap_or_default()),
    ("speaksForPool", |pool| pool.speaks_for_pool.to_string()),
    ("mfaEnabled", |pool| pool.mfa_enabled.label().to_owned()),
    ("noSms", |pool| pool.no_sms.label().to_owned()),
    ("differs", |pool| paths(&pool.drift)),
    ("corrections", |pool| listed(&pool.corrections, correction)),
];

/// The table, with a line of headings.
#[must_use]
pub fn csv(posture: &Posture) -> String {
    let headings = COLUMNS.map(|(heading, _)| heading.to_owned());
    let exceptions = |pool: &Pool| listed(&pool.exceptions, |one| format!("{}: {}", one.kind, one.reason));
    let line = |pool: &Pool| {
        let cells = COLUMNS.iter().map(|(_, take)| take(pool)).chain([exceptions(pool)]);
        cells.map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",")
    };
    let all = std::iter::once(headings.join(",") + ",exceptions").chain(posture.pools.iter().map(line));
    all.map(|line| line + "\r\n").collect()
}

/// A value in quotes. One that a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(value: &str) -> String {
    let formula = value.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, value.replace('"', "\"\""))
}

fn mode(mode: Option<MfaMode>) -> String {
    mode.map_or("", MfaMode::as_str).to_owned()
}

fn correction(correction: &Correction) -> String {
    let lowered = if correction.lowered { " (lowered)" } else { "" };
    format!("{} {}{lowered}", whole(correction.time), correction.fields.join(" "))
}

fn listed<T>(all: &[T], name: impl Fn(&T) -> String) -> String {
    all.iter().map(name).collect::<Vec<_>>().join("; ")
}
