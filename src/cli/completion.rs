//! `completion` and `man`: what shells and man(1) are told of the command line.

use std::{fs, path::PathBuf};

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{ExitStatus, output, plugin::shell_name};

/// What the help of `completion` says to who calls the plugin.
pub(super) const FOR_KUBECTL: &str = "kubectl completes `kubectl upmfa` where its own completion is loaded and another link to this binary is on the PATH:\n  ln -s kubectl-upmfa /usr/local/bin/kubectl_complete-upmfa\n\nThe scripts complete the name kubectl-upmfa. Examples:\n  source <(kubectl-upmfa completion bash)\n  kubectl-upmfa completion fish > ~/.config/fish/completions/kubectl-upmfa.fish";

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

/// Writes manual pages.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  cognito-mfa-operator man | man -l -\n  cognito-mfa-operator man --dir /usr/local/share/man/man1"
)]
pub struct Manual {
    /// The folder for a page of each command. Without it the first page goes to standard output.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

pub(super) fn completion(arguments: &Completion, mut command: Command) -> Result<ExitStatus, String> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, shell_name(), &mut script);
    output::print(&String::from_utf8_lossy(&script)).map(|()| ExitStatus::Success)
}

pub(super) fn manual(arguments: &Manual, mut command: Command) -> Result<ExitStatus, String> {
    command.build();
    let Some(folder) = &arguments.dir else {
        return output::print(&page(&command)?).map(|()| ExitStatus::Success);
    };
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    for command in std::iter::once(&command).chain(command.get_subcommands()) {
        let name = command.get_display_name().unwrap_or(command.get_name()).replace(' ', "-");
        let file = folder.join(format!("{name}.1"));
        fs::write(&file, page(command)?)
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    Ok(ExitStatus::Success)
}

fn page(command: &Command) -> Result<String, String> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
