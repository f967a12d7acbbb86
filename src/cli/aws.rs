//! AWS as the flags name it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{args::Aws, output};
use crate::aws::{AwsOptions, Cognito};

/// How many calls are under way at most. How many a second is the quota's to say.
pub const AT_ONCE: usize = 16;

/// Opens the way to Cognito. Nobody is asked yet.
///
/// # Errors
/// A sentence.
pub async fn connect(aws: &Aws) -> Result<Cognito, String> {
    let setup = AwsOptions {
        profile: aws.profile.clone(),
        region: aws.region.clone(),
        endpoint_url: aws.endpoint_url.clone(),
        ..AwsOptions::default()
    };
    Cognito::connect(setup, aws.quota_share, Arc::new(|_| {})).await.map_err(|error| error.to_string())
}

/// Is cancelled by Ctrl-C: what was sent is finished, and nothing more is sent.
#[must_use]
pub fn interrupted() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            output::say("interrupted: what was sent is finished, and nothing more is sent");
            cancel.cancel();
        }
    });
    token
}
