//! ListUserPools.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    model,
    pool::{Pool, Pools, region_of},
    validate,
};

/// ListUserPools: a page of at most `MaxResults` pools of the Region, and a token when there are more.
///
/// # Errors
/// InvalidParameterException for a token that the emulator did not issue.
pub fn list(pools: &Pools, body: &Value, region: &str) -> Result<Value, ApiError> {
    let request = validate::read(body, model::LIST)?;
    let max_results = request["MaxResults"].as_u64().and_then(|max| usize::try_from(max).ok()).unwrap_or(1);
    let in_region: Vec<_> = pools.iter().filter(|pool| region_of(&pool.id) == region).collect();
    let begin = match request.get("NextToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => {
            let last = in_region.iter().position(|pool| token_after(pool) == token);
            last.ok_or_else(|| ApiError::invalid("Invalid pagination token given"))? + 1
        }
    };
    let page = &in_region[begin..in_region.len().min(begin + max_results)];
    let summaries: Vec<_> = page.iter().map(|pool| json!({"Id": pool.id, "Name": pool.name})).collect();
    let mut answer = json!({"UserPools": summaries});
    if let Some(last) = page.last().filter(|_| begin + max_results < in_region.len()) {
        answer["NextToken"] = json!(token_after(last));
    }
    Ok(answer)
}

/// The id reversed, so that no client mistakes a token for a pool id.
fn token_after(pool: &Pool) -> String {
    pool.id.chars().rev().collect()
}
