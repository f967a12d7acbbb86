//! `export`: live pools as manifests.

use clap::Args;
use cognito_mfa_core::{access::accounts::Identity, api::v1alpha1::MfaSettings, schedule::queue::Priority};
use serde_json::json;

use super::{
    ExitStatus,
    aws::{AwsFlags, cancelled_by_ctrl_c, connect, patience, pool_id},
    live_pools::{NO_REGION, list, read},
    manifest::{Manifest, note, object_names, valid_yaml},
    output::{self, Format, Output},
    progress::for_each_pool,
    validation::Validator,
};
use crate::aws::{Cognito, CognitoClient, ListedPool};

/// Writes pools as manifests.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Settings that this version does not know would be lost, so their pools are not exported.\n\nExit codes: 0 all pools were exported, 2 one was not.\n\nExamples:\n  cognito-mfa-operator export --user-pool-id eu-west-1_AbCdEf123 > customers.yaml\n  cognito-mfa-operator export --all --region eu-west-1 --profile prod --namespace team-a > pools.yaml"
)]
pub struct Export {
    /// The pools, by their ids.
    #[arg(long, required_unless_present = "all", num_args = 1.., value_delimiter = ',', value_parser = pool_id, value_name = "ID")]
    pub user_pool_id: Vec<String>,
    /// All pools of the account in the region.
    #[arg(long, conflicts_with = "user_pool_id")]
    pub all: bool,
    /// The namespace that the manifests name.
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// How it prints: table is the same as yaml, several documents; json is a List.
    #[command(flatten)]
    pub output: Output,
    /// Where AWS is.
    #[command(flatten)]
    pub aws: AwsFlags,
}

/// A pool that cannot be exported is an error on standard error, and the other pools are still exported.
pub(super) async fn run(flags: &Export) -> Result<ExitStatus, String> {
    let cognito = connect(&flags.aws).await?;
    let client = cognito
        .client(&Identity::Own, "", Priority::Requested, cancelled_by_ctrl_c())
        .with_patience(patience());
    let pools = pools(flags, &cognito, &client).await?;
    let names = object_names(&pools);
    let read = async |pool: &ListedPool| exportable(&client, &pool.id).await;
    let settings = for_each_pool(&pools, read).await;
    let validator = Validator::new()?;
    let namespace = flags.namespace.as_deref();
    let (mut exported, mut status) = (Vec::new(), ExitStatus::Success);
    for ((pool, name), settings) in pools.iter().zip(&names).zip(settings) {
        let manifest = settings.map(|settings| {
            note(&pool.id, &settings).inspect(|note| output::say(note));
            Manifest::new(name, namespace, &pool.id, &settings)
        });
        let valid =
            manifest.and_then(|manifest| Ok((valid_yaml(&validator, &pool.id, &manifest)?, manifest)));
        match valid {
            Ok(valid) => exported.push(valid),
            Err(why) => {
                output::say(&format!("error: {why}"));
                status = ExitStatus::Failed;
            }
        }
    }
    print(flags.output.output, &exported)?;
    Ok(status)
}

async fn pools(
    flags: &Export,
    cognito: &Cognito,
    client: &CognitoClient<'_>,
) -> Result<Vec<ListedPool>, String> {
    if !flags.all {
        let ids = flags.user_pool_id.iter();
        return Ok(ids.map(|id| ListedPool { id: id.clone(), name: id.clone() }).collect());
    }
    let region = cognito.region().await.ok_or(NO_REGION)?;
    let pools = list(client, &region).await?;
    output::say(&format!("{} in {region}", output::plural(pools.len(), "pool")));
    Ok(pools)
}

/// The settings of a pool, or why they cannot be exported.
async fn exportable(client: &CognitoClient<'_>, pool: &str) -> Result<MfaSettings, String> {
    let observed = read(client, pool).await?;
    if observed.unknown.is_empty() {
        return Ok(observed.settings);
    }
    Err(format!(
        "{pool}: it has settings that this version does not know, and a manifest without them would wipe them: {}. Upgrade this program",
        observed.unknown.join(", ")
    ))
}

fn print(format: Format, exported: &[(String, Manifest)]) -> Result<(), String> {
    if format == Format::Json {
        let items: Vec<_> = exported.iter().map(|(_, manifest)| manifest).collect();
        return output::print(&output::json(&json!({"apiVersion": "v1", "kind": "List", "items": items}))?);
    }
    let documents: Vec<_> = exported.iter().map(|(yaml, _)| yaml.as_str()).collect();
    output::print(&documents.join("---\n"))
}
