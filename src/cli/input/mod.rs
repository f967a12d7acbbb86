//! Documents from files, folders and standard input, each with its place. An invalid one does not hide the others.

mod files;
mod problem;
mod split;
mod tree;

use std::path::PathBuf;

use cognito_mfa_core::text;
pub use files::display_name;
pub use problem::{Place, Problem};
use serde_json::Value;
pub use tree::FieldLines;

/// One document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The first line.
    pub place: Place,
    /// The content.
    pub value: Value,
    /// The lines of its fields.
    pub lines: FieldLines,
}

impl Document {
    /// A problem with the field at this path.
    #[must_use]
    pub fn problem(&self, path: &[String], message: impl Into<String>) -> Problem {
        let line = self.lines.line(path).unwrap_or(self.place.line);
        let place = Place { file: self.place.file.clone(), line };
        Problem {
            place,
            field: text::safe(&path.join("."), text::MAX_VALUE),
            message: text::safe(&message.into(), text::MAX_MESSAGE),
        }
    }
}

type ReadResult = Result<Document, Problem>;

/// All documents of these files, in order. The items of a document of kind List are documents of their own.
#[must_use]
pub fn read(files: &[PathBuf]) -> Vec<ReadResult> {
    read_each(files, parse)
}

/// All documents of files that a cluster or an earlier run printed, where a list without items is valid.
#[must_use]
pub fn read_printed(files: &[PathBuf]) -> Vec<ReadResult> {
    read_each(files, |file, text| {
        let lists = parse_lists(file, text);
        if lists.is_empty() { vec![no_document(file)] } else { lists.concat() }
    })
}

fn read_each(files: &[PathBuf], parse: impl Fn(&str, &str) -> Vec<ReadResult>) -> Vec<ReadResult> {
    let manifests = files.iter().flat_map(|file| files::manifests(file));
    let documents = manifests.flat_map(|manifest| {
        let text = manifest.and_then(|path| Ok((files::display_name(&path), files::read(&path)?)));
        text.map_or_else(|problem| vec![Err(problem)], |(name, text)| parse(&name, &text))
    });
    documents.collect()
}

/// All documents of a text.
#[must_use]
pub fn parse(file: &str, text: &str) -> Vec<ReadResult> {
    let documents = parse_lists(file, text).concat();
    if documents.is_empty() { vec![no_document(file)] } else { documents }
}

fn no_document(file: &str) -> ReadResult {
    let place = Place { file: file.to_owned(), line: 0 };
    Err(Problem::without_field(place, "there is no document in it"))
}

/// The documents of a text, with the items of each list together.
fn parse_lists(file: &str, text: &str) -> Vec<Vec<ReadResult>> {
    let place = |line| Place { file: file.to_owned(), line };
    let parse = |chunk: split::Chunk| match tree::parse(chunk.text, chunk.line) {
        Ok(Some((value, lines))) => {
            let line = lines.line(&[]).unwrap_or(chunk.line);
            Some(items(Document { place: place(line), value, lines }).into_iter().map(Ok).collect())
        }
        Ok(None) => None,
        Err((line, message)) => Some(vec![Err(Problem::without_field(place(line), message))]),
    };
    split::documents(text).into_iter().filter_map(parse).collect()
}

/// `kubectl get -o yaml` prints several objects as one document of kind List.
fn items(document: Document) -> Vec<Document> {
    let is_list = document.value["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    let Some(items) = document.value["items"].as_array().filter(|_| is_list) else { return vec![document] };
    let item = |(index, value): (usize, &Value)| {
        let lines = document.lines.below(&["items".to_owned(), index.to_string()]);
        let line = lines.line(&[]).unwrap_or(document.place.line);
        let place = Place { line, ..document.place.clone() };
        Document { place, value: value.clone(), lines }
    };
    items.iter().enumerate().map(item).collect()
}

#[cfg(test)]
mod tests;
