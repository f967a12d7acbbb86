//! A text in pieces, one for each document, so that a bad one ends with itself.

use serde_json::de::IoRead;

/// One document's text, and the line that it begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

/// The documents of a text: JSON values one after another, or YAML between its markers.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let ends = json_ends(text).unwrap_or_else(|| yaml_ends(text));
    let (mut begin, mut line, mut found) = (0, 1, Vec::new());
    for end in ends {
        let text = &text[begin..end];
        found.push(Piece { text, line });
        line += text.matches('\n').count();
        begin = end;
    }
    found
}

/// Where each of several JSON values ends; None when it is not JSON throughout.
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

/// Where each YAML document ends. In YAML three hyphens at the beginning of a line are a marker wherever they stand, in
/// a block of text, too.
fn yaml_ends(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut ends: Vec<usize> = Vec::new();
    for line in text.split_inclusive('\n') {
        let is_marker =
            line.strip_prefix("---").is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace));
        if is_marker && at > 0 {
            ends.push(at);
        }
        at += line.len();
    }
    ends.push(at);
    ends
}
