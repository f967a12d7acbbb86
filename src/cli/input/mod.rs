//! Documents from files, folders and standard input, each with its place. A bad one does not hide the others.

mod files;
mod split;
mod tree;

use std::{fmt, path::PathBuf};

use cognito_mfa_core::text;
pub use files::shown;
use serde::Serialize;
use serde_json::Value;
pub use tree::Lines;

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, as it was named; - for standard input.
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
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// The path of the field; empty for the document as a whole.
    pub field: String,
    /// What, in a sentence.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(formatter, "{}: {}", self.place, self.message),
            field => write!(formatter, "{}: {field}: {}", self.place, self.message),
        }
    }
}

/// One document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it begins.
    pub place: Place,
    /// What it holds.
    pub value: Value,
    /// Where its fields stand.
    pub lines: Lines,
}

impl Document {
    /// A problem with the field at this path.
    #[must_use]
    pub fn problem(&self, path: &[String], message: impl Into<String>) -> Problem {
        let line = self.lines.of(path).unwrap_or(self.place.line);
        let place = Place { file: self.place.file.clone(), line };
        Problem {
            place,
            field: text::safe(&path.join("."), text::MAX_VALUE),
            message: text::safe(&message.into(), text::MAX_MESSAGE),
        }
    }
}

/// A document, or why there is none.
type Read = Result<Document, Problem>;

/// All documents of these files, in order. A list of kind List counts as the documents in it.
#[must_use]
pub fn read(named: &[PathBuf]) -> Vec<Read> {
    each(named, parse)
}

/// The same of what a cluster or an earlier run printed: a list of nothing is an answer there.
#[must_use]
pub fn read_kept(named: &[PathBuf]) -> Vec<Read> {
    each(named, |file, text| {
        let lists = lists(file, text);
        if lists.is_empty() { vec![nothing(file)] } else { lists.concat() }
    })
}

fn each(named: &[PathBuf], parse: impl Fn(&str, &str) -> Vec<Read>) -> Vec<Read> {
    let files = named.iter().flat_map(|name| files::find(name));
    let documents = files.flat_map(|file| match file {
        Ok(path) => match files::text(&path) {
            Ok(text) => parse(&files::shown(&path), &text),
            Err(problem) => vec![Err(problem)],
        },
        Err(problem) => vec![Err(problem)],
    });
    documents.collect()
}

/// All documents of a text.
#[must_use]
pub fn parse(file: &str, text: &str) -> Vec<Read> {
    let documents = lists(file, text).concat();
    if documents.is_empty() { vec![nothing(file)] } else { documents }
}

fn nothing(file: &str) -> Read {
    let place = Place { file: file.to_owned(), line: 0 };
    Err(Problem { place, field: String::new(), message: "there is no document in it".to_owned() })
}

/// The documents of a text, those of a list together.
fn lists(file: &str, text: &str) -> Vec<Vec<Read>> {
    let place = |line| Place { file: file.to_owned(), line };
    let read = |piece: split::Piece| match tree::parse(piece.text, piece.line) {
        Ok(Some((value, lines))) => {
            let line = lines.of(&[]).unwrap_or(piece.line);
            Some(items(Document { place: place(line), value, lines }).into_iter().map(Ok).collect())
        }
        Ok(None) => None,
        Err((line, message)) => {
            Some(vec![Err(Problem { place: place(line), field: String::new(), message })])
        }
    };
    split::pieces(text).into_iter().filter_map(read).collect()
}

/// What `kubectl get -o yaml` prints of several objects is one document of kind List.
fn items(document: Document) -> Vec<Document> {
    let is_list = document.value["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    let Some(items) = document.value["items"].as_array().filter(|_| is_list) else { return vec![document] };
    let of_list = |(at, value): (usize, &Value)| {
        let lines = document.lines.below(&["items".to_owned(), at.to_string()]);
        let line = lines.of(&[]).unwrap_or(document.place.line);
        let place = Place { line, ..document.place.clone() };
        Document { place, value: value.clone(), lines }
    };
    items.iter().enumerate().map(of_list).collect()
}

#[cfg(test)]
mod tests;
