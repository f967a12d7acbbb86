//! How a command ends.

use std::process::ExitCode;

/// The exit codes, which are diff's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// 0: nothing to tell, or all of it was done.
    Success,
    /// 1: something differs, or waits for a person.
    Different,
    /// 2: something could not be read, asked or done.
    Failed,
}

impl From<ExitStatus> for ExitCode {
    fn from(end: ExitStatus) -> Self {
        Self::from(match end {
            ExitStatus::Success => 0,
            ExitStatus::Different => 1,
            ExitStatus::Failed => 2,
        })
    }
}

/// The end of a command that did several things: the worst of theirs.
impl FromIterator<ExitStatus> for ExitStatus {
    fn from_iter<T: IntoIterator<Item = Self>>(ends: T) -> Self {
        ends.into_iter().max().unwrap_or(Self::Success)
    }
}
