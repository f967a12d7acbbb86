//! Parses a document as kubectl does, and keeps the line of every field.
//!
//! kubectl follows YAML 1.1, which reads a bare ON as true.

use std::{collections::BTreeMap, fmt};

use cognito_mfa_core::text;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// Where Cognito puts the code into a message. YAML takes { for a map, and # for a comment.
const PLACEHOLDER: &str = "{####}";
const QUOTE_PLACEHOLDER: &str = "write the text with {####} in quotes";

/// The lines of the fields of a document, by their paths.
#[derive(Clone, Debug, Default)]
pub struct FieldLines(BTreeMap<Vec<String>, usize>);

impl FieldLines {
    /// The line of the field at this path, or of its nearest parent that has one.
    #[must_use]
    pub fn line(&self, path: &[String]) -> Option<usize> {
        (0..=path.len()).rev().find_map(|end| self.0.get(&path[..end])).copied()
    }

    /// The lines of the fields below a path, by their paths from there.
    #[must_use]
    pub fn below(&self, path: &[String]) -> Self {
        // The map is sorted, so these paths follow `path` directly. Searching the whole map for each item of a list
        // would be quadratic.
        let below = |(field, line): (&Vec<String>, &usize)| Some((field.strip_prefix(path)?.to_vec(), *line));
        Self(self.0.range(path.to_vec()..).map_while(below).collect())
    }

    fn insert(&mut self, path: &[String], line: u64) {
        self.0.insert(path.to_vec(), usize::try_from(line).unwrap_or(usize::MAX));
    }
}

/// The document in a text that begins at `line`; None when it is empty.
///
/// # Errors
/// The line of a syntax error, and a sentence.
pub(super) fn parse(text: &str, line: usize) -> Result<Option<(Value, FieldLines)>, (usize, String)> {
    let options = serde_saphyr::options! { with_snippet: false, budget: budget() };
    let root = serde_saphyr::from_str_with_options::<Option<Spanned<Node>>>(text, options);
    let lines_before = line.saturating_sub(1);
    let root = root.map_err(|error| {
        let line = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
        (lines_before + line.max(1), sentence(&error, text.lines().nth(line.max(1) - 1).unwrap_or_default()))
    })?;
    let Some(root) = root else { return Ok(None) };
    let mut lines = FieldLines::default();
    lines.insert(&[], root.referenced.line());
    let value = root.value.flatten(&mut Vec::new(), &mut lines);
    for line in lines.0.values_mut() {
        *line += lines_before;
    }
    Ok((!value.is_null()).then_some((value, lines)))
}

/// The parser's default limits allow about two thousand objects of `kubectl get -o yaml`; these allow a large fleet. Its
/// limits on aliases stay.
fn budget() -> Option<serde_saphyr::Budget> {
    serde_saphyr::budget! {
        max_events: 50_000_000,
        max_nodes: 25_000_000,
        max_documents: 1_000_000,
        max_total_scalar_bytes: 1 << 30,
    }
}

/// The parser's message without the line, which the problem has, and without its advice to programmers.
fn sentence(error: &serde_saphyr::Error, line: &str) -> String {
    let message = match error {
        _ if line.contains(PLACEHOLDER) => QUOTE_PLACEHOLDER.to_owned(),
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key {key} comes twice: keep one of them")
        }
        other => other.to_string(),
    };
    let first = message.lines().next().unwrap_or_default();
    let message = first.split(" at line ").next().unwrap_or(first);
    format!("this cannot be read as YAML: {}", text::safe(message, text::MAX_MESSAGE))
}

/// A value with the lines that the parser reports for its parts.
enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl Node {
    /// The plain value; the lines go to `lines`.
    fn flatten(self, path: &mut Vec<String>, lines: &mut FieldLines) -> Value {
        match self {
            Self::Scalar(value) => value,
            Self::List(items) => {
                let values = items.into_iter().enumerate().map(|(index, item)| {
                    let line = item.referenced.line();
                    flatten_child(path, lines, index.to_string(), line, item.value)
                });
                Value::Array(values.collect())
            }
            Self::Map(fields) => {
                let values = fields.into_iter().map(|(name, value)| {
                    let line = name.referenced.line();
                    (name.value.clone(), flatten_child(path, lines, name.value, line, value.value))
                });
                Value::Object(values.collect::<Map<_, _>>())
            }
        }
    }
}

fn flatten_child(
    path: &mut Vec<String>,
    lines: &mut FieldLines,
    name: String,
    line: u64,
    node: Node,
) -> Value {
    path.push(name);
    lines.insert(path, line);
    let value = node.flatten(path, lines);
    path.pop();
    value
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(field) = fields.next_entry()? {
            all.push(field);
        }
        Ok(Node::Map(all))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Node::List(all))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }
}
