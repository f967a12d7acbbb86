//! The commands beside `run`: the operator's own knowledge for a person or a pipeline.
//!
//! Each command is a file; what it decides comes from `core`, and what it asks AWS goes through the one gateway and the
//! one [`pass`](crate::pass). Answers go to standard output, everything else to standard error.

pub mod args;
mod aws;
mod called;
pub mod check;
mod complete;
mod diff;
mod draft;
pub mod end;
mod export;
pub mod import;
pub mod input;
pub mod manifest;
pub mod output;
pub mod past;
pub mod progress;
pub mod reach;
pub mod report;
pub mod rivals;
pub mod shell;
pub mod status;
pub mod told;
pub mod validate;

pub use args::{Cli, Command, Tool};
use clap::CommandFactory;
pub use end::End;

use crate::api;

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
        Tool::Completion(arguments) => shell::completion(&arguments, Cli::command()),
        Tool::Man(arguments) => shell::manual(&arguments, Cli::command()),
    };
    ended.unwrap_or_else(|error| {
        output::say(&format!("error: {error}"));
        End::Failed
    })
}

fn crd() -> Result<End, String> {
    let yaml = api::crd_yaml().map_err(|error| error.to_string())?;
    output::print(&yaml).map(|()| End::Same)
}
