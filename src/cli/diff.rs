//! `diff`: what the operator would change, without a write.

use clap::Args;

use super::{
    ExitStatus,
    sync::{self, Mode, SyncFlags},
};

/// Shows what would change.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Cognito is read and nothing is set.\n\nExit codes: 0 every pool is as declared or stronger, 1 one differs or is suspended, 2 one could not be read.\n\nExamples:\n  cognito-mfa-operator diff customers.yaml\n  cognito-mfa-operator diff --cluster deploy/\n  cognito-mfa-operator diff -o json deploy/ | jq '.[] | select(.lowers != [])'"
)]
pub struct Diff {
    /// The flags that `apply` has, too.
    #[command(flatten)]
    pub sync: SyncFlags,
}

pub(super) async fn run(flags: &Diff) -> Result<ExitStatus, String> {
    let (objects, all_valid) = sync::read_valid(&flags.sync.inputs)?;
    let synced = sync::sync_all(&flags.sync, &objects, Mode::ReadOnly).await?;
    sync::print_results(flags.sync.output, &synced)?;
    Ok(sync::exit_status(&synced, all_valid))
}
