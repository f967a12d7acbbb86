//! How a command ends.

use std::process::ExitCode;

/// The exit codes, which are diff's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// 0: nothing to tell, or all of it was done.
    Same,
    /// 1: something differs, or waits for a person.
    Different,
    /// 2: something could not be read, asked or done.
    Failed,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        Self::from(match end {
            End::Same => 0,
            End::Different => 1,
            End::Failed => 2,
        })
    }
}

/// The end of a command that did several things: the worst of theirs.
impl FromIterator<End> for End {
    fn from_iter<T: IntoIterator<Item = Self>>(ends: T) -> Self {
        ends.into_iter().max().unwrap_or(Self::Same)
    }
}
