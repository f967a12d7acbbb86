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

pub use args::{Cli, Command, Tool};
use clap::CommandFactory;
use cognito_mfa_core::api::v1alpha1;
pub use end::End;

/// Does what a command is for. What keeps it from that is told in one sentence on standard error.
pub async fn main(tool: Tool) -> End {
    let ended = match tool {
        Tool::Crd => crd(),
        Tool::Validate(arguments) => validate::run(&arguments),
        Tool::Diff(arguments) => diff::diff(&arguments).await,
        Tool::Apply(arguments) => diff::apply(&arguments).await,
        Tool::Export(arguments) => export::run(&arguments).await,
        Tool::Import(arguments) => import::run(&arguments),
        Tool::Status(arguments) => status::run(&arguments).await,
        Tool::Report(arguments) => report::run(&arguments).await,
        Tool::Completion(arguments) => completion::completion(&arguments, Cli::command()),
        Tool::Man(arguments) => completion::manual(&arguments, Cli::command()),
    };
    ended.unwrap_or_else(|error| {
        output::say(&format!("error: {error}"));
        End::Failed
    })
}

fn crd() -> Result<End, String> {
    let yaml = v1alpha1::crd_yaml().map_err(|error| error.to_string())?;
    output::print(&yaml).map(|()| End::Same)
}
