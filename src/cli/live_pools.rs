//! The pools of an account, and the reasons why some of them cannot be read.

use cognito_mfa_core::{calls::advice::with_advice, settings::observed::Observed};

use super::aws::INTERRUPTED;
use crate::aws::{CognitoClient, ListedPool, ReadOutcome};

pub const NO_REGION: &str = "it is not said which region's pools are meant: give --region, or set AWS_REGION";

/// The pools of a region.
///
/// # Errors
/// A sentence, when they cannot be listed.
pub async fn list(client: &CognitoClient<'_>, region: &str) -> Result<Vec<ListedPool>, String> {
    answer(&format!("the pools of {region} cannot be listed: "), client.list(region).await)
}

/// What Cognito has for a pool.
///
/// # Errors
/// A sentence with the pool, when it cannot be read.
pub async fn read(client: &CognitoClient<'_>, pool: &str) -> Result<Observed, String> {
    answer(&format!("{pool}: "), client.get(pool).await)
}

/// The answer of AWS to a read.
///
/// # Errors
/// What AWS says and what to do, after this beginning of the sentence.
pub fn answer<T>(beginning: &str, outcome: ReadOutcome<T>) -> Result<T, String> {
    match outcome {
        ReadOutcome::Answered(answer) => Ok(answer),
        ReadOutcome::Failed(failure) => Err(with_advice(&format!("{beginning}{failure}"), &failure)),
        ReadOutcome::Cancelled => Err(INTERRUPTED.to_owned()),
    }
}
