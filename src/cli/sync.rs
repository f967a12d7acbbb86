//! One reconciliation of each declared object, without a cluster: what `diff` and `apply` share.

use std::convert::Infallible;

use clap::Args;
use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::{Resolved, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    pool_id::is_pool_id,
    reference::status_with_resolution,
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

/// Why an object with a reference is not looked at.
const NO_POOL: &str = "its reference has led to no pool that is known here: give its id as --pool NAME=ID, or read its status by --cluster or --previous";
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
    /// The id of the pool of an object with a reference, by the object's name. May be repeated.
    #[arg(long = "pool", value_name = "NAME=ID", value_parser = parse_pool)]
    pub pools: Vec<(String, String)>,
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
    check_pools(&flags.pools, objects)?;
    let previous = Previous::open(&flags.previous)?;
    let cognito = connect(&flags.aws).await?;
    let client = cognito
        .client(&Identity::Own, "", Priority::Changed, cancelled_by_ctrl_c())
        .with_patience(patience());
    let sync = async |declared| sync_one(declared, &previous, mode, &client, flags).await;
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
    flags: &SyncFlags,
) -> Synced {
    let failed = |why: &str, with_status| Synced { result: ObjectResult::failed(declared, why), with_status };
    let mut object = match previous.with_status(declared).await {
        Ok(object) => object,
        // The entry is saved again, so that one refused object does not lose its earlier status.
        Err(why) => return failed(&why, previous.entry(declared).cloned()),
    };
    if let Some(status) = given_pool(&object, &flags.pools) {
        object.status = Some(status);
    }
    let Some(resolved) = object.resolved() else {
        return failed(NO_POOL, Some(object));
    };
    let Some(outcome) = reconcile(resolved, mode, client, &flags.tolerate_settings).await else {
        return failed(INTERRUPTED, Some(object));
    };
    let (approval, user_pool_id) = (Approval::of(&object, &outcome), resolved.pool.to_owned());
    let result = ObjectResult { user_pool_id, approval, ..ObjectResult::new(declared, &outcome) };
    if let Some(status) =
        next_status(&object, &outcome, RecentChecks::first(DEFAULT_INTERVAL), Timestamp::now())
    {
        object.status = Some(status);
    }
    Synced { result, with_status: Some(object) }
}

/// The status with the pool that `--pool` names for an object with a reference; None where that changes nothing.
fn given_pool(object: &UserPoolMfaConfig, pools: &[(String, String)]) -> Option<UserPoolMfaConfigStatus> {
    let (_, id) = pools.iter().find(|(name, _)| object.metadata.name.as_ref() == Some(name))?;
    object.has_reference().then(|| status_with_resolution(object, &Ok(id.clone()), Timestamp::now()))?
}

/// A mistyped name must not have another pool set than the one that was meant.
fn check_pools(pools: &[(String, String)], objects: &[Declared]) -> Result<(), String> {
    for (name, id) in pools {
        let is_meant = |declared: &&Declared| {
            declared.object.has_reference() && declared.object.metadata.name.as_ref() == Some(name)
        };
        match objects.iter().filter(is_meant).count() {
            1 => {}
            0 => return Err(format!("--pool {name}={id}: no object of this name has a reference")),
            _ => {
                return Err(format!(
                    "--pool {name}={id}: several objects have this name: give one of their files at a time"
                ));
            }
        }
    }
    Ok(())
}

fn parse_pool(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, id)| !name.is_empty() && is_pool_id(id));
    let (name, id) = pair.ok_or(
        "write the name of the object, =, and the id of its pool, such as customers=eu-west-1_AbCdEf123",
    )?;
    Ok((name.to_owned(), id.to_owned()))
}

/// Reconciles like the operator in a cluster, except that no write is put on hold: a person asked for it.
///
/// None when Ctrl-C came before the call.
async fn reconcile(
    object: Resolved<'_>,
    mode: Mode,
    client: &CognitoClient<'_>,
    tolerated: &[String],
) -> Option<Outcome> {
    if object.object.spec.suspend {
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
