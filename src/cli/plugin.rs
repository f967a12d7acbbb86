//! The name that the binary was called by: its own, that of a plugin of kubectl, or that of kubectl's question how a command
//! line of the plugin goes on.

use std::{env, ffi::OsString, path::Path};

use clap::{CommandFactory, FromArgMatches};

use super::{
    args::{Cli, NAME},
    complete, completion,
};

/// The name of the binary as a plugin of kubectl.
const PLUGIN: &str = "kubectl-upmfa";

impl Cli {
    /// Reads the command line. What is wrong with it is said, and the process ends with 2. None for kubectl, which asks how
    /// a command line goes on and is answered.
    #[must_use]
    pub fn read() -> Option<Self> {
        let arguments: Vec<OsString> = env::args_os().collect();
        let mut command = command(arguments.first());
        command.build();
        if complete::answers(&arguments, &command) {
            return None;
        }
        let matches = command.get_matches_from(arguments);
        Some(Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
    }
}

/// The command line under the name it was called by: its usage and its examples name what the person typed.
#[must_use]
pub fn command(called: Option<&OsString>) -> clap::Command {
    let command = Cli::command();
    if !is_plugin(called) {
        return command;
    }
    command.name("kubectl upmfa").bin_name("kubectl upmfa").mut_subcommands(as_plugin)
}

/// The name for a shell that completes what was called.
#[must_use]
pub fn shell_name() -> &'static str {
    if is_plugin(env::args_os().next().as_ref()) { PLUGIN } else { NAME }
}

fn is_plugin(called: Option<&OsString>) -> bool {
    called.is_some_and(|called| Path::new(called).file_stem().is_some_and(|name| name == PLUGIN))
}

fn as_plugin(command: clap::Command) -> clap::Command {
    if command.get_name() == "completion" {
        return command.after_help(completion::FOR_KUBECTL);
    }
    let Some(help) = command.get_after_help() else { return command };
    let help = help.to_string().replace(NAME, "kubectl upmfa");
    command.after_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_plugin_of_kubectl_calls_itself_so() {
        let called = OsString::from("/usr/local/bin/kubectl-upmfa");
        let mut command = command(Some(&called));
        let help = command.find_subcommand_mut("diff").unwrap().render_long_help().to_string();
        assert!(help.contains("kubectl upmfa diff --cluster") && !help.contains(NAME), "{help}");
        assert!(command.render_usage().to_string().contains("kubectl upmfa"));
    }
}
