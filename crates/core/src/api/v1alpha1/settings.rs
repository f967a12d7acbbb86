//! The five members of `GetUserPoolMfaConfig` and `SetUserPoolMfaConfig`, with the names of the API.
//!
//! Some bounds are the operator's own and keep an object small. The others are AWS's (service model, botocore 1.44.5).

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::null_section::not_null;

/// AWS's pattern of an ARN. AWS does not anchor it, so Cognito accepts any text around an ARN.
macro_rules! arn {
    () => {
        r"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:[\w+=/,.@-]*:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+){0,2}"
    };
}

/// Whether users of the pool sign in with a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MfaMode {
    /// Users sign in without a second factor.
    Off,
    /// Each user may register a second factor.
    Optional,
    /// Every user must have a second factor.
    On,
}

impl MfaMode {
    /// The value of `MfaConfiguration` in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Optional => "OPTIONAL",
            Self::On => "ON",
        }
    }
}

/// The MFA and passkey settings of a user pool: one write replaces all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct MfaSettings {
    /// Whether users sign in with a second factor: "OFF" (no), "OPTIONAL" (each user may) or "ON" (every user must). Required. Quote the value: without quotes YAML reads ON and OFF as booleans. With "OFF" the SMS, TOTP and email sections may stay and are ignored: they are neither sent to Cognito nor compared.
    pub mfa_configuration: MfaMode,
    /// SMS messages as a second factor. Leave the section out and SMS is not wanted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    pub sms_mfa_configuration: Option<SmsMfaConfiguration>,
    /// One-time passwords of authenticator apps (TOTP) as a second factor. Leave the section out and TOTP is not wanted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    pub software_token_mfa_configuration: Option<SoftwareTokenMfaConfiguration>,
    /// Email messages as a second factor. The section turns email MFA on: write {} for Cognito's own texts. Leave it out and email is not wanted. AWS asks for the Essentials tier or higher and an Amazon SES sender.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    pub email_mfa_configuration: Option<EmailMfaConfiguration>,
    /// Passkeys (WebAuthn). They do not depend on mfaConfiguration and are not a factor of it. Leave the section out and no passkey settings are wanted: registered passkeys may stop working.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    pub web_authn_configuration: Option<WebAuthnConfiguration>,
}

/// SMS messages as a second factor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SmsMfaConfiguration {
    /// The text of the message, 6 to 140 characters, with {####} where the code goes; it may have several lines. Cognito's own text when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 6, max = 140))]
    #[x_kube(validation = ("self.contains('{####}')", "write {####} where Cognito is to put the code"))]
    pub sms_authentication_message: Option<String>,
    /// How Cognito sends the messages: by Amazon SNS (snsCallerArn) or by AWS End User Messaging SMS (eumsSms), one of the two. Cognito asks for it before it turns SMS MFA on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    pub sms_configuration: Option<SmsConfiguration>,
}

/// How Cognito sends SMS messages: by Amazon SNS or by AWS End User Messaging SMS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = (
    "!(has(self.snsCallerArn) && self.snsCallerArn.size() > 0 && has(self.eumsSms))",
    "give snsCallerArn (Amazon SNS) or eumsSms (End User Messaging), not both"
))]
#[x_kube(validation = (
    "(has(self.snsCallerArn) && self.snsCallerArn.size() > 0) || has(self.eumsSms)",
    "give snsCallerArn (the role Amazon SNS is called with) or eumsSms"
))]
#[x_kube(validation = (
    "!has(self.snsCallerArn) || self.snsCallerArn.size() == 0 || has(self.eumsSms) || (has(self.externalId) && self.externalId.size() > 0)",
    "write externalId beside snsCallerArn, with the external id of the role's trust policy: Cognito refuses snsCallerArn without one"
))]
pub struct SmsConfiguration {
    /// The ARN of the IAM role that Cognito assumes to publish to Amazon SNS, up to 2048 characters, such as arn:aws:iam::123456789012:role/cognito-sms. Not together with eumsSms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 2048),
        regex(pattern = concat!("^(", arn!(), ")?$"))
    )]
    #[x_kube(validation = (
        concat!("self.matches(r'^(", arn!(), ")?$')"),
        "write the ARN of an IAM role, such as arn:aws:iam::123456789012:role/cognito-sms"
    ))]
    pub sns_caller_arn: Option<String>,
    /// The external id in that role's trust policy, up to 1224 characters. Required with snsCallerArn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1224))]
    pub external_id: Option<String>,
    /// The AWS region of Amazon SNS, 5 to 32 characters. Cognito's own choice when absent. Cognito accepts only what it allows the pool's region: mostly that region itself, and ap-northeast-1 (Tokyo) for a pool in ap-northeast-2 (Seoul).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 5, max = 32))]
    pub sns_region: Option<String>,
    /// AWS End User Messaging SMS in place of Amazon SNS. Not together with snsCallerArn.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_null")]
    pub eums_sms: Option<EumsSms>,
}

/// AWS End User Messaging SMS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EumsSms {
    /// The ARN of the IAM role that Cognito assumes to send, 20 to 2048 characters. Required.
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = concat!("^", arn!(), "$"))
    )]
    #[x_kube(validation = (
        concat!("self.matches(r'^", arn!(), "$')"),
        "write the ARN of an IAM role, such as arn:aws:iam::123456789012:role/cognito-sms"
    ))]
    pub caller_arn: String,
    /// The external id in that role's trust policy, up to 1224 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1224))]
    pub external_id: Option<String>,
    /// The phone number, sender id or pool that messages come from, up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub origination_identity: Option<String>,
    /// The configuration set for delivery events, up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub configuration_set_name: Option<String>,
    /// The entity id that carriers in India ask for, up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub in_entity_id: Option<String>,
    /// The template id that carriers in India ask for, up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub in_template_id: Option<String>,
    /// The AWS region, 5 to 32 characters. It must be the pool's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 5, max = 32))]
    pub region: Option<String>,
}

/// One-time passwords of authenticator apps (TOTP).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SoftwareTokenMfaConfiguration {
    /// Whether TOTP is on. Required.
    pub enabled: bool,
}

/// Email messages as a second factor; present means on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmailMfaConfiguration {
    /// The text of the message, 6 to 20000 characters, with {####} where the code goes; it may have several lines. Cognito's own text when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 6, max = 20000))]
    #[x_kube(validation = ("self.contains('{####}')", "write {####} where Cognito is to put the code"))]
    pub message: Option<String>,
    // The service model has no upper bound. No line of a mail's header may be longer than 998 characters (RFC 5322).
    /// The subject of the message, 1 to 998 characters. Cognito's own subject when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 998))]
    pub subject: Option<String>,
}

/// Passkeys (WebAuthn).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebAuthnConfiguration {
    /// The domain that passkeys belong to, 1 to 127 characters, such as auth.example.com: no scheme, no path, not a public suffix. Passkeys of another domain stop working when it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 127))]
    #[x_kube(validation = (
        "!self.contains('/')",
        "write the domain alone, such as auth.example.com: Cognito refuses a scheme (https://) and a path"
    ))]
    pub relying_party_id: Option<String>,
    /// Whether the device must verify the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_verification: Option<UserVerification>,
    /// Whether a passkey alone counts as multi-factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor_configuration: Option<FactorConfiguration>,
}

/// Whether the device must verify the user (PIN, fingerprint): "required", or "preferred" where it can. Cognito's own choice when absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    /// Devices that cannot verify the user are accepted.
    Preferred,
    /// Devices that cannot verify the user are refused.
    Required,
}

/// Whether a passkey alone counts as multi-factor: "SINGLE_FACTOR" (no) or "MULTI_FACTOR_WITH_USER_VERIFICATION" (yes), for which AWS asks for the Essentials tier or higher. Cognito's own choice when absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FactorConfiguration {
    /// A passkey counts as one factor.
    SingleFactor,
    /// A passkey with user verification counts as two factors.
    MultiFactorWithUserVerification,
}
