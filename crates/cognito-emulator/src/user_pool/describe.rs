//! The description of a pool in the answers of DescribeUserPool and CreateUserPool.

use serde_json::{Value, json};

use crate::pool::{Facts, Pool, SmsRole};

/// The answer of DescribeUserPool, which CreateUserPool shares.
#[must_use]
pub fn describe(pool: &Pool) -> Value {
    let facts = &pool.facts;
    let mut description = Value::Object(pool.other.clone());
    description["Id"] = json!(pool.id);
    description["Name"] = json!(pool.name);
    description["Arn"] =
        json!(format!("arn:aws:cognito-idp:{}:{}:userpool/{}", pool.region(), facts.account, pool.id));
    description["MfaConfiguration"] = json!(pool.live.get("MfaConfiguration"));
    description["UserPoolTier"] = json!(facts.tier);
    description["EmailConfiguration"]["EmailSendingAccount"] = json!(facts.email_sender);
    description["AutoVerifiedAttributes"] = json!(facts.auto_verified_attributes);
    if !facts.recovery.is_empty() {
        description["AccountRecoverySetting"] = json!({"RecoveryMechanisms": mechanisms(&facts.recovery)});
    }
    if !facts.first_factors.is_empty() {
        description["Policies"]["SignInPolicy"] = json!({"AllowedFirstAuthFactors": facts.first_factors});
    }
    if let Some(sms) = &pool.sms_configuration {
        description["SmsConfiguration"] = sms.clone();
        if let Some(failure) = sms_failure(facts) {
            description["SmsConfigurationFailure"] = json!(failure);
        }
    }
    description["EstimatedNumberOfUsers"] = json!(facts.estimated_users);
    if let Some(message) =
        pool.live.get("SmsMfaConfiguration").and_then(|sms| sms.get("SmsAuthenticationMessage"))
    {
        description["SmsAuthenticationMessage"] = message.clone();
    }
    json!({"UserPool": description})
}

/// Why the SMS configuration does not reach users, separated by commas. [docs] AWS leaves it out where the maker of the
/// pool has no right to find out.
fn sms_failure(facts: &Facts) -> Option<String> {
    let failures = [
        (facts.sms_role == SmsRole::NotPermitted).then_some("InvalidSmsRoleAccessPolicyException"),
        facts.sms_sandbox.then_some("SNSSandbox"),
    ];
    let failures: Vec<_> = failures.into_iter().flatten().collect();
    (!failures.is_empty()).then(|| failures.join(","))
}

fn mechanisms(names: &[String]) -> Vec<Value> {
    names.iter().zip(1..).map(|(name, priority)| json!({"Name": name, "Priority": priority})).collect()
}
