//! `--aws` of `status` and `report`: the pools of the account that no object declares.

use std::collections::BTreeSet;

use clap::Args;
use cognito_mfa_core::{access::accounts::Identity, pool_id::is_pool_id, schedule::queue::Priority};
use jiff::Timestamp;

use super::{
    aws::{AwsFlags, INTERRUPTED, cancelled_by_ctrl_c, connect, patience},
    live_pools::{NO_REGION, list, read},
    posture::{ListedObject, PoolReport},
    progress::for_each_pool,
};
use crate::aws::{Cognito, ListedPool};

const NEEDS_AWS: &str =
    "--profile, --region and --endpoint-url say where AWS is, and it is asked with --aws alone";

/// Whether the account's pools are listed, too.
#[derive(Clone, Debug, Default, Args)]
pub struct AccountFlags {
    /// List the pools, too, that no object of the cluster or the files declares, and read their settings from AWS: those of the region that --region, the environment or the profile names, and of the regions of the declared pools. Needs cognito-idp:ListUserPools and cognito-idp:GetUserPoolMfaConfig.
    #[arg(long, conflicts_with = "namespace", help_heading = "AWS")]
    pub aws: bool,
    /// Where AWS is.
    #[command(flatten)]
    pub flags: AwsFlags,
}

/// What was found in the account. Nothing, when it was not asked.
#[derive(Default)]
pub struct Undeclared {
    /// The regions whose pools were asked for.
    pub regions: Option<Vec<String>>,
    /// The pools that no object declares.
    pub pools: Vec<PoolReport>,
    /// Why a region was not listed or a pool was not read.
    pub unread: Vec<String>,
}

impl AccountFlags {
    /// Looks for pools that none of these objects declares, if the flag asks for it.
    ///
    /// # Errors
    /// A sentence, when AWS cannot be asked, or was interrupted: a part of the pools would look like all of them.
    pub async fn find_undeclared(&self, objects: &[ListedObject]) -> Result<Undeclared, String> {
        if self.aws {
            let cognito = connect(&self.flags).await?;
            let declared = objects.iter().map(|object| object.user_pool_id.as_str()).collect();
            return find_undeclared(&cognito, &declared).await;
        }
        let AwsFlags { profile, region, endpoint_url, .. } = &self.flags;
        let is_said = [profile, region, endpoint_url].into_iter().any(Option::is_some);
        if is_said { Err(NEEDS_AWS.to_owned()) } else { Ok(Undeclared::default()) }
    }
}

/// Declared pools are not read again: the operator has read them.
async fn find_undeclared(cognito: &Cognito, declared: &BTreeSet<&str>) -> Result<Undeclared, String> {
    let regions = regions(cognito.region().await, declared)?;
    let interrupted = cancelled_by_ctrl_c();
    let client = cognito.client(&Identity::Own, "", Priority::Requested, interrupted.clone());
    let client = client.with_patience(patience());
    let (mut pools, mut unread) = (Vec::new(), Vec::new());
    for region in &regions {
        match list(&client, region).await {
            Ok(listed) => pools.extend(listed),
            Err(why) => unread.push(why),
        }
    }
    pools.retain(|pool| !declared.contains(pool.id.as_str()));
    pools.sort();
    let report = async |pool: &ListedPool| {
        let settings = read(&client, &pool.id).await.map(|observed| observed.settings);
        PoolReport::undeclared(&pool.id, &pool.name, settings.as_ref(), Timestamp::now())
    };
    let pools = for_each_pool(&pools, report).await;
    if interrupted.is_cancelled() {
        return Err(INTERRUPTED.to_owned());
    }
    unread.extend(pools.iter().filter_map(|pool| pool.not_proven.clone()));
    Ok(Undeclared { regions: Some(regions), pools, unread })
}

/// The configured region, and those of the declared pools.
fn regions(configured: Option<String>, declared: &BTreeSet<&str>) -> Result<Vec<String>, String> {
    let of_pool = |pool: &&str| pool.split_once('_').map(|(region, _)| region.to_owned());
    let of_pools = declared.iter().filter(|pool| is_pool_id(pool)).filter_map(of_pool);
    let regions: BTreeSet<String> = of_pools.chain(configured).collect();
    if regions.is_empty() { Err(NO_REGION.to_owned()) } else { Ok(regions.into_iter().collect()) }
}
