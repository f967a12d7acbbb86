//! `diff` and `apply`: one pass of the operator over each object, without a cluster.

use std::{convert::Infallible, fs, path::Path};

use futures::{StreamExt, stream};
use jiff::Timestamp;

use super::{
    End,
    args::{self, Apply, Inputs},
    aws::{AT_ONCE, connect, interrupted},
    check::Judge,
    output::{self, Format, Output},
    past::Past,
    progress::Progress,
    rivals::rivals,
    told::{Action, Told},
    validate::{Declared, declared},
};
use crate::{
    api::UserPoolMfaConfig,
    aws::Caller,
    core::{accounts::Identity, outcome::Outcome, queue::Urgency, status::next_status},
    pass::{look, pass},
};

const FIRST_MEETING: &str = "note: without --previous or --cluster nobody knows what was set before, so each object meets its pool for the first time: what would take protection away is held, unless the object says adoptionPolicy: Overwrite";

/// Whether pools are set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Look,
    Set,
}

/// What became of one object.
struct Passed {
    told: Told,
    object: UserPoolMfaConfig,
}

/// Shows what would change.
///
/// # Errors
/// A sentence, when nothing could be looked at.
pub async fn diff(arguments: &args::Diff) -> Result<End, String> {
    let (objects, sound) = read(&arguments.inputs)?;
    let passed = passes(arguments, &objects, Mode::Look).await?;
    tell(arguments.output, &passed)?;
    Ok(end(&passed, sound))
}

/// Sets the pools, unless one of the documents is not sound.
///
/// # Errors
/// A sentence, when nothing was set.
pub async fn apply(arguments: &Apply) -> Result<End, String> {
    let (objects, sound) = read(&arguments.diff.inputs)?;
    let mode = if arguments.dry_run || !sound { Mode::Look } else { Mode::Set };
    let passed = passes(&arguments.diff, &objects, mode).await?;
    tell(arguments.diff.output, &passed)?;
    if !sound {
        eprintln!("error: nothing was set, because of the mistakes above");
    }
    if let Some(file) = arguments.save.as_deref().filter(|_| mode == Mode::Set) {
        save(file, &passed)?;
    }
    Ok(end(&passed, sound))
}

/// The objects that can be looked at, and whether all documents are sound.
fn read(inputs: &Inputs) -> Result<(Vec<Declared>, bool), String> {
    let (objects, mut problems) = declared(&Judge::new()?, inputs);
    problems.extend(rivals(&objects));
    for problem in &problems {
        eprintln!("error: {problem}");
    }
    Ok((objects, problems.is_empty()))
}

fn end(passed: &[Passed], sound: bool) -> End {
    let ends = passed.iter().map(|passed| passed.told.end());
    ends.chain((!sound).then_some(End::Failed)).collect()
}

async fn passes(arguments: &args::Diff, objects: &[Declared], mode: Mode) -> Result<Vec<Passed>, String> {
    let past = Past::open(&arguments.memory).await?;
    let gateway = connect(&arguments.aws).await?;
    let caller = gateway.caller(&Identity::Own, "", Urgency::Changed, interrupted());
    let progress = Progress::new("pools", objects.len());
    let each = objects.iter().map(async |declared| {
        let passed = one(declared, &past, mode, &caller, &arguments.tolerate_settings).await;
        progress.step();
        passed
    });
    let passed = stream::iter(each).buffered(AT_ONCE).collect().await;
    progress.end();
    if past.is_unknown() && !objects.is_empty() {
        eprintln!("{FIRST_MEETING}");
    }
    Ok(passed)
}

async fn one(
    declared: &Declared,
    past: &Past,
    mode: Mode,
    caller: &Caller<'_>,
    tolerated: &[String],
) -> Passed {
    let failed = |object: &UserPoolMfaConfig, why: String| Passed {
        told: Told::failed(declared, why),
        object: object.clone(),
    };
    let mut object = match past.remember(declared).await {
        Ok(object) => object,
        Err(why) => return failed(&declared.object, why),
    };
    let Some(outcome) = outcome(&object, mode, caller, tolerated).await else {
        return failed(&object, "interrupted: nothing was sent".into());
    };
    if let Some(status) = next_status(&object, &outcome, Timestamp::now()) {
        object.status = Some(status);
    }
    Passed { told: Told::new(declared, &outcome), object }
}

/// The same pass as in a cluster. Nothing gates a Set: who runs a command has asked for it.
async fn outcome(
    object: &UserPoolMfaConfig,
    mode: Mode,
    caller: &Caller<'_>,
    tolerated: &[String],
) -> Option<Outcome> {
    if object.spec.suspend {
        return Some(Outcome::Suspended);
    }
    if mode == Mode::Look {
        return look(object, caller, tolerated).await;
    }
    let may_set = async || Ok::<_, Infallible>(true);
    let Ok(outcome) = pass(object, caller, tolerated, |_, _| Ok(()), may_set).await;
    outcome
}

/// Failures go where errors go, unless a program reads the answer.
fn tell(output: Output, passed: &[Passed]) -> Result<(), String> {
    let told: Vec<_> = passed.iter().map(|passed| &passed.told).collect();
    if output.output == Format::Table {
        for told in told.iter().filter(|told| told.action == Action::Fail) {
            eprintln!("error: {}: {} ({}): {}", told.place, told.name, told.user_pool_id, told.message);
        }
    }
    let paint = output.color.paint();
    output::answer(output.output, &told, |told| {
        let done = told.iter().filter(|told| told.action != Action::Fail);
        done.map(|told| told.lines(paint)).collect()
    })
}

/// Keeps the objects with their status: the memory of the next run.
fn save(file: &Path, passed: &[Passed]) -> Result<(), String> {
    let documents: Result<Vec<_>, _> = passed.iter().map(|passed| output::yaml(&passed.object)).collect();
    let text = documents?.join("---\n");
    fs::write(file, text).map_err(|error| {
        format!("{}: the pools are set, but their status cannot be saved: {error}", file.display())
    })
}
