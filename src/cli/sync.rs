//! One reconciliation of each declared object, without a cluster: what `diff` and `apply` share.

use std::convert::Infallible;

use clap::Args;
use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::UserPoolMfaConfig,
    schedule::{interval::DEFAULT_INTERVAL, queue::Priority},
    status::{next_status::next_status, outcome::Outcome, passing_failure::RecentChecks},
};
use jiff::Timestamp;

use super::{
    ExitStatus,
    approval::Approval,
    aws::{AwsFlags, INTERRUPTED, cancelled_by_ctrl_c, connect, patience},
    conflicts::conflicts,
    declared::{Declared, Inputs, read_declared},
    object_result::{ObjectResult, ResultAction},
    output::{self, Format, Output, say},
    previous::{Previous, PreviousFlags},
    progress::for_each_pool,
    validation::Validator,
};
use crate::aws::{
    CognitoClient,
    read_plan_write::{Ended, read_and_plan, read_plan_write},
};

const ADOPTION_NOTE: &str = "note: without --previous or --cluster it is not known what was set before, so each object adopts its pool: what would take protection away is left alone, unless the object says adoptionPolicy: Overwrite";

/// The net for an incomplete answer of an older AWS CLI: nothing in it shows what it lacks.
const HELD_NOTE: &str = "note: AdoptionHeld: a manifest from the JSON of an older AWS CLI lacks the factors which that CLI does not know; export --user-pool-id ID writes the whole pool as a manifest";

/// The flags of `diff` and of `apply`.
#[derive(Clone, Debug, Args)]
pub struct SyncFlags {
    /// The manifests.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Settings in Cognito's answers that this version does not know and may overwrite, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "SETTINGS")]
    pub tolerate_settings: Vec<String>,
    /// Where the status of an earlier run is.
    #[command(flatten)]
    pub previous: PreviousFlags,
    /// How the results are printed.
    #[command(flatten)]
    pub output: Output,
    /// Where AWS is.
    #[command(flatten)]
    pub aws: AwsFlags,
}

/// Whether pools are set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `diff`, and `apply` with `--dry-run` or an invalid document.
    ReadOnly,
    /// `apply`.
    Write,
}

/// One object after its reconciliation.
pub struct Synced {
    /// What is printed.
    pub result: ObjectResult,
    /// The object with its new status, for the next run; None when nothing is known of it.
    pub with_status: Option<UserPoolMfaConfig>,
}

/// Reads the manifests and prints every problem. Returns the valid objects, and whether all documents are valid.
///
/// # Errors
/// A sentence, when the validator cannot be built.
pub fn read_valid(inputs: &Inputs) -> Result<(Vec<Declared>, bool), String> {
    let (objects, mut problems) = read_declared(&Validator::new()?, inputs);
    problems.extend(conflicts(&objects));
    for problem in &problems {
        say(&format!("error: {problem}"));
    }
    Ok((objects, problems.is_empty()))
}

/// Reconciles the objects, several at a time. The results are in the order of the objects.
///
/// # Errors
/// A sentence, when the earlier status or AWS's configuration cannot be read. Nothing is set then.
pub async fn sync_all(flags: &SyncFlags, objects: &[Declared], mode: Mode) -> Result<Vec<Synced>, String> {
    let previous = Previous::open(&flags.previous)?;
    let cognito = connect(&flags.aws).await?;
    let client = cognito
        .client(&Identity::Own, "", Priority::Changed, cancelled_by_ctrl_c())
        .with_patience(patience());
    let sync = async |declared| sync_one(declared, &previous, mode, &client, &flags.tolerate_settings).await;
    let synced = for_each_pool(objects, sync).await;
    if previous.is_unknown() && !objects.is_empty() {
        say(ADOPTION_NOTE);
    }
    if synced.iter().any(|synced| synced.result.is_adoption_held()) {
        say(HELD_NOTE);
    }
    Ok(synced)
}

async fn sync_one(
    declared: &Declared,
    previous: &Previous,
    mode: Mode,
    client: &CognitoClient<'_>,
    tolerated: &[String],
) -> Synced {
    let failed = |why: &str, with_status| Synced { result: ObjectResult::failed(declared, why), with_status };
    let mut object = match previous.with_status(declared).await {
        Ok(object) => object,
        // The entry is saved again, so that one refused object does not lose its earlier status.
        Err(why) => return failed(&why, previous.entry(declared).cloned()),
    };
    let Some(outcome) = reconcile(&object, mode, client, tolerated).await else {
        return failed(INTERRUPTED, Some(object));
    };
    let approval = Approval::of(&object, &outcome);
    let result = ObjectResult { approval, ..ObjectResult::new(declared, &outcome) };
    if let Some(status) =
        next_status(&object, &outcome, RecentChecks::first(DEFAULT_INTERVAL), Timestamp::now())
    {
        object.status = Some(status);
    }
    Synced { result, with_status: Some(object) }
}

/// Reconciles like the operator in a cluster, except that no write is put on hold: a person asked for it.
///
/// None when Ctrl-C came before the call.
async fn reconcile(
    object: &UserPoolMfaConfig,
    mode: Mode,
    client: &CognitoClient<'_>,
    tolerated: &[String],
) -> Option<Outcome> {
    if object.spec.suspend {
        return Some(Outcome::Suspended);
    }
    if mode == Mode::ReadOnly {
        return read_and_plan(object, client, tolerated).await;
    }
    let mut client = client.clone();
    loop {
        let may_write = async || Ok::<_, Infallible>(true);
        let Ok(ended) = read_plan_write(object, &client, tolerated, |_, _| Ok(()), may_write).await;
        match ended {
            Ended::With(outcome) => return Some(*outcome),
            Ended::Cancelled => return None,
            Ended::WriteDue => client = client.with_write_due(),
        }
    }
}

/// Prints the results. In a table failures go to standard error; a program gets them among the results.
///
/// # Errors
/// A sentence, when standard output cannot be written.
pub fn print_results(output: Output, synced: &[Synced]) -> Result<(), String> {
    let results: Vec<_> = synced.iter().map(|synced| &synced.result).collect();
    if output.output == Format::Table {
        for result in results.iter().filter(|result| result.action == ResultAction::Fail) {
            let ObjectResult { place, name, user_pool_id, message, .. } = result;
            say(&format!("error: {place}: {name} ({user_pool_id}): {message}"));
        }
    }
    output::print_value(output, &results, |results| {
        let done = results.iter().filter(|result| result.action != ResultAction::Fail);
        done.map(|result| result.lines()).collect()
    })
}

/// The worst result decides; an invalid document counts as a failure.
#[must_use]
pub fn exit_status(synced: &[Synced], all_valid: bool) -> ExitStatus {
    let statuses = synced.iter().map(|synced| synced.result.exit_status());
    statuses.chain((!all_valid).then_some(ExitStatus::Failed)).collect()
}
