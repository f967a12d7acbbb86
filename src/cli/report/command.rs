//! The command `report`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{ArgGroup, Args};
use jiff::{SignedDuration, Timestamp};
use kube::core::DynamicObject;

use super::{csv::csv, page::page};
use crate::cli::{
    ExitStatus, input,
    kube_access::{Cluster, KubeAccess},
    output,
    posture::{ListedObject, PoolReport, Posture, ProofCriteria, Source},
    undeclared::AccountFlags,
    validation,
};

/// Reports what the statuses of a fleet prove.
#[derive(Clone, Debug, Args)]
#[command(
    group = ArgGroup::new("form").required(true).multiple(true).args(["html", "csv", "json"]),
    after_help = "The report is made from the specs and statuses of the objects. Without --aws no call to AWS is made, and pools without an object are not covered. With it these are listed, and each that is read counts by what it has. A status that is stale, too old or of a check that failed proves nothing, and the report says so. The annotation cognito.mfaoperator.dev/exception-reason on an object is shown beside its exceptions.\n\nExit codes: 0 the report is written, 1 it is written, and with --aws there is a pool that no object declares and whose MFA is not ON, 2 it is not written, or a document, region or pool could not be read, which the report then names.\n\nExamples:\n  cognito-mfa-operator report --html posture.html\n  cognito-mfa-operator report -n team-a --csv - --json team-a.json\n  cognito-mfa-operator report --aws --region eu-west-1 --html posture.html\n  kubectl get upmfa -A -o yaml > objects.yaml && cognito-mfa-operator report --html posture.html objects.yaml"
)]
pub struct Report {
    /// Files with the objects, as `kubectl get upmfa -A -o yaml` prints them, or - for standard input. Without a file the objects are read from the cluster.
    #[arg(value_name = "FILE", conflicts_with_all = ["context", "kubeconfig", "namespace", "all_namespaces"])]
    pub files: Vec<PathBuf>,
    /// Write one HTML page that loads nothing. - is standard output.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write CSV with one line for each object. - is standard output.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the whole report as JSON. - is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The maximum age of the last read of Cognito, such as 3h or 7d. An older read proves nothing. The operator records a read at least once a day, so a value below 25h also rejects statuses that are up to date.
    #[arg(long, value_parser = age, default_value = "49h", value_name = "DURATION")]
    pub max_age: Duration,
    /// The time of the report, such as 2026-01-31T12:00:00Z. Now when absent.
    #[arg(long, conflicts_with = "aws", value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// The cluster and the namespace.
    #[command(flatten)]
    pub cluster: Cluster,
    /// The account.
    #[command(flatten)]
    pub account: AccountFlags,
}

pub async fn run(arguments: &Report) -> Result<ExitStatus, String> {
    let outputs = outputs(arguments)?;
    let (objects, mut source) = match arguments.files.as_slice() {
        [] => from_cluster(&arguments.cluster).await?,
        files => from_files(files),
    };
    let undeclared = arguments.account.find_undeclared(&objects).await?;
    source.regions = undeclared.regions;
    source.unread.extend(undeclared.unread);
    let at = arguments.at.unwrap_or_else(Timestamp::now);
    let criteria = ProofCriteria { at, max_age: arguments.max_age };
    let posture = Posture::new(&objects, &criteria, source).with_undeclared(undeclared.pools);
    for problem in &posture.source.unread {
        output::say(&format!("error: {problem}"));
    }
    for (file, render) in outputs {
        write(file, &render(&posture)?)?;
    }
    Ok(exit_status(&posture))
}

/// The objects are not judged: a program can read the report for that. A pool that no object declares has nobody else who
/// looks at it.
fn exit_status(posture: &Posture) -> ExitStatus {
    if !posture.source.unread.is_empty() {
        ExitStatus::Failed
    } else if posture.pools.iter().any(PoolReport::is_undeclared_without_mfa) {
        ExitStatus::Different
    } else {
        ExitStatus::Success
    }
}

type Renderer = fn(&Posture) -> Result<String, String>;

fn outputs(arguments: &Report) -> Result<Vec<(&Path, Renderer)>, String> {
    let formats: [(&Option<PathBuf>, Renderer); 3] = [
        (&arguments.html, |posture| Ok(page(posture))),
        (&arguments.csv, |posture| Ok(csv(posture))),
        (&arguments.json, output::json),
    ];
    let outputs = formats.into_iter().filter_map(|(file, render)| Some((file.as_deref()?, render)));
    let outputs: Vec<(&Path, Renderer)> = outputs.collect();
    if outputs.iter().filter(|(file, _)| is_standard_output(file)).count() > 1 {
        return Err("only one of --html, --csv and --json can go to standard output (-)".into());
    }
    Ok(outputs)
}

fn is_standard_output(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    if is_standard_output(file) {
        return output::print(text);
    }
    fs::write(file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

async fn from_cluster(cluster: &Cluster) -> Result<(Vec<ListedObject>, Source), String> {
    let access = KubeAccess::open(cluster)?;
    let objects = access.list().await?;
    let source = Source { source: access.source(), ..Source::default() };
    Ok((objects.into_iter().map(ListedObject::from).collect(), source))
}

fn from_files(files: &[PathBuf]) -> (Vec<ListedObject>, Source) {
    let names: Vec<String> = files.iter().map(|file| input::display_name(file)).collect();
    let mut source = Source { source: names.join(", "), ..Source::default() };
    let mut objects = Vec::new();
    for document in input::read_printed(files) {
        match document.map_err(|problem| problem.to_string()).and_then(listed_object) {
            Ok(object) => objects.push(object),
            Err(problem) => source.unread.push(problem),
        }
    }
    (objects, source)
}

fn listed_object(document: input::Document) -> Result<ListedObject, String> {
    if let Some(problem) = validation::wrong_kind(&document) {
        return Err(problem.to_string());
    }
    let place = document.place.clone();
    let object = serde_json::from_value::<DynamicObject>(document.value);
    object.map(ListedObject::from).map_err(|error| format!("{place}: {error}"))
}

/// A duration such as 49h; jiff does not parse days.
fn age(text: &str) -> Result<Duration, String> {
    let age = text.parse::<SignedDuration>().ok().and_then(|age| Duration::try_from(age).ok());
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let days = days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
    days.or(age).filter(|age| !age.is_zero()).ok_or_else(|| "write it like 49h or 7d".into())
}
