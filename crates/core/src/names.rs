//! Names as Kubernetes takes them.

/// The longest name of a namespace.
const NAMESPACE: usize = 63;
/// The longest name of an object.
const NAME: usize = 253;
/// The longest word of a label.
const WORD: usize = 63;

/// Whether an object may be called so: labels with dots between them (RFC 1123).
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.len() <= NAME && name.split('.').all(is_label)
}

/// Whether a namespace may be called so: one label.
#[must_use]
pub fn is_namespace(name: &str) -> bool {
    name.len() <= NAMESPACE && is_label(name)
}

/// Whether a label or an annotation may have this key, and an object this finalizer: a word, alone or behind a domain and
/// a slash.
#[must_use]
pub fn is_key(key: &str) -> bool {
    key.split_once('/').map_or_else(|| is_word(key), |(domain, word)| is_name(domain) && is_word(word))
}

/// Whether a label may have this value: none, or a word.
#[must_use]
pub fn is_value(value: &str) -> bool {
    value.is_empty() || is_word(value)
}

fn is_word(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let ends = |c: char| c.is_ascii_alphanumeric();
    text.len() <= WORD && text.starts_with(ends) && text.ends_with(ends) && text.chars().all(fits)
}

fn is_label(part: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !part.is_empty() && part.chars().all(fits) && !part.starts_with('-') && !part.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_word_that_may_have_a_domain_before_it() {
        for good in ["a", "A_b.c-1", "app.kubernetes.io/name", &"a".repeat(63)] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "a b", "-a", "a-", "/a", "a/", "a/b/c", "A.io/b", "a_b/c", "é", &"a".repeat(64)] {
            assert!(!is_key(bad), "{bad}");
        }
    }

    #[test]
    fn a_label_may_be_empty() {
        assert!(is_value("") && is_value("v1.2_3") && !is_value("a b") && !is_value("a/b"));
    }
}
