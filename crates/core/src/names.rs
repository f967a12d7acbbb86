//! The syntax of names in Kubernetes.

/// The longest name of a namespace.
const NAMESPACE: usize = 63;
/// The longest name of an object.
const NAME: usize = 253;

/// Whether this is a valid name of an object: labels with dots between them (RFC 1123).
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.len() <= NAME && name.split('.').all(is_label)
}

/// Whether this is a valid name of a namespace: one label.
#[must_use]
pub fn is_namespace(name: &str) -> bool {
    name.len() <= NAMESPACE && is_label(name)
}

fn is_label(part: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !part.is_empty() && part.chars().all(fits) && !part.starts_with('-') && !part.ends_with('-')
}
