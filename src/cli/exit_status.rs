//! The exit codes of the commands, which are those of diff(1).

use std::process::ExitCode;

/// How a command ends, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// 0: everything was done, and nothing differs.
    Success,
    /// 1: something differs, or waits for a person.
    Different,
    /// 2: something could not be read, asked or done.
    Failed,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Success => 0,
            ExitStatus::Different => 1,
            ExitStatus::Failed => 2,
        })
    }
}

/// A command that did several things ends like the worst of them.
impl FromIterator<ExitStatus> for ExitStatus {
    fn from_iter<T: IntoIterator<Item = Self>>(statuses: T) -> Self {
        statuses.into_iter().max().unwrap_or(Self::Success)
    }
}
