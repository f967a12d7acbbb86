//! The files behind the names of a command line.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use cognito_mfa_core::text::safe;

use super::{Place, Problem};

/// What stands for standard input.
const STDIN: &str = "-";
/// The byte order mark.
const MARK: char = '\u{feff}';
/// No fleet's manifests are larger.
const MOST: u64 = 256 << 20;
const NO_TEXT: &str = "it is no text in UTF-8: save it as UTF-8 (the > of Windows PowerShell writes UTF-16)";

/// The file of that name, or the manifests in the folder of that name and below, sorted.
pub(super) fn find(name: &Path) -> Vec<Result<PathBuf, Problem>> {
    if name.as_os_str() == STDIN || !name.is_dir() {
        return vec![Ok(name.to_owned())];
    }
    let mut found = Vec::new();
    if let Err(problem) = walk(name, &mut found) {
        found.push(Err(problem));
    }
    if found.is_empty() {
        found.push(Err(problem(name, "there is no .yaml, .yml or .json file in this folder")));
    }
    found
}

fn walk(folder: &Path, found: &mut Vec<Result<PathBuf, Problem>>) -> Result<(), Problem> {
    let unreadable = |error: io::Error| problem(folder, &format!("the folder cannot be read: {error}"));
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(unreadable)?;
    // A mounted ConfigMap has each file a second time in ..data; .git is nobody's manifest.
    paths.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    for path in paths {
        // A link to a folder above would never end.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, found)?;
        } else if is_manifest(&path) && !path.exists() {
            found.push(Err(problem(&path, "this is a link to a file that is not there")));
        } else if path.is_file() && is_manifest(&path) {
            found.push(Ok(path));
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known))
}

/// What the file holds.
pub(super) fn text(path: &Path) -> Result<String, Problem> {
    let read = if path.as_os_str() == STDIN {
        bounded(io::stdin(), MOST)
    } else {
        fs::File::open(path).and_then(|file| bounded(file, MOST))
    };
    read.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => problem(path, NO_TEXT),
        _ => problem(path, &format!("it cannot be read: {error}")),
    })
}

fn bounded(from: impl Read, most: u64) -> io::Result<String> {
    let mut text = String::new();
    from.take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {} MiB: give it in parts", most >> 20)));
    }
    // As some editors on Windows write it; it is no part of the document.
    if text.starts_with(MARK) {
        text.drain(..MARK.len_utf8());
    }
    Ok(text)
}

/// The file as it is named to people.
#[must_use]
pub fn shown(path: &Path) -> String {
    if path.as_os_str() == STDIN {
        "(standard input)".into()
    } else {
        safe(&path.to_string_lossy(), usize::MAX)
    }
}

fn problem(path: &Path, message: &str) -> Problem {
    let place = Place { file: shown(path), line: 0 };
    Problem { place, field: String::new(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_refused_and_not_cut() {
        assert_eq!(bounded(&b"four"[..], 4).unwrap(), "four");
        let refused = bounded(&b"fours"[..], 4).unwrap_err();
        assert!(refused.to_string().contains("larger than"), "{refused}");
    }
}
