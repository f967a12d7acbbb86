//! Routes a Cognito operation to the function that implements it.

use serde_json::Value;

use crate::{
    error::ApiError,
    mfa_config, model,
    pool::Pools,
    switches::Switches,
    user_pool::{self, Caller},
    validate,
};

/// Executes an operation whose caller is signed and allowed.
///
/// # Errors
/// The AWS error of the constraint or rule that refuses the request; UnknownOperationException for other operations.
pub fn call(
    pools: &mut Pools,
    switches: &Switches,
    operation: &str,
    body: &Value,
    caller: &Caller,
) -> Result<Value, ApiError> {
    match operation {
        "GetUserPoolMfaConfig" => Ok(mfa_config::get(pools.find(&pool_id(body)?)?, switches)),
        "SetUserPoolMfaConfig" => {
            validate::read(body, model::SET)?;
            mfa_config::set(pools.find(&pool_id(body)?)?, body, switches)
        }
        "CreateUserPool" => user_pool::create(pools, body, caller, switches),
        "DescribeUserPool" => Ok(user_pool::describe(pools.find(&pool_id(body)?)?)),
        "UpdateUserPool" => user_pool::update(pools.find(&pool_id(body)?)?, body, switches),
        "ListUserPools" => user_pool::list(pools, body, caller.region),
        "DeleteUserPool" => user_pool::delete(pools, &pool_id(body)?),
        unknown => Err(ApiError::unknown_operation(unknown)),
    }
}

fn pool_id(body: &Value) -> Result<String, ApiError> {
    let read = validate::read(body, model::POOL_ONLY)?;
    Ok(read["UserPoolId"].as_str().unwrap_or_default().to_owned())
}
