//! What somebody may have meant.

/// Below this, two names are not each other's misspelling.
const MIN_LIKENESS: f64 = 0.8;

/// The known name that is nearest to a written one, if any is near.
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let rated = known.into_iter().map(|name| (likeness(&written, &name.to_lowercase()), name));
    rated
        .filter(|(likeness, _)| *likeness >= MIN_LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// How alike two names are, from 0 to 1. The names here have long ends in common, so the beginning must be the same, or all
/// but one letter.
fn likeness(written: &str, name: &str) -> f64 {
    let related = written.chars().next() == name.chars().next() || strsim::osa_distance(written, name) == 1;
    if related { strsim::jaro_winkler(written, name) } else { 0.0 }
}

/// The same as a question.
pub(super) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    closest(written, known).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_near_and_another_one_with_the_same_end_is_not() {
        let known = ["smsMfaConfiguration", "webAuthnConfiguration", "suspend"];
        for (written, near) in [
            ("smsMfaConfig", Some("smsMfaConfiguration")),
            ("WebAuthConfiguration", Some("webAuthnConfiguration")),
            ("uspend", Some("suspend")),
            ("pushMfaConfiguration", None),
            ("passkeyConfiguration", None),
        ] {
            assert_eq!(closest(written, known), near, "{written}");
        }
    }
}
