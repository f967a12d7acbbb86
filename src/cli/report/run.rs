//! The command: which objects, and where the report goes.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{ArgGroup, Args};
use jiff::{SignedDuration, Timestamp};
use kube::core::DynamicObject;

use super::{csv, page};
use crate::cli::{
    ExitStatus, input,
    kube_access::{Cluster, KubeAccess},
    output,
    posture::{Limits, Posture, Record, Source},
    validation,
};

/// Reports what is proven of a fleet.
#[derive(Clone, Debug, Args)]
#[command(
    group = ArgGroup::new("form").required(true).multiple(true).args(["html", "csv", "json"]),
    after_help = "The report is made of the objects' specs and statuses; AWS is not asked, and pools without an object are not in it. A status that is stale, too old or not Ready proves nothing, and the report says so. The annotation cognito.mfaoperator.dev/exception-reason on an object is shown beside its exceptions.\n\nExit codes: 0 the report is written, 2 it is not, or something could not be read: then it says so.\n\nExamples:\n  cognito-mfa-operator report --html posture.html\n  cognito-mfa-operator report -n team-a --csv - --json team-a.json\n  kubectl get upmfa -A -o yaml > objects.yaml && cognito-mfa-operator report --html posture.html objects.yaml"
)]
pub struct Report {
    /// Files with the objects, as `kubectl get upmfa -A -o yaml` prints them, or - for standard input. Without one the cluster is asked.
    #[arg(value_name = "FILE", conflicts_with_all = ["context", "kubeconfig", "namespace", "all_namespaces"])]
    pub files: Vec<PathBuf>,
    /// Write a page that needs nothing else. - is standard output.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write a line for each object. - is standard output.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write all of it for a program. - is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// How long ago Cognito may have been read, such as 3h or 7d: older proves nothing. The operator notes it at least once a day, so less than 25h tells more of the notes than of the pools.
    #[arg(long, value_parser = age, default_value = "49h", value_name = "DURATION")]
    pub max_age: Duration,
    /// The time of the report, such as 2026-01-31T12:00:00Z. Now when absent.
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: Cluster,
}

pub async fn run(arguments: &Report) -> Result<ExitStatus, String> {
    let outputs = outputs(arguments)?;
    let (records, source) = match arguments.files.as_slice() {
        [] => of_cluster(&arguments.cluster).await?,
        files => of_files(files),
    };
    let limits = Limits { at: arguments.at.unwrap_or_else(Timestamp::now), max_age: arguments.max_age };
    let posture = Posture::of(&records, &limits, source);
    for problem in &posture.source.unread {
        output::say(&format!("error: {problem}"));
    }
    let end = if posture.source.unread.is_empty() { ExitStatus::Success } else { ExitStatus::Failed };
    for (file, form) in outputs {
        write(file, &form(&posture)?)?;
    }
    Ok(end)
}

type Form = fn(&Posture) -> Result<String, String>;

fn outputs(arguments: &Report) -> Result<Vec<(&Path, Form)>, String> {
    let forms: [(&Option<PathBuf>, Form); 3] = [
        (&arguments.html, |posture| Ok(page(posture))),
        (&arguments.csv, |posture| Ok(csv(posture))),
        (&arguments.json, output::json),
    ];
    let wanted = forms.into_iter().filter_map(|(file, form)| Some((file.as_deref()?, form)));
    let wanted: Vec<(&Path, Form)> = wanted.collect();
    if wanted.iter().filter(|(file, _)| is_standard(file)).count() > 1 {
        return Err("only one of --html, --csv and --json can go to standard output (-)".into());
    }
    Ok(wanted)
}

fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    if is_standard(file) {
        return output::print(text);
    }
    fs::write(file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

async fn of_cluster(cluster: &Cluster) -> Result<(Vec<Record>, Source), String> {
    let reach = KubeAccess::open(cluster).await?;
    let found = reach.list().await?;
    let source = Source { source: reach.source(), unread: Vec::new() };
    Ok((found.into_iter().map(Record::from).collect(), source))
}

fn of_files(files: &[PathBuf]) -> (Vec<Record>, Source) {
    let names: Vec<String> = files.iter().map(|file| input::shown(file)).collect();
    let mut source = Source { source: names.join(", "), unread: Vec::new() };
    let mut records = Vec::new();
    for document in input::read_kept(files) {
        match document.map_err(|problem| problem.to_string()).and_then(record) {
            Ok(record) => records.push(record),
            Err(problem) => source.unread.push(problem),
        }
    }
    (records, source)
}

fn record(document: input::Document) -> Result<Record, String> {
    if let Some(problem) = validation::wrong_kind(&document) {
        return Err(problem.to_string());
    }
    let place = document.place.clone();
    let object = serde_json::from_value::<DynamicObject>(document.value);
    object.map(Record::from).map_err(|error| format!("{place}: {error}"))
}

/// An age as people write it.
fn age(text: &str) -> Result<Duration, String> {
    let age = text.parse::<SignedDuration>().ok().and_then(|age| Duration::try_from(age).ok());
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let days = days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
    days.or(age).filter(|age| !age.is_zero()).ok_or_else(|| "write it like 49h or 7d".into())
}
