//! `validate`: what the API server would say, without one.

use std::collections::BTreeSet;

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;

use super::{
    ExitStatus,
    args::{Inputs, Validate},
    conflicts::conflicts,
    input::{self, Place, Problem},
    output::{self, Format, Paint},
    validation::Validator,
};

/// An object that somebody declares, and where.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Where its document begins.
    pub place: Place,
    /// The object.
    pub object: UserPoolMfaConfig,
}

/// The objects in the inputs, and all that is wrong with the others.
#[must_use]
pub fn declared(judge: &Validator, inputs: &Inputs) -> (Vec<Declared>, Vec<Problem>) {
    let (mut objects, mut problems) = (Vec::new(), Vec::new());
    for document in input::read(&inputs.files) {
        let place = document.as_ref().ok().map(|document| document.place.clone());
        let judged = document.map_err(|problem| vec![problem]).and_then(|document| judge.object(&document));
        match (judged, place) {
            (Ok(object), Some(place)) => objects.push(Declared { place, object }),
            (Ok(_), None) => {}
            (Err(wrong), _) => problems.extend(wrong),
        }
    }
    (objects, problems)
}

/// Judges all documents.
///
/// # Errors
/// A sentence, when the answer cannot be written.
pub fn run(arguments: &Validate) -> Result<ExitStatus, String> {
    let (objects, mut problems) = declared(&Validator::new()?, &arguments.inputs);
    problems.extend(conflicts(&objects));
    let Format::Table = arguments.output.output else {
        output::answer(arguments.output.output, &problems, |_| String::new())?;
        return Ok(end(&problems));
    };
    let paint = arguments.output.color.paint();
    output::print(&told(&problems, paint))?;
    let wrong: BTreeSet<_> = problems.iter().map(|problem| &problem.place).collect();
    let valid = objects.iter().filter(|declared| !wrong.contains(&declared.place)).count();
    match problems.len() {
        0 => output::print(&format!("{}: {valid} valid\n", paint.green("ok")))?,
        wrong => output::say(&format!("error: mistakes: {wrong}; valid documents: {valid}")),
    }
    Ok(end(&problems))
}

fn end(problems: &[Problem]) -> ExitStatus {
    if problems.is_empty() { ExitStatus::Success } else { ExitStatus::Failed }
}

fn told(problems: &[Problem], paint: Paint) -> String {
    let line = |problem: &Problem| {
        let field = if problem.field.is_empty() { String::new() } else { format!("{}: ", problem.field) };
        format!("{}: {}{}\n", paint.bold(&problem.place.to_string()), paint.red(&field), problem.message)
    };
    problems.iter().map(line).collect()
}
