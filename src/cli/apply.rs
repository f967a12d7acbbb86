//! `apply`: pools are set once, as their manifests declare them.

use std::path::PathBuf;

use clap::Args;

use super::{
    ExitStatus,
    atomic_file::AtomicFile,
    output::{self, say},
    sync::{self, Mode, SyncFlags, Synced},
};

/// Sets pools once.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "One reconciliation of each object, as the operator does it. Where one document is invalid, none is set. Where an operator in a cluster has an object for the same pool, it sets the pool back to that object.\n\nExit codes: 0 every pool is as declared now, or stronger, 1 one differs, was left alone or is suspended, 2 something failed or was refused. With --dry-run those of diff.\n\nExamples:\n  cognito-mfa-operator apply --dry-run customers.yaml\n  cognito-mfa-operator apply --cluster deploy/\n  cognito-mfa-operator apply --previous status.yaml --save status.yaml deploy/"
)]
pub struct Apply {
    /// Show what would be done, and set nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Write the objects with their new status to this file: the --previous of the next run.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub save: Option<PathBuf>,
    /// The flags that `diff` has, too.
    #[command(flatten)]
    pub sync: SyncFlags,
}

pub(super) async fn run(flags: &Apply) -> Result<ExitStatus, String> {
    let (objects, all_valid) = sync::read_valid(&flags.sync.inputs)?;
    let mode = if flags.dry_run || !all_valid { Mode::ReadOnly } else { Mode::Write };
    let save = flags.save.as_deref().filter(|_| mode == Mode::Write);
    let file = save.map(AtomicFile::create).transpose()?;
    let synced = sync::sync_all(&flags.sync, &objects, mode).await?;
    let saved = file.map_or(Ok(()), |file| file.replace_target(&objects_with_status(&synced)?));
    sync::print_results(flags.sync.output, &synced)?;
    if !all_valid {
        say("error: nothing was set, because of the mistakes above");
    }
    // The results are printed before a failure to save them: the pools are set in any case.
    saved?;
    Ok(sync::exit_status(&synced, all_valid))
}

/// What `--previous` of the next run reads.
fn objects_with_status(synced: &[Synced]) -> Result<String, String> {
    let objects = synced.iter().filter_map(|synced| synced.with_status.as_ref());
    let documents: Result<Vec<_>, _> = objects.map(output::yaml).collect();
    Ok(documents?.join("---\n"))
}
