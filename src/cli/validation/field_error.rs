//! What is wrong with one field.

/// A mistake in the field at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) path: Vec<String>,
    pub(super) kind: ErrorKind,
    pub(super) message: String,
}

/// Decides which errors suppress others, and which of them the API server would not report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// A type, a length, a value of an enumeration or a missing field. The API server evaluates no rule beside it.
    Schema,
    Pattern,
    Rule,
    UnknownField,
    /// The API server accepts the value and the operator cannot read it.
    NotReadable,
}

impl FieldError {
    pub(super) fn new(kind: ErrorKind, path: &[String], message: impl Into<String>) -> Self {
        Self { path: path.to_vec(), kind, message: message.into() }
    }

    pub(super) fn at(path: &[&str], message: impl Into<String>) -> Self {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        Self::new(ErrorKind::Schema, &path, message)
    }

    pub(super) fn unknown_field(path: &[String], suggestion: &str) -> Self {
        Self::new(ErrorKind::UnknownField, path, format!("there is no such field{suggestion}"))
    }
}
