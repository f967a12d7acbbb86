//! A file that is written whole or not at all, and whose folder is tried before the work that it tells of.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A file beside the one that it is to become. It goes when nobody keeps it.
pub struct AtomicFile {
    target: PathBuf,
    beside: PathBuf,
    file: File,
}

impl AtomicFile {
    /// Begins one.
    ///
    /// # Errors
    /// A sentence: this file could not be written.
    pub fn of(target: &Path) -> Result<Self, String> {
        Self::begin(target).map_err(|error| {
            format!("{}: nothing was set, because the status could not be saved: {error}", target.display())
        })
    }

    fn begin(target: &Path) -> io::Result<Self> {
        // What a link names is replaced, and not the link.
        let target = target.canonicalize().unwrap_or_else(|_| target.to_owned());
        let before = fs::metadata(&target).ok();
        // As root a rename would put a file in the place of /dev/null.
        if before.as_ref().is_some_and(|before| !before.is_file()) {
            return Err(io::Error::other("this is no regular file"));
        }
        let name = target.file_name().ok_or_else(|| io::Error::other("this names no file"))?;
        let beside = format!(".{}.{}", name.to_string_lossy(), std::process::id());
        let beside = target.with_file_name(beside);
        let file = File::create_new(&beside)?;
        let draft = Self { target, beside, file };
        if let Some(before) = before {
            draft.file.set_permissions(before.permissions())?;
        }
        Ok(draft)
    }

    /// Puts the text in the place of what the file had.
    ///
    /// # Errors
    /// A sentence.
    pub fn keep(mut self, text: &str) -> Result<(), String> {
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all());
        let placed = written.and_then(|()| {
            // A file that is a mount of its own cannot be replaced, only written.
            fs::rename(&self.beside, &self.target).or_else(|_| fs::write(&self.target, text))
        });
        placed.map_err(|error| {
            format!("{}: the pools are set, but their status cannot be saved: {error}", self.target.display())
        })
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = fs::remove_file(&self.beside);
    }
}
