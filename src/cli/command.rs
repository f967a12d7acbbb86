//! The command line: every command with its flags, and the name that it was called by.

use std::{env, ffi::OsString};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::{
    apply::Apply, complete, completion::Completion, diff::Diff, doctor::Doctor, export::Export,
    import::Import, man::Manual, plugin, plugin::NAME, probe::Probe, report::Report, run::RunFlags,
    status::Status, validate::Validate,
};

/// Keeps the MFA and passkey settings of Amazon Cognito user pools equal to UserPoolMfaConfig objects.
#[derive(Debug, Parser)]
#[command(
    name = NAME,
    version,
    about,
    after_help = "AWS credentials, profiles, endpoints and proxies are found as in any AWS SDK program: AWS_PROFILE, AWS_ROLE_ARN with a web identity token, AWS_ENDPOINT_URL, HTTPS_PROXY, AWS_CA_BUNDLE and so on. The region of a call is the prefix of the pool's id.\n\nNamed kubectl-upmfa and on the PATH, this binary is a plugin of kubectl: kubectl upmfa diff customers.yaml"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// `run`, which is the operator itself, and the commands for a person or a pipeline.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch the objects and keep Cognito equal to them, until SIGTERM or SIGINT.
    Run(Box<RunFlags>),
    /// Every other command.
    #[command(flatten)]
    Tool(ToolCommand),
}

/// The commands that end by themselves.
#[derive(Debug, Subcommand)]
pub enum ToolCommand {
    /// Print the CustomResourceDefinition as YAML.
    #[command(after_help = "Example: cognito-mfa-operator crd | kubectl apply --server-side -f -")]
    Crd,
    /// Check manifests as the API server would, without a cluster.
    Validate(Validate),
    /// Show what the operator would change in Cognito, field by field.
    Diff(Box<Diff>),
    /// Say what AWS will refuse and what users will notice, before anything is written.
    Doctor(Box<Doctor>),
    /// Set the pools of manifests once, without a cluster.
    Apply(Box<Apply>),
    /// Write live pools as manifests.
    Export(Box<Export>),
    /// Turn the AWS CLI's JSON into a manifest, or a manifest into it.
    Import(Import),
    /// Show every object of a cluster, what needs a person first.
    Status(Status),
    /// Report what is proven of a fleet, as a page, a table or JSON.
    Report(Box<Report>),
    /// Ask a running operator whether it works.
    Probe(Probe),
    /// Print a completion script for a shell.
    Completion(Completion),
    /// Print the manual, or write a page of it for each command.
    Man(Manual),
}

impl Cli {
    /// Reads the command line. A mistake in it is printed, and the process exits with 2.
    ///
    /// Returns None when kubectl asked for completions, which are printed here.
    #[must_use]
    pub fn read() -> Option<Self> {
        let arguments: Vec<OsString> = env::args_os().collect();
        let mut command = command_called_as(arguments.first());
        command.build();
        if complete::answers_kubectl(&arguments, &command) {
            return None;
        }
        let matches = command.get_matches_from(arguments);
        Some(Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
    }
}

/// The command line under the name it was called by: its usage and its examples show what the person typed.
fn command_called_as(program: Option<&OsString>) -> clap::Command {
    let command = Cli::command();
    if plugin::is_plugin(program) { plugin::as_plugin(command) } else { command }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_finds_no_mistake_in_the_command_line() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_of_the_plugin_names_kubectl_upmfa() {
        let program = OsString::from("/usr/local/bin/kubectl-upmfa");
        let mut command = command_called_as(Some(&program));
        let help = command.find_subcommand_mut("diff").unwrap().render_long_help().to_string();
        assert!(help.contains("kubectl upmfa diff --cluster") && !help.contains(NAME), "{help}");
        assert!(command.render_usage().to_string().contains("kubectl upmfa"));
    }
}
