//! `validate`: checks manifests as the API server would, without one.

use std::collections::BTreeSet;

use clap::Args;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{
    ExitStatus,
    conflicts::conflicts,
    declared::{Declared, Inputs, read_declared},
    input::Problem,
    output::{self, BOLD, Format, GREEN, Output, RED, styled},
    validation::Validator,
};

/// Checks manifests.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "The rules are those of the resource definition that this binary prints (crd), so a cluster with another version may judge otherwise. What compares with an earlier version of the object, such as that userPoolId does not change, is not checked.\n\nExit codes: 0 all are valid, 2 one is not, or two are for one pool.\n\nExamples:\n  cognito-mfa-operator validate deploy/\n  kustomize build overlays/prod | cognito-mfa-operator validate -"
)]
pub struct Validate {
    /// The manifests.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How the problems are printed.
    #[command(flatten)]
    pub output: Output,
}

pub(super) fn run(flags: &Validate) -> Result<ExitStatus, String> {
    let (objects, mut problems) = read_declared(&Validator::new()?, &flags.inputs);
    problems.extend(conflicts(&objects));
    output::print_value(flags.output, &problems, |problems| table(problems))?;
    if let Some(note) = note_on_metadata(&objects) {
        output::say(&note);
    }
    if flags.output.output != Format::Table {
        return Ok(exit_status(&problems));
    }
    let places: BTreeSet<_> = problems.iter().map(|problem| &problem.place).collect();
    let valid = objects.iter().filter(|declared| !places.contains(&declared.place)).count();
    match problems.len() {
        0 => {
            let line = format!("{}: {valid} valid\n", styled(GREEN, "ok"));
            output::print(&flags.output.color.render(&line))?;
        }
        mistakes => output::say(&format!("error: mistakes: {mistakes}; valid documents: {valid}")),
    }
    Ok(exit_status(&problems))
}

/// What `kubectl get -o yaml` prints and a manifest in git should not have.
fn note_on_metadata(objects: &[Declared]) -> Option<String> {
    let fields = |meta: &ObjectMeta| {
        let named = [
            (meta.managed_fields.is_some(), "managedFields"),
            (meta.resource_version.is_some(), "resourceVersion"),
            (meta.uid.is_some(), "uid"),
        ];
        named.into_iter().filter(|(is_there, _)| *is_there).map(|(_, name)| name).collect::<Vec<_>>()
    };
    let found = objects.iter().map(|declared| (&declared.place, fields(&declared.object.metadata)));
    let found: Vec<_> = found.filter(|(_, fields)| !fields.is_empty()).collect();
    let (place, fields) = found.first()?;
    let others = if found.len() > 1 { format!(" (and in {} more)", found.len() - 1) } else { String::new() };
    let fields = fields.join(", ");
    Some(format!(
        "note: {place}: {fields} in the metadata{others}: the cluster writes them. Take them out of a manifest in git: with a resourceVersion, kubectl refuses it after the next change, and Argo CD never finds it in sync"
    ))
}

fn exit_status(problems: &[Problem]) -> ExitStatus {
    if problems.is_empty() { ExitStatus::Success } else { ExitStatus::Failed }
}

fn table(problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let field = if problem.field.is_empty() { String::new() } else { format!("{}: ", problem.field) };
        let place = styled(BOLD, &problem.place.to_string());
        format!("{place}: {}{}\n", styled(RED, &field), problem.message)
    };
    problems.iter().map(line).collect()
}
