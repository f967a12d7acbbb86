//! Splits a text into its documents before any is parsed, so that a syntax error ends one document only.

use serde_json::de::IoRead;

/// The text of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk<'a> {
    pub(super) text: &'a str,
    /// The line of the file at which the text begins.
    pub(super) line: usize,
}

/// The documents of a text: JSON values one after another, or YAML between its markers.
pub(super) fn documents(text: &str) -> Vec<Chunk<'_>> {
    let ends = json_ends(text).unwrap_or_else(|| yaml_ends(text));
    let (mut begin, mut line, mut chunks) = (0, 1, Vec::new());
    for end in ends {
        let text = &text[begin..end];
        chunks.push(Chunk { text, line });
        line += text.matches('\n').count();
        begin = end;
    }
    chunks
}

/// The end of each JSON value; None when the text is not JSON throughout.
fn json_ends(text: &str) -> Option<Vec<usize>> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut values =
        serde_json::StreamDeserializer::<_, serde::de::IgnoredAny>::new(IoRead::new(text.as_bytes()));
    let mut ends = Vec::new();
    while let Some(value) = values.next() {
        value.ok()?;
        ends.push(values.byte_offset());
    }
    Some(ends)
}

/// The end of each YAML document. In YAML, three hyphens at the beginning of a line are a marker even within a block
/// of text, so no line needs to be parsed.
fn yaml_ends(text: &str) -> Vec<usize> {
    let mut offset = 0;
    let mut ends: Vec<usize> = Vec::new();
    for line in text.split_inclusive('\n') {
        let is_marker =
            line.strip_prefix("---").is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace));
        if is_marker && offset > 0 {
            ends.push(offset);
        }
        offset += line.len();
    }
    ends.push(offset);
    ends
}
