//! `import`: the AWS CLI's JSON as a manifest, and a manifest as the AWS CLI's JSON.

mod foreign;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cognito_mfa_core::{
    api::v1alpha1::MfaSettings,
    calls::{
        decode::{UNREADABLE_PREFIX, decode},
        failure::Operation,
    },
};
use serde_json::Value;

use super::{
    ExitStatus,
    aws::pool_id,
    input::{self, Document},
    manifest::{Manifest, aws_cli_input, capitalised, name_from_id, note, valid_yaml},
    output,
    validation::{Validator, closest, wrong_kind},
};

/// The member that SetUserPoolMfaConfig's input has and GetUserPoolMfaConfig's answer does not.
const USER_POOL_ID: &str = "UserPoolId";

/// What boto3 and the AWS SDK for JavaScript add to an answer. It is about the request and no setting.
const ABOUT_THE_REQUEST: [&str; 2] = ["ResponseMetadata", "$metadata"];

/// The start of a note; the pool's id and its end follow.
const OLD_CLI: &str = "it has neither email nor passkeys, which an older AWS CLI (before 2.22, of November 2024) does not print. export --user-pool-id ";

/// Turns the AWS CLI's JSON into a manifest and back.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  aws cognito-idp get-user-pool-mfa-config --user-pool-id eu-west-1_AbCdEf123 --output json |\n    cognito-mfa-operator import --user-pool-id eu-west-1_AbCdEf123 - > customers.yaml\n  cognito-mfa-operator import --to aws-cli customers.yaml > input.json\n  aws cognito-idp set-user-pool-mfa-config --cli-input-json file://input.json"
)]
pub struct Import {
    /// The JSON that get-user-pool-mfa-config printed or that set-user-pool-mfa-config takes; with --to aws-cli a manifest. - is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What it becomes.
    #[arg(long, value_enum, default_value_t = Target::Manifest, value_name = "FORM")]
    pub to: Target,
    /// The pool, where the JSON does not name it.
    #[arg(long, value_parser = pool_id, value_name = "ID")]
    pub user_pool_id: Option<String>,
    /// The name of the object. Made from the pool's id when absent.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The namespace that the manifest names.
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
}

/// What `import` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A UserPoolMfaConfig.
    Manifest,
    /// The input of `aws cognito-idp set-user-pool-mfa-config --cli-input-json`.
    AwsCli,
}

pub(super) fn run(flags: &Import) -> Result<ExitStatus, String> {
    let mut documents = input::read(std::slice::from_ref(&flags.file));
    let document = documents.remove(0).map_err(|problem| match flags.to {
        Target::Manifest if problem.place.line > 0 => {
            format!("{problem}. If this is the output of the AWS CLI, give that --output json")
        }
        Target::Manifest | Target::AwsCli => problem.to_string(),
    })?;
    if !documents.is_empty() {
        return Err(format!(
            "{}: there are several documents in it, and one is turned at a time",
            document.place.file
        ));
    }
    let validator = Validator::new()?;
    output::print(&match flags.to {
        Target::Manifest => to_manifest(flags, &document, &validator)?,
        Target::AwsCli => to_aws_cli(&document, &validator)?,
    })?;
    Ok(ExitStatus::Success)
}

fn to_manifest(flags: &Import, document: &Document, validator: &Validator) -> Result<String, String> {
    let file = &document.place.file;
    if !document.value["kind"].is_null() {
        return Err(wrong_kind(document).map_or_else(
            || format!("{}: this is a manifest already: --to aws-cli turns it", document.place),
            |problem| problem.to_string(),
        ));
    }
    refuse_foreign(document)?;
    let (pool_in_json, settings) =
        settings(&document.value).map_err(|error| error.sentence(document, validator))?;
    let pool = match (flags.user_pool_id.clone(), pool_in_json) {
        (Some(flag), Some(json)) if flag != json => {
            return Err(format!("{file}: it is about the pool {json}, and --user-pool-id says {flag}"));
        }
        (flag, json) => flag.or(json).ok_or_else(|| {
            format!("{file}: it does not name the pool, which get-user-pool-mfa-config does not print: give --user-pool-id")
        })?,
    };
    let name = flags.name.clone().unwrap_or_else(|| name_from_id(&pool));
    note(file, &settings).inspect(|note| output::say(note));
    if document.value[USER_POOL_ID].is_null() && has_what_every_cli_prints(&settings) {
        output::say(&format!("note: {file}: {OLD_CLI}{pool} reads the pool itself"));
    }
    valid_yaml(validator, file, &Manifest::new(&name, flags.namespace.as_deref(), &pool, &settings))
}

/// Email and passkeys came in 2024, and an older AWS CLI leaves out what its model does not have.
fn has_what_every_cli_prints(settings: &MfaSettings) -> bool {
    settings.email_mfa_configuration.is_none() && settings.web_authn_configuration.is_none()
}

/// Refuses what is mistaken for the settings before any of its members is read as one.
fn refuse_foreign(document: &Document) -> Result<(), String> {
    if let Some(what) = foreign::foreign(&document.value) {
        return Err(format!("{}: {what}", document.place));
    }
    if document.value[USER_POOL_ID] == "" {
        let place = document.problem(&[USER_POOL_ID.to_owned()], "").place;
        return Err(format!(
            "{place}: UserPoolId is empty, as in a skeleton of the AWS CLI: fill in the pool's id, and take out each member that is not wanted"
        ));
    }
    let is_input = !document.value[USER_POOL_ID].is_null();
    match foreign::empty_text(&document.value).filter(|_| is_input) {
        None => Ok(()),
        Some(member) => {
            let path: Vec<_> = member.split('.').map(str::to_owned).collect();
            let place = document.problem(&path, "").place;
            Err(format!(
                "{place}: {member} is empty, as in a skeleton of the AWS CLI: fill it in, or take the member out"
            ))
        }
    }
}

fn to_aws_cli(document: &Document, validator: &Validator) -> Result<String, String> {
    if !document.value["MfaConfiguration"].is_null() {
        return Err(format!(
            "{}: this is the AWS CLI's JSON already: without --to aws-cli it becomes a manifest",
            document.place
        ));
    }
    let object = validator
        .object(document)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nerror: "))?;
    let pool = object.spec.user_pool_id.as_ref().ok_or_else(|| {
        format!(
            "{}: it has a reference to its pool, and the AWS CLI needs the id: write userPoolId in a copy",
            document.place
        )
    })?;
    output::json(&aws_cli_input(pool, &object.spec.settings))
}

/// Why a JSON cannot become a manifest.
#[derive(Debug)]
pub enum NotImportable {
    /// It is not what AWS sends or takes. The text begins with the member, if it is about one.
    Unreadable(String),
    /// It has these members, which would be lost.
    Unknown(Vec<String>),
}

impl NotImportable {
    /// A sentence with the place of the first member that it is about.
    fn sentence(&self, document: &Document, validator: &Validator) -> String {
        let (member, why) = match self {
            Self::Unreadable(why) => {
                (why.split(' ').next(), format!("this is no JSON of get- or set-user-pool-mfa-config: {why}"))
            }
            Self::Unknown(members) => {
                let names: Vec<_> = members.iter().map(|member| with_suggestion(member, validator)).collect();
                let names = names.join(", ");
                (
                    members.first().map(String::as_str),
                    format!(
                        "it has settings that this version does not know and would lose: {names}. Upgrade this program, or take them out"
                    ),
                )
            }
        };
        let path: Vec<_> = member.unwrap_or_default().split(['.', '=']).map(str::to_owned).collect();
        format!("{}: {why}", document.problem(&path, "").place)
    }
}

/// The member, and the known name that is closest to it.
fn with_suggestion(member: &str, validator: &Validator) -> String {
    let known: Vec<_> = validator.fields().iter().map(|field| capitalised(field)).collect();
    let last = member.rsplit('.').next().unwrap_or(member);
    let suggestion = closest(last, known.iter().map(String::as_str));
    suggestion.map_or_else(|| member.to_owned(), |name| format!("{member} (did you mean {name}?)"))
}

/// Reads an answer of GetUserPoolMfaConfig or an input of SetUserPoolMfaConfig: the pool, if it names one, and the
/// settings.
///
/// # Errors
/// Why it is neither, or what of it would be lost.
pub fn settings(json: &Value) -> Result<(Option<String>, MfaSettings), NotImportable> {
    let observed = decode(Operation::Get, json.to_string().as_bytes()).map_err(|failure| {
        let why = failure.message.strip_prefix(UNREADABLE_PREFIX).unwrap_or(&failure.message);
        NotImportable::Unreadable(why.to_owned())
    })?;
    let unknown: Vec<_> = observed.unknown.into_iter().filter(|name| is_setting(name)).collect();
    if !unknown.is_empty() {
        return Err(NotImportable::Unknown(unknown));
    }
    let pool = match &json[USER_POOL_ID] {
        Value::Null => None,
        Value::String(pool) => Some(pool.clone()),
        other => return Err(NotImportable::Unreadable(format!("{USER_POOL_ID} is no text: {other}"))),
    };
    Ok((pool, observed.settings))
}

fn is_setting(member: &str) -> bool {
    member != USER_POOL_ID && !ABOUT_THE_REQUEST.contains(&member)
}
