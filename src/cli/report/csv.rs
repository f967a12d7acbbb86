//! The posture as comma-separated values (RFC 4180), one line for each object, and for each pool without one.

use cognito_mfa_core::{api::v1alpha1::MfaMode, status::summary::paths};

use crate::cli::posture::{Correction, PoolReport, Posture};

/// The heading of a column, and its value for an object.
type Column = (&'static str, fn(&PoolReport) -> String);

const COLUMNS: [Column; 21] = [
    ("namespace", |pool| pool.namespace.clone()),
    ("name", |pool| pool.name.clone()),
    ("userPoolId", |pool| pool.user_pool_id.clone()),
    ("poolName", |pool| pool.pool_name.clone().unwrap_or_default()),
    ("region", |pool| pool.region().to_owned()),
    ("state", |pool| pool.state.label().to_owned()),
    ("ready", |pool| pool.ready.clone()),
    ("reason", |pool| pool.reason.clone()),
    ("message", |pool| pool.message.clone()),
    ("mode", |pool| mode(pool.mode)),
    ("declaredMode", |pool| mode(pool.declared_mode)),
    ("factors", |pool| join(&pool.factors, |factor| factor.label().to_owned())),
    ("weakestFactor", |pool| pool.factors.last().map_or("", |weakest| weakest.strength().label()).to_owned()),
    ("proven", |pool| pool.is_proven().to_string()),
    ("notProvenBecause", |pool| pool.not_proven.clone().unwrap_or_default()),
    ("verified", |pool| pool.verified.map(|time| format!("{time:.0}")).unwrap_or_default()),
    ("countsForPool", |pool| pool.counts_for_pool.to_string()),
    ("mfaEnabled", |pool| pool.mfa_enabled.label().to_owned()),
    ("noSms", |pool| pool.no_sms.label().to_owned()),
    ("differs", |pool| paths(&pool.drift)),
    ("corrections", |pool| join(&pool.corrections, correction)),
];

/// The report as CSV with a line of headings.
#[must_use]
pub fn csv(posture: &Posture) -> String {
    let headings = COLUMNS.map(|(heading, _)| heading.to_owned());
    let exceptions = |pool: &PoolReport| {
        join(&pool.exceptions, |exception| format!("{}: {}", exception.kind, exception.reason))
    };
    let line = |pool: &PoolReport| {
        let cells = COLUMNS.iter().map(|(_, value)| value(pool)).chain([exceptions(pool)]);
        cells.map(|cell| quote(&cell)).collect::<Vec<_>>().join(",")
    };
    let lines = std::iter::once(headings.join(",") + ",exceptions").chain(posture.pools.iter().map(line));
    lines.map(|line| line + "\r\n").collect()
}

/// A value in quotes. An apostrophe keeps a spreadsheet from running a value as a formula.
fn quote(value: &str) -> String {
    let is_formula = value.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, value.replace('"', "\"\""))
}

fn mode(mode: Option<MfaMode>) -> String {
    mode.map_or("", MfaMode::as_str).to_owned()
}

fn correction(correction: &Correction) -> String {
    let lowered = if correction.lowered { " (lowered)" } else { "" };
    format!("{:.0} {}{lowered}", correction.time, correction.fields.join(" "))
}

fn join<T>(values: &[T], text: impl Fn(&T) -> String) -> String {
    values.iter().map(text).collect::<Vec<_>>().join("; ")
}
