//! The commands, each in a file of its own with its flags.
//!
//! The rules come from `cognito-mfa-core`. Calls to AWS go through [`Cognito`](crate::aws::Cognito), and `diff` and
//! `apply` use the same [`read_plan_write`](crate::aws::read_plan_write) as the operator. Answers go to standard output,
//! everything else to standard error.

mod apply;
mod approval;
mod atomic_file;
mod aws;
mod command;
mod complete;
mod completion;
mod conflicts;
mod crd;
mod declared;
mod diff;
mod doctor;
mod exec_plugin;
mod exit_status;
mod export;
pub mod import;
pub mod input;
mod kube_access;
mod live_pools;
mod man;
pub mod manifest;
mod object_result;
pub mod output;
mod plugin;
pub mod posture;
mod previous;
mod probe;
mod progress;
pub mod report;
pub mod run;
pub mod status;
mod sync;
mod undeclared;
mod validate;
pub mod validation;

use clap::CommandFactory;
pub use command::{Cli, Command, ToolCommand};
pub use exit_status::ExitStatus;

/// Runs a command. An error is printed to standard error as one sentence.
pub async fn main(command: ToolCommand) -> ExitStatus {
    let result = match command {
        ToolCommand::Crd => crd::run(),
        ToolCommand::Validate(flags) => validate::run(&flags),
        ToolCommand::Diff(flags) => diff::run(&flags).await,
        ToolCommand::Doctor(flags) => doctor::run(&flags).await,
        ToolCommand::Apply(flags) => apply::run(&flags).await,
        ToolCommand::Export(flags) => export::run(&flags).await,
        ToolCommand::Import(flags) => import::run(&flags),
        ToolCommand::Status(flags) => status::run(&flags).await,
        ToolCommand::Report(flags) => report::run(&flags).await,
        ToolCommand::Probe(flags) => probe::run(&flags),
        ToolCommand::Completion(flags) => completion::run(&flags, Cli::command()),
        ToolCommand::Man(flags) => man::run(&flags, Cli::command()),
    };
    result.unwrap_or_else(|error| {
        output::say(&format!("error: {error}"));
        ExitStatus::Failed
    })
}
