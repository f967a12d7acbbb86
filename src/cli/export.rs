//! `export`: live pools as manifests.

use cognito_mfa_core::{
    access::accounts::Identity, api::v1alpha1::MfaSettings, schedule::queue::Priority,
    settings::observed::Observed,
};
use futures::{StreamExt, stream};
use serde_json::json;

use super::{
    ExitStatus,
    args::Export,
    aws::{AT_ONCE, connect, interrupted},
    import::ready,
    manifest::{Manifest, names},
    output::{self, Format},
    progress::Progress,
    validation::Validator,
};
use crate::aws::{Cognito, CognitoClient, ListedPool, ReadOutcome};

const NO_REGION: &str = "it is not said which region's pools are meant: give --region, or set AWS_REGION";
const INTERRUPTED: &str = "interrupted: nothing was sent";

/// Writes the pools as manifests. A pool that cannot be exported does not keep the others.
///
/// # Errors
/// A sentence, when none could be.
pub async fn run(arguments: &Export) -> Result<ExitStatus, String> {
    let gateway = connect(&arguments.aws).await?;
    let caller = gateway.client(&Identity::Own, "", Priority::Asked, interrupted());
    let pools = pools(arguments, &gateway, &caller).await?;
    let names = names(&pools);
    let found = live(&caller, &pools).await;
    let judge = Validator::new()?;
    let namespace = arguments.namespace.as_deref();
    let (mut written, mut end) = (Vec::new(), ExitStatus::Success);
    for ((pool, name), found) in pools.iter().zip(&names).zip(found) {
        let manifest = found.map(|settings| Manifest::new(name, namespace, &pool.id, &settings));
        let checked = manifest.and_then(|manifest| Ok((ready(&judge, &pool.id, &manifest)?, manifest)));
        match checked {
            Ok(whole) => written.push(whole),
            Err(why) => {
                output::say(&format!("error: {why}"));
                end = ExitStatus::Failed;
            }
        }
    }
    print(arguments.output.output, &written)?;
    Ok(end)
}

async fn pools(
    arguments: &Export,
    gateway: &Cognito,
    caller: &CognitoClient<'_>,
) -> Result<Vec<ListedPool>, String> {
    if !arguments.all {
        let named = arguments.user_pool_id.iter();
        return Ok(named.map(|id| ListedPool { id: id.clone(), name: id.clone() }).collect());
    }
    let region = gateway.region().await.ok_or(NO_REGION)?;
    let pools = match caller.list(&region).await {
        ReadOutcome::Answered(pools) => pools,
        ReadOutcome::Failed(failure) => {
            return Err(format!("the pools of {region} cannot be listed: {failure}"));
        }
        ReadOutcome::Cancelled => return Err(INTERRUPTED.to_owned()),
    };
    output::say(&format!("{} in {region}", output::plural(pools.len(), "pool")));
    Ok(pools)
}

/// The settings of each pool, or why they cannot be exported.
async fn live(caller: &CognitoClient<'_>, pools: &[ListedPool]) -> Vec<Result<MfaSettings, String>> {
    let progress = Progress::new("pools", pools.len());
    let each = pools.iter().map(async |pool| {
        let read = caller.get(&pool.id).await;
        progress.step();
        whole(&pool.id, read)
    });
    let found = stream::iter(each).buffered(AT_ONCE).collect().await;
    progress.end();
    found
}

fn whole(pool: &str, read: ReadOutcome<Observed>) -> Result<MfaSettings, String> {
    let observed = match read {
        ReadOutcome::Answered(observed) => observed,
        ReadOutcome::Failed(failure) => return Err(format!("{pool}: {failure}")),
        ReadOutcome::Cancelled => return Err(INTERRUPTED.to_owned()),
    };
    if observed.unknown.is_empty() {
        return Ok(observed.settings);
    }
    Err(format!(
        "{pool}: it has settings that this version does not know, and a manifest without them would wipe them: {}. Upgrade this program",
        observed.unknown.join(", ")
    ))
}

fn print(format: Format, written: &[(String, Manifest)]) -> Result<(), String> {
    if format == Format::Json {
        let items: Vec<_> = written.iter().map(|(_, manifest)| manifest).collect();
        return output::print(&output::json(&json!({"apiVersion": "v1", "kind": "List", "items": items}))?);
    }
    let texts: Vec<_> = written.iter().map(|(text, _)| text.as_str()).collect();
    output::print(&texts.join("---\n"))
}
