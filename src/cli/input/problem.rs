//! A mistake in a document, and its place.

use std::fmt;

use serde::Serialize;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The name of the file on the command line; `(standard input)` for `-`.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => formatter.write_str(&self.file),
            line => write!(formatter, "{}:{line}", self.file),
        }
    }
}

/// What is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line of the field, or of the document.
    #[serde(flatten)]
    pub place: Place,
    /// The path of the field; empty for the document as a whole.
    pub field: String,
    /// A sentence that says what to write instead.
    pub message: String,
}

impl Problem {
    /// A problem with a document or a file as a whole.
    pub(super) fn without_field(place: Place, message: impl Into<String>) -> Self {
        Self { place, field: String::new(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(formatter, "{}: {}", self.place, self.message),
            field => write!(formatter, "{}: {field}: {}", self.place, self.message),
        }
    }
}
