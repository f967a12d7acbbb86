//! The files that the command line names.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use cognito_mfa_core::text::safe;

use super::problem::{Place, Problem};

const STANDARD_INPUT: &str = "-";
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Far more than the manifests of any fleet: a larger file is a mistake.
const MAX_BYTES: u64 = 256 << 20;
const NOT_UTF8: &str = "it is no text in UTF-8: save it as UTF-8 (the > of Windows PowerShell writes UTF-16)";

/// The named file, or the manifests in the named folder and below, sorted.
pub(super) fn manifests(named: &Path) -> Vec<Result<PathBuf, Problem>> {
    if named.as_os_str() == STANDARD_INPUT || !named.is_dir() {
        return vec![Ok(named.to_owned())];
    }
    let mut manifests = Vec::new();
    if let Err(problem) = walk(named, &mut manifests) {
        manifests.push(Err(problem));
    }
    if manifests.is_empty() {
        manifests.push(Err(problem(named, "there is no .yaml, .yml or .json file in this folder")));
    }
    manifests
}

fn walk(folder: &Path, manifests: &mut Vec<Result<PathBuf, Problem>>) -> Result<(), Problem> {
    let unreadable = |error: io::Error| problem(folder, &format!("the folder cannot be read: {error}"));
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(unreadable)?;
    // A mounted ConfigMap has each file a second time in ..data, and .git contains no manifests.
    paths.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    for path in paths {
        // A link to a parent folder would make the walk endless.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, manifests)?;
        } else if is_manifest(&path) && !path.exists() {
            manifests.push(Err(problem(&path, "this is a link to a file that is not there")));
        } else if path.is_file() && is_manifest(&path) {
            manifests.push(Ok(path));
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known))
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, Problem> {
    let text = if path.as_os_str() == STANDARD_INPUT {
        read_at_most(MAX_BYTES, io::stdin())
    } else {
        fs::File::open(path).and_then(|file| read_at_most(MAX_BYTES, file))
    };
    text.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => problem(path, NOT_UTF8),
        _ => problem(path, &format!("it cannot be read: {error}")),
    })
}

fn read_at_most(max_bytes: u64, source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(max_bytes + 1).read_to_string(&mut text)?;
    if text.len() as u64 > max_bytes {
        return Err(io::Error::other(format!("it is larger than {} MiB: give it in parts", max_bytes >> 20)));
    }
    // Some editors on Windows write the mark, and it is no part of the document.
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len_utf8());
    }
    Ok(text)
}

/// The name of a file in messages.
#[must_use]
pub fn display_name(path: &Path) -> String {
    if path.as_os_str() == STANDARD_INPUT {
        "(standard input)".into()
    } else {
        safe(&path.to_string_lossy(), usize::MAX)
    }
}

fn problem(path: &Path, message: &str) -> Problem {
    Problem::without_field(Place { file: display_name(path), line: 0 }, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        assert_eq!(read_at_most(4, &b"four"[..]).unwrap(), "four");
        let error = read_at_most(4, &b"fours"[..]).unwrap_err();
        assert!(error.to_string().contains("larger than"), "{error}");
    }
}
