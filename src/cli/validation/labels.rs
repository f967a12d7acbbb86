//! Labels, annotations and finalizers.

use cognito_mfa_core::names::{is_key, is_value};
use serde_json::{Map, Value};

use super::{Fault, Kind, meta::fault};

/// What [`is_key`] asks for.
macro_rules! qualified {
    ($what:literal) => {
        concat!(
            $what,
            " is a word of 1 to 63 letters, digits, hyphens, underscores and dots that begins and ends with a letter or a digit, alone or behind a domain and a slash"
        )
    };
}

/// How many bytes all annotations of an object may have, keys and values together.
const ANNOTATIONS: usize = 256 << 10;
const FINALIZER: &str = qualified!("a finalizer");
const KEY: &str = qualified!("a key");
const WORD: &str = "a label's value has at most 63 letters, digits, hyphens, underscores and dots, and begins and ends with a letter or a digit";

/// What is wrong with those of an object.
pub(super) fn faults(meta: &Map<String, Value>) -> Vec<Fault> {
    let labels = pairs(meta, "labels").filter_map(|(key, value)| {
        let told = |value: &str| (!is_value(value)).then(|| shape(WORD));
        let wrong = pair(key, value).or_else(|| value.as_str().and_then(told));
        wrong.map(|wrong| at(&["labels", key], wrong))
    });
    let annotations = pairs(meta, "annotations").filter_map(|(key, value)| {
        // Their keys may have capital letters in the domain, too.
        pair(&key.to_lowercase(), value).map(|wrong| at(&["annotations", key], wrong))
    });
    labels.chain(annotations).chain(finalizers(meta)).chain(too_large(meta)).collect()
}

fn finalizers(meta: &Map<String, Value>) -> impl Iterator<Item = Fault> {
    let all = meta.get("finalizers").and_then(Value::as_array).into_iter().flatten().enumerate();
    all.filter(|(_, name)| name.as_str().is_some_and(|name| !is_key(name)))
        .map(|(number, _)| at(&["finalizers", &number.to_string()], shape(FINALIZER)))
}

fn pairs<'a>(meta: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    meta.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn pair(key: &str, value: &Value) -> Option<(Kind, &'static str)> {
    match value {
        _ if !is_key(key) => Some(shape(KEY)),
        Value::String(_) => None,
        // The API server takes it for an empty text [seen, 1.36], and this program cannot read it.
        Value::Null => {
            Some((Kind::Unreadable, "nothing stands after this key: write \"\", or remove the key"))
        }
        _ => Some(shape("this must be text: put quotes around it")),
    }
}

fn shape(message: &'static str) -> (Kind, &'static str) {
    (Kind::Shape, message)
}

fn at(path: &[&str], (kind, message): (Kind, &str)) -> Fault {
    Fault { kind, ..fault(&[&["metadata"], path].concat(), message) }
}

fn too_large(meta: &Map<String, Value>) -> Option<Fault> {
    let sizes = pairs(meta, "annotations").map(|(key, value)| key.len() + value.as_str().map_or(0, str::len));
    let size: usize = sizes.sum();
    let message = format!("all annotations together have {size} bytes, and at most {ANNOTATIONS} are taken");
    (size > ANNOTATIONS).then(|| fault(&["metadata", "annotations"], message))
}
