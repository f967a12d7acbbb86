//! What was found, as Markdown for a comment on a pull request.

use cognito_mfa_core::doctor::Finding;

use super::{
    examined::Examined,
    lines::{grade, or, whose_words},
};

/// One section for each subject.
#[must_use]
pub fn document(examined: &[Examined]) -> String {
    examined.iter().map(section).collect::<Vec<_>>().join("\n")
}

fn section(examined: &Examined) -> String {
    let pool = code(&examined.user_pool_id);
    let subject = examined.full_name().map_or(pool.clone(), |name| format!("{} ({pool})", plain(&name)));
    let head = format!("### {subject}: {}\n", examined.verdict.words());
    let why = examined.message().map(|message| format!("\n{}\n", plain(message)));
    let table = (!examined.findings.is_empty())
        .then(|| "\n| | field | why | what to do |\n|---|---|---|---|\n".to_owned());
    [head].into_iter().chain(why).chain(table).chain(examined.findings.iter().map(row)).collect()
}

fn row(finding: &Finding) -> String {
    let kind = format!("**{}**{}", finding.kind.as_str(), grade(finding));
    let says = finding.aws_says.map(|words| format!("<br>{}: *{}*", whose_words(finding.kind), plain(words)));
    let remedies = finding
        .remedies
        .iter()
        .enumerate()
        .map(|(index, remedy)| format!("{}{}: {}", or(index), remedy.place.as_str(), code(&remedy.text)));
    let remedies = remedies.collect::<Vec<_>>().join("<br>");
    let (why, says) = (plain(&finding.message), says.unwrap_or_default());
    format!("| {kind} | {} | {why}{says} | {remedies} |\n", code(finding.field))
}

/// Text without effect as Markdown or HTML. Names and messages come from outside.
fn plain(text: &str) -> String {
    let escape = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '@' => "&#64;".to_owned(),
        '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => format!("\\{c}"),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

/// A span of code in a cell of a table. Its fence is longer than any row of backticks in it.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    if longest == 0 { format!("{fence}{text}{fence}") } else { format!("{fence} {text} {fence}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_no_markdown() {
        assert_eq!(plain("<b>[x](y)|@me"), "&lt;b>\\[x\\](y)\\|&#64;me");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a``b"), "``` a``b ```");
    }
}
