//! The binary as a plugin of kubectl: the name decides, as it does for every plugin.

use std::{env, ffi::OsString, path::Path};

/// The name of the binary.
pub const NAME: &str = "cognito-mfa-operator";

/// The file name that kubectl looks for on the PATH.
const PLUGIN: &str = "kubectl-upmfa";

/// What a person types to call the plugin.
const PLUGIN_CALL: &str = "kubectl upmfa";

/// The help of `completion` under the plugin's name. kubectl completes its plugins in a way of its own.
const COMPLETION_HELP: &str = "kubectl completes `kubectl upmfa` where its own completion is loaded and another link to this binary is on the PATH:\n  ln -s kubectl-upmfa /usr/local/bin/kubectl_complete-upmfa\n\nThe scripts complete the name kubectl-upmfa. Examples:\n  source <(kubectl-upmfa completion bash)\n  kubectl-upmfa completion fish > ~/.config/fish/completions/kubectl-upmfa.fish";

/// Whether a program called by this path is the plugin.
#[must_use]
pub fn is_plugin(program: Option<&OsString>) -> bool {
    program.is_some_and(|program| Path::new(program).file_stem().is_some_and(|name| name == PLUGIN))
}

/// The name that a shell has to complete: the one that this process was called by.
#[must_use]
pub fn shell_name() -> &'static str {
    if is_plugin(env::args_os().next().as_ref()) { PLUGIN } else { NAME }
}

/// The command line with the plugin's name in its usage and its examples.
#[must_use]
pub fn as_plugin(command: clap::Command) -> clap::Command {
    command.name(PLUGIN_CALL).bin_name(PLUGIN_CALL).mut_subcommands(with_plugin_help)
}

fn with_plugin_help(command: clap::Command) -> clap::Command {
    if command.get_name() == "completion" {
        return command.after_help(COMPLETION_HELP);
    }
    let Some(help) = command.get_after_help() else { return command };
    let help = help.to_string().replace(NAME, PLUGIN_CALL);
    command.after_help(help)
}
