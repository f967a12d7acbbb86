//! The description of a pool in the answers of DescribeUserPool and CreateUserPool.

use serde_json::{Value, json};

use crate::pool::Pool;

/// The answer of DescribeUserPool, which CreateUserPool shares.
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
    }
    if let Some(message) =
        pool.live.get("SmsMfaConfiguration").and_then(|sms| sms.get("SmsAuthenticationMessage"))
    {
        description["SmsAuthenticationMessage"] = message.clone();
    }
    json!({"UserPool": description})
}

fn mechanisms(names: &[String]) -> Vec<Value> {
    names.iter().zip(1..).map(|(name, priority)| json!({"Name": name, "Priority": priority})).collect()
}
