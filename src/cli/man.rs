//! `man`: the manual pages.

use std::{fs, path::PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::{ExitStatus, output};

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

pub(super) fn run(flags: &Manual, mut command: Command) -> Result<ExitStatus, String> {
    command.build();
    let Some(folder) = &flags.dir else {
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
