//! `completion`: a completion script for a shell.

use clap::{Args, Command};
use clap_complete::Shell;

use super::{ExitStatus, output, plugin::shell_name};

/// Prints a completion script.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  source <(cognito-mfa-operator completion bash)\n  cognito-mfa-operator completion zsh > \"${fpath[1]}/_cognito-mfa-operator\"\n  cognito-mfa-operator completion fish > ~/.config/fish/completions/cognito-mfa-operator.fish"
)]
pub struct Completion {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

pub(super) fn run(flags: &Completion, mut command: Command) -> Result<ExitStatus, String> {
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut command, shell_name(), &mut script);
    output::print(&String::from_utf8_lossy(&script)).map(|()| ExitStatus::Success)
}
