//! The two STS operations that credentials need. They share the port with Cognito.

use serde_json::{Value, json};

use crate::{iam::Iam, error::ApiError};

/// Whether the operation is one of STS.
#[must_use]
pub fn is_sts_operation(operation: &str) -> bool {
    matches!(operation, "AssumeRole" | "GetCallerIdentity")
}

/// The error as awsQuery has it: without `Exception` in its code, and refused callers at status 403. [docs]
#[must_use]
pub fn to_query_error(error: ApiError) -> ApiError {
    let refused = ["AccessDenied", "ExpiredToken", "InvalidSignature", "MissingAuthenticationToken"];
    let code = error.code.strip_suffix("Exception").unwrap_or(&error.code).to_owned();
    let status = if refused.contains(&code.as_str()) { 403 } else { error.status };
    ApiError { code, status, ..error }
}

/// AssumeRole: every role that is an ARN of a role can be assumed, with its external id where it asks for one. The credentials do not expire; say with
/// [`crate::Verdict::Expired`] that they have.
///
/// # Errors
/// ValidationError when the role or the session name is missing, AccessDenied when the external id is another.
pub fn assume_role(callers: &mut Iam, form: &Value) -> Result<Value, ApiError> {
    let missing = |name: &str| ApiError::new("ValidationError", format!("{name} is missing or not valid"));
    let session = form["RoleSessionName"].as_str().ok_or_else(|| missing("RoleSessionName"))?;
    let role = form["RoleArn"].as_str().unwrap_or_default();
    let (account, name) = role
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"))
        .ok_or_else(|| missing("RoleArn"))?;
    if !callers.accepts_external_id(role, form["ExternalId"].as_str()) {
        let message = format!("The caller is not authorized to perform: sts:AssumeRole on resource: {role}");
        return Err(ApiError::new("AccessDeniedException", message));
    }
    let name = name.rsplit('/').next().unwrap_or(name);
    let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{session}");
    let key = callers.open_session(&arn);
    Ok(json!({
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": format!("secret-of-{key}"),
            "SessionToken": format!("token-of-{key}"),
            "Expiration": "2099-01-01T00:00:00Z",
        },
        "AssumedRoleUser": {"AssumedRoleId": format!("AROAEMULATOR:{session}"), "Arn": arn},
    }))
}

/// GetCallerIdentity.
pub fn caller_identity(callers: &Iam, access_key_id: &str) -> Value {
    let (arn, account) = (callers.arn(access_key_id), callers.account_id(access_key_id));
    json!({"Arn": arn, "UserId": access_key_id, "Account": account})
}
