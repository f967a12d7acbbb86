//! `doctor`: what AWS will answer to the declared settings, and what users will notice, before anything is written.

mod examined;
mod lines;
mod markdown;
mod subject;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::{MfaMode, MfaSettings, UserPoolMfaConfig},
    calls::failure::FailureClass,
    doctor::{Finding, PlannedWrite, PoolView, examine},
    plan::plan_for,
    schedule::queue::Priority,
    settings::{diff::to_write, observed::Observed},
};

use self::{examined::Examined, subject::Subject};
use super::{
    ExitStatus,
    aws::{AwsFlags, cancelled_by_ctrl_c, connect, patience, pool_id},
    live_pools::answer,
    output::{self, Color, say},
    previous::{Previous, PreviousFlags},
    progress::for_each_pool,
};
use crate::aws::{CognitoClient, ReadOutcome};

/// Why an object with a reference is not looked at.
const NO_POOL: &str = "its reference has led to no pool that is known here: give the id as --user-pool-id, or read the object's status by --cluster or --previous";

/// Says what AWS will refuse, what it will accept and not do, and what users will notice.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Pools are read and nothing is written. It needs the rights cognito-idp:GetUserPoolMfaConfig and cognito-idp:DescribeUserPool. What it does not look at is listed with the command that does.\n\nExit codes: 0 AWS will accept everything, 1 it will refuse something, or somebody will notice it, 2 a pool could not be read.\n\nExamples:\n  cognito-mfa-operator doctor customers.yaml\n  cognito-mfa-operator doctor --cluster\n  cognito-mfa-operator doctor -o markdown deploy/\n  cognito-mfa-operator doctor -o json --user-pool-id eu-west-1_AbCdEf123 | jq '.[].findings[] | select(.kind == \"refused\")'"
)]
pub struct Doctor {
    /// YAML or JSON files, folders, or - for standard input, as for diff. Without them, and with --cluster or --context, all objects of the cluster.
    #[arg(required_unless_present_any = ["user_pool_id", "cluster", "context"], value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// These pools as they are: whether AWS would accept their settings again.
    #[arg(long, conflicts_with_all = ["files", "previous", "cluster", "context"], num_args = 1.., value_delimiter = ',', value_parser = pool_id, value_name = "ID")]
    pub user_pool_id: Vec<String>,
    /// Where the status of an earlier run is.
    #[command(flatten)]
    pub previous: PreviousFlags,
    /// Of a cluster's objects those of this namespace alone. Those of all namespaces when absent.
    #[arg(short, long, conflicts_with_all = ["files", "user_pool_id"], help_heading = "Memory", value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = Form::Table, value_name = "FORMAT", help_heading = "Output")]
    pub output: Form,
    /// Whether the table is coloured: on a terminal; always; or never.
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Color,
    /// Where AWS is.
    #[command(flatten)]
    pub aws: AwsFlags,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For a person.
    Table,
    /// One JSON document.
    Json,
    /// For a comment on a pull request.
    Markdown,
}

pub(super) async fn run(flags: &Doctor) -> Result<ExitStatus, String> {
    let (subjects, all_valid) = subject::read(flags).await?;
    let previous = Previous::open(&flags.previous)?;
    let cognito = connect(&flags.aws).await?;
    let client = cognito
        .client(&Identity::Own, "", Priority::Requested, cancelled_by_ctrl_c())
        .with_patience(patience());
    let look = async |subject: &Subject| Examined::new(subject, look_at(subject, &previous, &client).await);
    let examined = for_each_pool(&subjects, look).await;
    print(flags, &examined)?;
    let statuses = examined.iter().map(Examined::exit_status);
    Ok(statuses.chain((!all_valid).then_some(ExitStatus::Failed)).collect())
}

fn print(flags: &Doctor, examined: &[Examined]) -> Result<(), String> {
    match flags.output {
        Form::Json => output::print(&output::json(&examined)?),
        Form::Markdown => output::print(&markdown::document(examined)),
        Form::Table => {
            for failed in examined {
                failed.error().inspect(|error| say(error));
            }
            let lines: String = examined.iter().map(lines::lines).collect();
            output::print(&flags.color.render(&lines))
        }
    }
}

/// Reads the pool of a subject, and what would be written to it.
async fn look_at(
    subject: &Subject,
    previous: &Previous,
    client: &CognitoClient<'_>,
) -> Result<Vec<Finding>, String> {
    let object = subject.object(previous).await?;
    let pool_id = match &object {
        Some(object) => object.pool_id().ok_or(NO_POOL)?,
        None => &subject.user_pool_id,
    };
    let observed = answer("", client.get(pool_id).await)?;
    let pool = view(client, pool_id).await?;
    if !observed.unknown.is_empty() {
        let unknown = observed.unknown.join(", ");
        return Err(format!(
            "it has settings that this version does not know, and so nothing would be written: {unknown}. Upgrade this program"
        ));
    }
    let sent = to_send(object.as_ref(), &observed);
    Ok(examine(&PlannedWrite { pool_id, sent: &sent, observed: &observed.settings, pool: &pool }))
}

/// The settings that a write would send: those of the plan, or the pool's own, where there is no object.
fn to_send(object: Option<&UserPoolMfaConfig>, observed: &Observed) -> MfaSettings {
    let live = || to_write(&observed.settings);
    let Some(object) = object else { return live() };
    let write = plan_for(object, observed).write;
    let declares_off = object.spec.settings.mfa_configuration == MfaMode::Off;
    // A declared OFF under a mode that somebody raised is left alone.
    if declares_off && write.mfa_configuration != MfaMode::Off { live() } else { write }
}

/// Without the right to describe a pool, less can be said about it; any other failure is one of the command.
async fn view(client: &CognitoClient<'_>, pool_id: &str) -> Result<PoolView, String> {
    match client.describe(pool_id).await {
        ReadOutcome::Failed(failure) if failure.class == FailureClass::AccessDenied => Ok(PoolView::Denied),
        outcome => answer("", outcome).map(|pool| PoolView::Known(Box::new(pool))),
    }
}
