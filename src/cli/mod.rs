//! The commands beside `run`: the operator's own knowledge for a person or a pipeline.
//!
//! Each command is a file; what it decides comes from `core`, and what it asks AWS goes through the one gateway and the
//! one [`pass`](crate::aws::read_plan_write). Answers go to standard output, everything else to standard error.

pub mod args;
pub mod atomic_file;
mod aws;
mod complete;
pub mod completion;
pub mod conflicts;
mod diff;
pub mod end;
mod export;
pub mod import;
pub mod input;
pub mod kube_access;
pub mod manifest;
pub mod object_result;
pub mod output;
mod plugin;
pub mod posture;
pub mod previous;
pub mod progress;
pub mod report;
pub mod run;
pub mod status;
pub mod validate;
pub mod validation;

pub use args::{Cli, Command, ToolCommand};
use clap::CommandFactory;
use cognito_mfa_core::api::v1alpha1;
pub use end::ExitStatus;

/// Does what a command is for. What keeps it from that is told in one sentence on standard error.
pub async fn main(tool: ToolCommand) -> ExitStatus {
    let ended = match tool {
        ToolCommand::Crd => crd(),
        ToolCommand::Validate(arguments) => validate::run(&arguments),
        ToolCommand::Diff(arguments) => diff::diff(&arguments).await,
        ToolCommand::Apply(arguments) => diff::apply(&arguments).await,
        ToolCommand::Export(arguments) => export::run(&arguments).await,
        ToolCommand::Import(arguments) => import::run(&arguments),
        ToolCommand::Status(arguments) => status::run(&arguments).await,
        ToolCommand::Report(arguments) => report::run(&arguments).await,
        ToolCommand::Completion(arguments) => completion::completion(&arguments, Cli::command()),
        ToolCommand::Man(arguments) => completion::manual(&arguments, Cli::command()),
    };
    ended.unwrap_or_else(|error| {
        output::say(&format!("error: {error}"));
        ExitStatus::Failed
    })
}

fn crd() -> Result<ExitStatus, String> {
    let yaml = v1alpha1::crd_yaml().map_err(|error| error.to_string())?;
    output::print(&yaml).map(|()| ExitStatus::Success)
}
