//! A file that is replaced whole or not at all.

use std::{
    fs::{self, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

/// A temporary file in the folder of its target. Dropping it removes it and leaves the target as it was.
pub struct AtomicFile {
    target: PathBuf,
    temporary: NamedTempFile,
}

impl AtomicFile {
    /// Creates the temporary file, which proves before the work begins that its result can be saved.
    ///
    /// # Errors
    /// A sentence, when the target is no regular file or its folder cannot be written.
    pub fn create(target: &Path) -> Result<Self, String> {
        Self::beside(target).map_err(|error| {
            format!(
                "{}: nothing was set, because the status could not be saved: {error}; choose another --save",
                target.display()
            )
        })
    }

    fn beside(target: &Path) -> io::Result<Self> {
        // The file that a link names is replaced, not the link.
        let target = target.canonicalize().unwrap_or_else(|_| target.to_owned());
        let existing = fs::metadata(&target).ok();
        // Root could replace even /dev/null by a rename.
        if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
            return Err(io::Error::other("this is no regular file"));
        }
        let name = target.file_name().ok_or_else(|| io::Error::other("this names no file"))?;
        let folder = target.parent().unwrap_or(Path::new(""));
        let temporary = Builder::new()
            .prefix(&format!(".{}.", name.to_string_lossy()))
            // tempfile's own default is 0600; the umask applies to this, as to any new file.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        if let Some(existing) = existing {
            temporary.as_file().set_permissions(existing.permissions())?;
        }
        Ok(Self { target, temporary })
    }

    /// Replaces the target's content with this text.
    ///
    /// # Errors
    /// A sentence, when the text could not be written.
    pub fn replace_target(mut self, text: &str) -> Result<(), String> {
        let written =
            self.temporary.write_all(text.as_bytes()).and_then(|()| self.temporary.as_file().sync_all());
        let replaced = written.and_then(|()| {
            // A file that is a mount point cannot be replaced, only written.
            self.temporary.persist(&self.target).map(drop).or_else(|_| fs::write(&self.target, text))
        });
        replaced.map_err(|error| {
            format!("{}: the pools are set, but their status cannot be saved: {error}; run it again with another --save", self.target.display())
        })
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn mode(file: &Path) -> u32 {
        file.metadata().unwrap().permissions().mode()
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("status.yaml");
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
        AtomicFile::create(&target).unwrap().replace_target("new").unwrap();
        assert_eq!((fs::read_to_string(&target).unwrap().as_str(), mode(&target) & 0o777), ("new", 0o640));
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_new_file() {
        let folder = TempDir::new().unwrap();
        let (target, other) = (folder.path().join("status.yaml"), folder.path().join("other"));
        AtomicFile::create(&target).unwrap().replace_target("new").unwrap();
        fs::write(&other, "").unwrap();
        assert_eq!(mode(&target), mode(&other));
    }

    #[test]
    fn a_dropped_file_leaves_the_target_unchanged_and_nothing_else() {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("status.yaml");
        fs::write(&target, "old").unwrap();
        drop(AtomicFile::create(&target).unwrap());
        assert_eq!(fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
