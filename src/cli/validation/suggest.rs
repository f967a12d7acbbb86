//! Suggestions for misspelt names.

/// Names that are less similar are different names.
const MIN_SIMILARITY: f64 = 0.8;

/// The known name that is most similar to the written one, if any is similar enough.
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let rated = known.into_iter().map(|name| (similarity(&written, &name.to_lowercase()), name));
    rated
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// How similar two names are, from 0 to 1. The field names share long suffixes, so the first letters must be equal,
/// or the names must differ in one letter only.
fn similarity(written: &str, name: &str) -> f64 {
    let may_be_misspelt =
        written.chars().next() == name.chars().next() || strsim::osa_distance(written, name) == 1;
    if may_be_misspelt { strsim::jaro_winkler(written, name) } else { 0.0 }
}

/// The suggestion as the end of a message.
pub(super) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    closest(written, known).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_has_a_suggestion_and_another_with_the_same_suffix_has_none() {
        let known = ["smsMfaConfiguration", "webAuthnConfiguration", "suspend"];
        for (written, suggestion) in [
            ("smsMfaConfig", Some("smsMfaConfiguration")),
            ("WebAuthConfiguration", Some("webAuthnConfiguration")),
            ("uspend", Some("suspend")),
            ("pushMfaConfiguration", None),
            ("passkeyConfiguration", None),
        ] {
            assert_eq!(closest(written, known), suggestion, "{written}");
        }
    }
}
