//! A document as kubectl reads it, with the line of every field.
//!
//! kubectl takes a bare ON for true, as YAML 1.1 has it, and so does this.

use std::{collections::BTreeMap, fmt};

use cognito_mfa_core::text;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// The lines that the fields of a document stand at.
#[derive(Clone, Debug, Default)]
pub struct Lines(BTreeMap<Vec<String>, usize>);

impl Lines {
    /// The line of the field at this path, or of the nearest one above.
    #[must_use]
    pub fn of(&self, path: &[String]) -> Option<usize> {
        (0..=path.len()).rev().find_map(|end| self.0.get(&path[..end])).copied()
    }

    /// The lines of what is below a path.
    #[must_use]
    pub fn below(&self, path: &[String]) -> Self {
        // In their order the paths below one follow it at once: a list of ten thousand objects asks ten thousand times.
        let below = |(field, line): (&Vec<String>, &usize)| Some((field.strip_prefix(path)?.to_vec(), *line));
        Self(self.0.range(path.to_vec()..).map_while(below).collect())
    }

    fn note(&mut self, path: &[String], line: u64) {
        self.0.insert(path.to_vec(), usize::try_from(line).unwrap_or(usize::MAX));
    }
}

/// The document whose text begins at `line`; None when there is nothing in it.
///
/// # Errors
/// The line, and what is wrong there.
pub(super) fn parse(text: &str, line: usize) -> Result<Option<(Value, Lines)>, (usize, String)> {
    let options = serde_saphyr::options! { with_snippet: false, budget: budget() };
    let read = serde_saphyr::from_str_with_options::<Option<Spanned<Node>>>(text, options);
    let before = line.saturating_sub(1);
    let read = read.map_err(|error| {
        let at = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
        (before + at.max(1), sentence(&error))
    })?;
    let Some(root) = read else { return Ok(None) };
    let mut lines = Lines::default();
    lines.note(&[], root.referenced.line());
    let value = root.value.flatten(&mut Vec::new(), &mut lines);
    for at in lines.0.values_mut() {
        *at += before;
    }
    Ok((!value.is_null()).then_some((value, lines)))
}

/// Room for what `kubectl get -o yaml` prints of a large fleet: the parser's own bounds end at some two thousand objects.
/// Those on aliases stay.
fn budget() -> Option<serde_saphyr::Budget> {
    serde_saphyr::budget! {
        max_events: 50_000_000,
        max_nodes: 25_000_000,
        max_documents: 1_000_000,
        max_total_scalar_bytes: 1 << 30,
    }
}

/// The parser's words without the place, which is said already, and without advice to programmers.
fn sentence(error: &serde_saphyr::Error) -> String {
    let words = match error {
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key {key} comes twice: keep one of them")
        }
        other => other.to_string(),
    };
    let first = words.lines().next().unwrap_or_default();
    let words = first.split(" at line ").next().unwrap_or(first);
    format!("this cannot be read as YAML: {}", text::safe(words, text::MAX_MESSAGE))
}

/// A value whose places are still with it.
enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl Node {
    fn flatten(self, path: &mut Vec<String>, lines: &mut Lines) -> Value {
        match self {
            Self::Scalar(value) => value,
            Self::List(items) => {
                let below = items.into_iter().enumerate().map(|(at, item)| {
                    let line = item.referenced.line();
                    below(path, lines, at.to_string(), line, item.value)
                });
                Value::Array(below.collect())
            }
            Self::Map(fields) => {
                let below = fields.into_iter().map(|(name, value)| {
                    let line = name.referenced.line();
                    (name.value.clone(), below(path, lines, name.value, line, value.value))
                });
                Value::Object(below.collect::<Map<_, _>>())
            }
        }
    }
}

fn below(path: &mut Vec<String>, lines: &mut Lines, name: String, line: u64, node: Node) -> Value {
    path.push(name);
    lines.note(path, line);
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
