//! The flags that say where AWS is, and the connection that they name.

use std::sync::Arc;

use clap::Args;
use cognito_mfa_core::{
    pool_id::{FORM as POOL_ID_FORM, explain, is_pool_id},
    schedule::quota,
};
use tokio_util::sync::CancellationToken;

use super::output;
use crate::aws::{AwsOptions, Cognito, Patience};

/// Why a pool was not reached, after Ctrl-C.
pub const INTERRUPTED: &str = "interrupted: nothing was sent";

/// Where AWS is, and whose credentials are used.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsFlags {
    /// The profile in AWS's configuration files. That of AWS_PROFILE when absent.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region whose pools `export --all`, `status --aws` and `report --aws` list, and where STS and SSO are asked. A pool's own region is the start of its id.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Another address than AWS's own, such as http://127.0.0.1:4566.
    #[arg(long, value_parser = endpoint, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The part of Cognito's request quotas that is used: 0.05 to 1. They are shared with every other program in the account and region.
    #[arg(long, env = "QUOTA_SHARE", default_value = "0.5", value_parser = quota::parse_share, value_name = "SHARE")]
    pub quota_share: f64,
}

/// Checks the address here, because the SDK panics on one that is no URL.
fn endpoint(url: &str) -> Result<String, String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', ':', '?', '#']).next()).unwrap_or_default();
    let is_address = !host.is_empty() && !url.contains(char::is_whitespace);
    is_address
        .then(|| url.to_owned())
        .ok_or_else(|| "write it like https://host or http://127.0.0.1:4566".into())
}

/// Checks a pool's id before anything is read.
pub fn pool_id(text: &str) -> Result<String, String> {
    if is_pool_id(text) {
        Ok(text.to_owned())
    } else {
        Err(explain(text).unwrap_or_else(|| POOL_ID_FORM.to_owned()))
    }
}

/// Sets up the connection to Cognito. No call is made yet.
///
/// # Errors
/// A sentence, when the flags or AWS's configuration files cannot be used.
pub async fn connect(flags: &AwsFlags) -> Result<Cognito, String> {
    let options = AwsOptions {
        profile: flags.profile.clone(),
        region: flags.region.clone(),
        endpoint_url: flags.endpoint_url.clone(),
        ..AwsOptions::default()
    };
    Cognito::connect(options, flags.quota_share, Arc::new(|_| {})).await.map_err(|error| error.to_string())
}

/// Reads wait while AWS throttles them, and say so once.
#[must_use]
pub fn patience() -> Patience {
    Patience::new(|| output::say("note: AWS asks for fewer calls: reading more slowly"))
}

/// A token that Ctrl-C cancels: calls in flight are finished, and no further call is sent.
#[must_use]
pub fn cancelled_by_ctrl_c() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            output::say("interrupted: what was sent is finished, and nothing more is sent");
            cancelled.cancel();
        }
    });
    token
}
