//! `diff` and `apply`: one pass of the operator over each object, without a cluster.

use std::convert::Infallible;

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::UserPoolMfaConfig,
    schedule::queue::Priority,
    status::{next_status::next_status, outcome::Outcome},
};
use futures::{StreamExt, stream};
use jiff::Timestamp;

use super::{
    ExitStatus,
    args::{self, Apply, Inputs},
    atomic_file::AtomicFile,
    aws::{AT_ONCE, connect, interrupted},
    conflicts::conflicts,
    object_result::{ObjectResult, ResultAction},
    output::{self, Format, Output, say},
    previous::Previous,
    progress::Progress,
    validate::{Declared, declared},
    validation::Validator,
};
use crate::aws::{
    CognitoClient,
    read_plan_write::{read_and_plan, read_plan_write},
};

const ADOPTION_NOTE: &str = "note: without --previous or --cluster nobody knows what was set before, so each object meets its pool for the first time: what would take protection away is held, unless the object says adoptionPolicy: Overwrite";

/// Whether pools are set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    ReadOnly,
    Write,
}

/// What became of one object, and what the next run is to know of it.
struct Synced {
    told: ObjectResult,
    memory: Option<UserPoolMfaConfig>,
}

/// Shows what would change.
///
/// # Errors
/// A sentence, when nothing could be looked at.
pub async fn diff(arguments: &args::Diff) -> Result<ExitStatus, String> {
    let (objects, sound) = read(&arguments.inputs)?;
    let passed = sync_all(arguments, &objects, Mode::ReadOnly).await?;
    print_results(arguments.output, &passed)?;
    Ok(end(&passed, sound))
}

/// Sets the pools, unless one of the documents is not sound.
///
/// # Errors
/// A sentence, when nothing was set.
pub async fn apply(arguments: &Apply) -> Result<ExitStatus, String> {
    let (objects, sound) = read(&arguments.diff.inputs)?;
    let mode = if arguments.dry_run || !sound { Mode::ReadOnly } else { Mode::Write };
    let file = arguments.save.as_deref().filter(|_| mode == Mode::Write);
    let draft = file.map(AtomicFile::of).transpose()?;
    let passed = sync_all(&arguments.diff, &objects, mode).await?;
    let saved = draft.map_or(Ok(()), |draft| draft.keep(&memory(&passed)?));
    print_results(arguments.diff.output, &passed)?;
    if !sound {
        say("error: nothing was set, because of the mistakes above");
    }
    saved?;
    Ok(end(&passed, sound))
}

/// The objects that can be looked at, and whether all documents are sound.
fn read(inputs: &Inputs) -> Result<(Vec<Declared>, bool), String> {
    let (objects, mut problems) = declared(&Validator::new()?, inputs);
    problems.extend(conflicts(&objects));
    for problem in &problems {
        say(&format!("error: {problem}"));
    }
    Ok((objects, problems.is_empty()))
}

fn end(passed: &[Synced], sound: bool) -> ExitStatus {
    let ends = passed.iter().map(|passed| passed.told.end());
    ends.chain((!sound).then_some(ExitStatus::Failed)).collect()
}

async fn sync_all(arguments: &args::Diff, objects: &[Declared], mode: Mode) -> Result<Vec<Synced>, String> {
    let past = Previous::open(&arguments.memory).await?;
    let gateway = connect(&arguments.aws).await?;
    let caller = gateway.client(&Identity::Own, "", Priority::Changed, interrupted());
    let progress = Progress::new("pools", objects.len());
    let each = objects.iter().map(async |declared| {
        let passed = sync_one(declared, &past, mode, &caller, &arguments.tolerate_settings).await;
        progress.step();
        passed
    });
    let passed = stream::iter(each).buffered(AT_ONCE).collect().await;
    progress.end();
    if past.is_unknown() && !objects.is_empty() {
        say(ADOPTION_NOTE);
    }
    Ok(passed)
}

async fn sync_one(
    declared: &Declared,
    past: &Previous,
    mode: Mode,
    caller: &CognitoClient<'_>,
    tolerated: &[String],
) -> Synced {
    let failed = |why: &str, memory| Synced { told: ObjectResult::failed(declared, why), memory };
    let mut object = match past.with_status(declared).await {
        Ok(object) => object,
        // What was known stays known.
        Err(why) => return failed(&why, past.entry(declared).cloned()),
    };
    let Some(outcome) = outcome(&object, mode, caller, tolerated).await else {
        return failed("interrupted: nothing was sent", Some(object));
    };
    if let Some(status) = next_status(&object, &outcome, Timestamp::now()) {
        object.status = Some(status);
    }
    Synced { told: ObjectResult::new(declared, &outcome), memory: Some(object) }
}

/// The same pass as in a cluster. Nothing gates a Set: who runs a command has asked for it.
async fn outcome(
    object: &UserPoolMfaConfig,
    mode: Mode,
    caller: &CognitoClient<'_>,
    tolerated: &[String],
) -> Option<Outcome> {
    if object.spec.suspend {
        return Some(Outcome::Suspended);
    }
    if mode == Mode::ReadOnly {
        return read_and_plan(object, caller, tolerated).await;
    }
    let may_set = async || Ok::<_, Infallible>(true);
    let Ok(outcome) = read_plan_write(object, caller, tolerated, |_, _| Ok(()), may_set).await;
    outcome
}

/// Failures go where errors go, unless a program reads the answer.
fn print_results(output: Output, passed: &[Synced]) -> Result<(), String> {
    let told: Vec<_> = passed.iter().map(|passed| &passed.told).collect();
    if output.output == Format::Table {
        for told in told.iter().filter(|told| told.action == ResultAction::Fail) {
            let ObjectResult { place, name, user_pool_id, message, .. } = told;
            say(&format!("error: {place}: {name} ({user_pool_id}): {message}"));
        }
    }
    let paint = output.color.paint();
    output::answer(output.output, &told, |told| {
        let done = told.iter().filter(|told| told.action != ResultAction::Fail);
        done.map(|told| told.lines(paint)).collect()
    })
}

/// The objects with their status: the memory of the next run.
fn memory(passed: &[Synced]) -> Result<String, String> {
    let known = passed.iter().filter_map(|passed| passed.memory.as_ref());
    let documents: Result<Vec<_>, _> = known.map(output::yaml).collect();
    Ok(documents?.join("---\n"))
}
