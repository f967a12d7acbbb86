//! The members of DescribeUserPool on which an answer to SetUserPoolMfaConfig depends.

use serde::Deserialize;
use serde_json::Value;

use crate::calls::{
    decode::UNREADABLE_PREFIX,
    failure::{Failure, FailureClass, Operation, UNREADABLE_ANSWER},
    json,
};

/// The settings of a pool that SetUserPoolMfaConfig does not change. An absent member has AWS's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PoolDescription {
    arn: String,
    user_pool_tier: String,
    email_configuration: EmailConfiguration,
    account_recovery_setting: AccountRecoverySetting,
    policies: Policies,
    /// `AutoVerifiedAttributes`, such as `phone_number`.
    pub auto_verified_attributes: Vec<String>,
    /// `SmsConfiguration`, which the pool keeps when SMS MFA is off.
    pub sms_configuration: Option<PoolSms>,
    sms_configuration_failure: String,
    lambda_config: LambdaConfig,
    /// `EstimatedNumberOfUsers`.
    pub estimated_number_of_users: u64,
}

/// How the pool sends SMS messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PoolSms {
    /// The role for Amazon SNS.
    pub sns_caller_arn: String,
    /// The external id in that role's trust policy.
    pub external_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EmailConfiguration {
    email_sending_account: String,
    source_arn: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AccountRecoverySetting {
    recovery_mechanisms: Vec<Mechanism>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mechanism {
    name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Policies {
    sign_in_policy: SignInPolicy,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SignInPolicy {
    allowed_first_auth_factors: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct LambdaConfig {
    #[serde(rename = "CustomSMSSender")]
    sms: Option<CustomSender>,
    #[serde(rename = "CustomEmailSender")]
    email: Option<CustomSender>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CustomSender {
    lambda_arn: String,
}

impl PoolDescription {
    /// Decodes the answer of DescribeUserPool.
    ///
    /// # Errors
    /// `UnreadableAnswer` (transient) for a body that is incomplete or malformed.
    pub fn decode(body: &[u8]) -> Result<Self, Failure> {
        let pool = json::parse(body).and_then(|mut response| {
            let pool = response.get_mut("UserPool").map(Value::take).filter(Value::is_object);
            let pool = without_nulls(pool.ok_or("it has no UserPool")?);
            serde_json::from_value(pool).map_err(|error| error.to_string())
        });
        pool.map_err(|cause| {
            let message = format!("{UNREADABLE_PREFIX}{cause}");
            Failure::new(FailureClass::Transient, Operation::Describe, UNREADABLE_ANSWER, &message)
        })
    }

    /// The account of the pool, from its ARN.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        account_of(&self.arn)
    }

    /// Whether the pool has the tier without email MFA and multi-factor passkeys.
    #[must_use]
    pub fn is_lite(&self) -> bool {
        self.user_pool_tier == "LITE"
    }

    /// Whether the account's own Amazon SES identity sends the pool's email.
    #[must_use]
    pub fn sends_by_ses(&self) -> bool {
        self.email_configuration.email_sending_account == "DEVELOPER"
    }

    /// The ARN of the Amazon SES identity, if the pool has one.
    #[must_use]
    pub fn ses_identity(&self) -> Option<&str> {
        Some(self.email_configuration.source_arn.as_str()).filter(|arn| !arn.is_empty())
    }

    /// The names of the ways to recover an account.
    pub fn recovery(&self) -> impl Iterator<Item = &str> {
        self.account_recovery_setting.recovery_mechanisms.iter().map(|mechanism| mechanism.name.as_str())
    }

    /// The names of the factors that a user may sign in with first.
    pub fn first_factors(&self) -> impl Iterator<Item = &str> {
        self.policies.sign_in_policy.allowed_first_auth_factors.iter().map(String::as_str)
    }

    /// Whether the pool verifies phone numbers by itself.
    #[must_use]
    pub fn verifies_phone_numbers(&self) -> bool {
        self.auto_verified_attributes.iter().any(|name| name == "phone_number")
    }

    /// Whether `SmsConfigurationFailure` has this reason. AWS fills it in where whoever made the pool had the rights
    /// to find out [docs].
    #[must_use]
    pub fn has_sms_failure(&self, reason: &str) -> bool {
        self.sms_configuration_failure.contains(reason)
    }

    /// The Lambda function that sends SMS messages in place of Cognito.
    #[must_use]
    pub fn sms_sender(&self) -> Option<&str> {
        self.lambda_config.sms.as_ref().map(|sender| sender.lambda_arn.as_str())
    }

    /// The Lambda function that sends email in place of Cognito.
    #[must_use]
    pub fn email_sender(&self) -> Option<&str> {
        self.lambda_config.email.as_ref().map(|sender| sender.lambda_arn.as_str())
    }
}

/// The account in an ARN.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// A null counts as an absent member.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let present = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(present.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_null_members_have_the_defaults_of_aws() {
        let body =
            br#"{"UserPool": {"Id": "x", "LambdaConfig": null, "EmailConfiguration": {"SourceArn": null}}}"#;
        let pool = PoolDescription::decode(body).unwrap();
        assert_eq!(pool, PoolDescription::default());
        assert!(!pool.sends_by_ses() && !pool.is_lite() && pool.ses_identity().is_none());
    }

    #[test]
    fn an_answer_without_a_pool_is_a_transient_failure() {
        for body in ["", "{}", "[]", r#"{"UserPool": []}"#, r#"{"UserPool": {"Arn": 1}}"#] {
            let failure = PoolDescription::decode(body.as_bytes()).unwrap_err();
            assert_eq!(
                (failure.class, &*failure.code),
                (FailureClass::Transient, UNREADABLE_ANSWER),
                "{body}"
            );
        }
    }
}
