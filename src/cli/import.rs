//! `import`: the AWS CLI's JSON as a manifest, and a manifest as the AWS CLI's JSON.

use cognito_mfa_core::{api::v1alpha1::MfaSettings, calls::failure::Operation};
use serde_json::Value;

use super::{
    ExitStatus,
    args::{Import, Target},
    input::{self, Document},
    manifest::{Manifest, aws_cli_input, capitalised, of_id},
    output,
    validation::{Validator, closest},
};
use crate::aws;

/// The member of the input of a Set that an answer does not have.
const POOL: &str = "UserPoolId";

/// Turns a file into the other form.
///
/// # Errors
/// A sentence with the file that cannot be turned.
pub fn run(arguments: &Import) -> Result<ExitStatus, String> {
    let mut documents = input::read(std::slice::from_ref(&arguments.file));
    let document = documents.remove(0).map_err(|problem| problem.to_string())?;
    if !documents.is_empty() {
        return Err(format!(
            "{}: there are several documents in it, and one is turned at a time",
            document.place.file
        ));
    }
    let judge = Validator::new()?;
    output::print(&match arguments.to {
        Target::Manifest => manifest(arguments, &document, &judge)?,
        Target::AwsCli => input_of(&document, &judge)?,
    })?;
    Ok(ExitStatus::Success)
}

fn manifest(arguments: &Import, document: &Document, judge: &Validator) -> Result<String, String> {
    let file = &document.place.file;
    if !document.value["kind"].is_null() {
        return Err(format!("{}: this is a manifest already: --to aws-cli turns it", document.place));
    }
    let (named, settings) = settings(&document.value).map_err(|unfit| unfit.sentence(document, judge))?;
    let pool = match (arguments.user_pool_id.clone(), named) {
        (Some(given), Some(named)) if given != named => {
            return Err(format!("{file}: it is about the pool {named}, and --user-pool-id says {given}"));
        }
        (given, named) => given.or(named).ok_or_else(|| {
            format!("{file}: it does not name the pool, which get-user-pool-mfa-config does not print: give --user-pool-id")
        })?,
    };
    let name = arguments.name.clone().unwrap_or_else(|| of_id(&pool));
    ready(judge, file, &Manifest::new(&name, arguments.namespace.as_deref(), &pool, &settings))
}

/// A manifest as YAML, when the API server would take it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn ready(judge: &Validator, of: &str, manifest: &Manifest) -> Result<String, String> {
    let text = output::yaml(manifest)?;
    let document = input::parse(of, &text).remove(0).map_err(|problem| problem.to_string())?;
    match judge.object(&document) {
        Ok(_) => Ok(text),
        Err(problems) => {
            let told = problems.iter().map(|problem| match problem.field.as_str() {
                "" => problem.message.clone(),
                field => format!("{field}: {}", problem.message),
            });
            Err(format!("{of}: no object can declare this: {}", told.collect::<Vec<_>>().join("; ")))
        }
    }
}

/// Why a JSON is neither an answer nor an input.
#[derive(Debug)]
pub enum NotImportable {
    /// It is not what AWS sends or takes.
    Unreadable(String),
    /// It has these members, which would be lost.
    Unknown(Vec<String>),
}

impl NotImportable {
    /// A sentence with the place of the first member that it is about.
    fn sentence(&self, document: &Document, judge: &Validator) -> String {
        let (member, why) = match self {
            // The sentence begins with the member, if it is about one.
            Self::Unreadable(why) => {
                (why.split(' ').next(), format!("this is no JSON of get- or set-user-pool-mfa-config: {why}"))
            }
            Self::Unknown(members) => {
                let all: Vec<_> = members.iter().map(|member| questioned(member, judge)).collect();
                let all = all.join(", ");
                (
                    members.first().map(String::as_str),
                    format!(
                        "it has settings that this version does not know and would lose: {all}. Upgrade this program, or take them out"
                    ),
                )
            }
        };
        let path: Vec<_> = member.unwrap_or_default().split(['.', '=']).map(str::to_owned).collect();
        format!("{}: {why}", document.problem(&path, "").place)
    }
}

/// The member, and the one that may be meant.
fn questioned(member: &str, judge: &Validator) -> String {
    let known: Vec<_> = judge.fields().iter().map(|field| capitalised(field)).collect();
    let last = member.rsplit('.').next().unwrap_or(member);
    let near = closest(last, known.iter().map(String::as_str));
    near.map_or_else(|| member.to_owned(), |near| format!("{member} (did you mean {near}?)"))
}

/// The pool that an answer or an input names, and the settings.
///
/// # Errors
/// Why it is neither.
pub fn settings(json: &Value) -> Result<(Option<String>, MfaSettings), NotImportable> {
    let read = aws::decode(Operation::Get, json.to_string().as_bytes());
    let read = read.map_err(|failure| {
        let why = failure.message.strip_prefix(aws::UNREADABLE_PREFIX).unwrap_or(&failure.message);
        NotImportable::Unreadable(why.to_owned())
    })?;
    let unknown: Vec<_> = read.unknown.into_iter().filter(|name| name != POOL).collect();
    if !unknown.is_empty() {
        return Err(NotImportable::Unknown(unknown));
    }
    let pool = match &json[POOL] {
        Value::Null => None,
        Value::String(pool) => Some(pool.clone()),
        other => return Err(NotImportable::Unreadable(format!("{POOL} is no text: {other}"))),
    };
    Ok((pool, read.settings))
}

fn input_of(document: &Document, judge: &Validator) -> Result<String, String> {
    if !document.value["MfaConfiguration"].is_null() {
        return Err(format!(
            "{}: this is the AWS CLI's JSON already: without --to aws-cli it becomes a manifest",
            document.place
        ));
    }
    let object = judge
        .object(document)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nerror: "))?;
    output::json(&aws_cli_input(&object.spec.user_pool_id, &object.spec.settings))
}
