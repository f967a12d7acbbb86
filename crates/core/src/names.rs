//! The rules of Kubernetes for names.

/// The longest label of a DNS name (RFC 1123). A namespace is one such label.
const MAX_DNS_LABEL: usize = 63;
/// The longest DNS subdomain.
const MAX_DNS_SUBDOMAIN: usize = 253;

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

/// The form of a DNS label without its length: the API server bounds only the whole name of an object.
fn has_label_form(part: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !part.is_empty() && part.chars().all(is_allowed) && !part.starts_with('-') && !part.ends_with('-')
}
