//! The rules of Kubernetes for names, labels, annotations and finalizers.

/// The longest label of a DNS name (RFC 1123). A namespace is one such label.
const MAX_DNS_LABEL: usize = 63;
/// The longest DNS subdomain.
const MAX_DNS_SUBDOMAIN: usize = 253;
/// The longest label value, and the longest key without its domain.
const MAX_QUALIFIED_NAME: usize = 63;

/// Whether the text is a valid name of an object: DNS labels joined by dots (RFC 1123 subdomain).
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.len() <= MAX_DNS_SUBDOMAIN && name.split('.').all(has_label_form)
}

/// Whether the text is a valid name of a namespace: one DNS label.
#[must_use]
pub fn is_namespace(name: &str) -> bool {
    name.len() <= MAX_DNS_LABEL && has_label_form(name)
}

/// Whether the text is a valid key of a label or an annotation, or a valid finalizer: a qualified name, with an optional
/// domain and a slash before it.
#[must_use]
pub fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((domain, name)) => is_name(domain) && is_qualified_name(name),
        None => is_qualified_name(key),
    }
}

/// Whether the text is a valid value of a label: empty, or a qualified name.
#[must_use]
pub fn is_value(value: &str) -> bool {
    value.is_empty() || is_qualified_name(value)
}

fn is_qualified_name(text: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_alphanumeric();
    text.len() <= MAX_QUALIFIED_NAME
        && text.starts_with(is_alphanumeric)
        && text.ends_with(is_alphanumeric)
        && text.chars().all(|c| is_alphanumeric(c) || "-_.".contains(c))
}

/// The form of a DNS label without its length: the API server bounds only the whole name of an object.
fn has_label_form(part: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !part.is_empty() && part.chars().all(is_allowed) && !part.starts_with('-') && !part.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_qualified_name_with_an_optional_domain() {
        for valid in ["a", "A_b.c-1", "app.kubernetes.io/name", &"a".repeat(63)] {
            assert!(is_key(valid), "{valid}");
        }
        for invalid in ["", "a b", "-a", "a-", "/a", "a/", "a/b/c", "A.io/b", "a_b/c", "é", &"a".repeat(64)]
        {
            assert!(!is_key(invalid), "{invalid}");
        }
    }

    #[test]
    fn a_label_value_may_be_empty() {
        assert!(is_value("") && is_value("v1.2_3") && !is_value("a b") && !is_value("a/b"));
    }
}
