//! AssumeRole and GetCallerIdentity of STS, which AWS clients call to get and to check credentials.

use serde_json::{Value, json};

use crate::{error::ApiError, iam::Iam};

#[must_use]
pub fn is_sts_operation(operation: &str) -> bool {
    matches!(operation, "AssumeRole" | "GetCallerIdentity")
}

/// AssumeRole: every role ARN can be assumed, with the external id that its trust policy requires. The credentials do
/// not expire by themselves; [`crate::KeyStatus::Expired`] expires them.
///
/// # Errors
/// ValidationError when the role or the session name is missing; AccessDenied when the external id does not match.
pub fn assume_role(iam: &mut Iam, form: &Value) -> Result<Value, ApiError> {
    let missing = |name: &str| ApiError::new("ValidationError", format!("{name} is missing or not valid"));
    let session = form["RoleSessionName"].as_str().ok_or_else(|| missing("RoleSessionName"))?;
    let role = form["RoleArn"].as_str().unwrap_or_default();
    let (account, name) = role
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"))
        .ok_or_else(|| missing("RoleArn"))?;
    if !iam.accepts_external_id(role, form["ExternalId"].as_str()) {
        let message = format!("The caller is not authorized to perform: sts:AssumeRole on resource: {role}");
        return Err(ApiError::new("AccessDeniedException", message));
    }
    let name = name.rsplit('/').next().unwrap_or(name);
    let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{session}");
    let key = iam.open_session(&arn);
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

/// GetCallerIdentity: the ARN and the account of the access key.
pub fn caller_identity(iam: &Iam, access_key_id: &str) -> Value {
    let (arn, account) = (iam.arn(access_key_id), iam.account_id(access_key_id));
    json!({"Arn": arn, "UserId": access_key_id, "Account": account})
}
