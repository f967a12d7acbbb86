//! What was found, as lines for a person.

use cognito_mfa_core::doctor::{Finding, Grade, Kind, Remedy};

use super::examined::{Examined, Verdict};
use crate::cli::output::{BOLD, GREEN, RED, YELLOW, styled};

/// The lines of one subject. One that could not be read has none: it is an error.
#[must_use]
pub fn lines(examined: &Examined) -> String {
    let style = match examined.verdict {
        Verdict::Accepted => GREEN,
        Verdict::Refused => RED,
        Verdict::Unknown => YELLOW,
        Verdict::Failed => return String::new(),
    };
    let pool = &examined.user_pool_id;
    let subject = match examined.full_name() {
        Some(name) => format!("{} ({pool})", styled(BOLD, &name)),
        None => styled(BOLD, pool),
    };
    let head = format!("{subject}: {}\n", styled(style, examined.verdict.words()));
    [head].into_iter().chain(examined.findings.iter().map(finding_lines)).collect()
}

fn finding_lines(finding: &Finding) -> String {
    let style = match finding.kind {
        Kind::Refused => RED,
        Kind::AcceptedBut | Kind::UsersWillNotice => YELLOW,
        Kind::NotLookedAt => BOLD,
    };
    let kind = format!("{}{}", finding.kind.as_str(), grade(finding));
    let head = format!("  {}: {}: {}\n", styled(style, &kind), finding.field, finding.message);
    let says = finding.aws_says.map(|words| format!("    {}: {words}\n", whose_words(finding.kind)));
    let remedies = finding.remedies.iter().enumerate();
    let remedies = remedies.map(|(index, remedy)| format!("    {}\n", remedy_words(index, remedy)));
    [head].into_iter().chain(says).chain(remedies).collect()
}

/// How well a refusal is known, where it is not measured.
pub(super) fn grade(finding: &Finding) -> String {
    match finding.grade.filter(|grade| *grade != Grade::Measured) {
        Some(grade) => format!(" ({})", <&str>::from(grade)),
        None => String::new(),
    }
}

/// What stands before AWS's words: some pools are refused where others are not.
pub(super) fn whose_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Refused => "AWS says",
        Kind::AcceptedBut | Kind::UsersWillNotice | Kind::NotLookedAt => "AWS may say",
    }
}

fn remedy_words(index: usize, remedy: &Remedy) -> String {
    format!("{}{}: {}", or(index), remedy.place.as_str(), remedy.text)
}

/// The remedies of a finding are alternatives.
pub(super) fn or(index: usize) -> &'static str {
    if index == 0 { "" } else { "or " }
}
