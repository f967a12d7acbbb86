//! What to do about the refusals of AWS that are known. AWS's words say what is wrong, and seldom what to do about it.

use strum::{IntoStaticStr, VariantArray};

use super::failure::Failure;

/// A refusal of AWS that is known. Its name is the heading of its section in docs/troubleshooting.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
pub enum Refusal {
    /// The SMS configuration lacks its role or its external id.
    #[strum(serialize = "Incomplete SMS configuration")]
    IncompleteSms,
    /// The pool verifies phone numbers, and a write comes without SMS.
    #[strum(serialize = "Phone verification")]
    PhoneVerification,
    /// A write has OFF and a factor.
    #[strum(serialize = "Factors under OFF")]
    FactorsUnderOff,
    /// A write has ON or OPTIONAL and no factor.
    #[strum(serialize = "No factor")]
    NoFactor,
    /// A write takes SMS away from a pool with an SMS configuration.
    #[strum(serialize = "SMS cannot be removed")]
    SmsRemoval,
    /// The pool's Region does not allow the SNS region.
    #[strum(serialize = "SNS region")]
    SnsRegion,
    /// The SMS role is of another account than the pool.
    #[strum(serialize = "SMS role of another account")]
    CrossAccountRole,
    /// Cognito's own sender cannot send MFA codes.
    #[strum(serialize = "Email sender")]
    EmailSender,
    /// Accounts are recovered by email alone, or by nothing.
    #[strum(serialize = "Email and account recovery")]
    EmailRecovery,
    /// Accounts are recovered by phone.
    #[strum(serialize = "SMS and account recovery")]
    SmsRecovery,
    /// MFA is required, and a one-time password is a first factor.
    #[strum(serialize = "One-time passwords as a first factor")]
    OneTimePasswords,
    /// MFA is required, and single-factor passkeys are a first factor.
    #[strum(serialize = "Passkeys as a first factor")]
    FirstFactorPasskeys,
    /// The relying party is no host name.
    #[strum(serialize = "Characters of the relying party")]
    RelyingPartyCharacters,
    /// The pool's tier lacks a feature.
    #[strum(serialize = "FeatureUnavailableInTier")]
    Tier,
    /// Cognito cannot assume the SMS role.
    #[strum(serialize = "SMS role that Cognito cannot assume")]
    RoleNotTrusted,
    /// The SMS role may not send.
    #[strum(serialize = "SMS role that may not send")]
    RoleNotPermitted,
    /// The caller may not pass the SMS role to Cognito.
    #[strum(serialize = "Passing the SMS role")]
    PassRole,
    /// Another call changes the pool.
    #[strum(serialize = "Update in progress")]
    UpdateInProgress,
    /// The pool does not allow the operation.
    #[strum(serialize = "OperationNotEnabled")]
    OperationNotEnabled,
    /// There is no such pool.
    #[strum(serialize = "PoolNotFound")]
    PoolNotFound,
}

/// The part of an error by which a refusal is recognized. The parts are those that AWS's messages have in common over
/// the years; the pool, the region and the account in them differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The error code.
    Code(&'static str),
    /// A part of the message, in any case of its letters.
    Words(&'static str),
}

impl Sign {
    fn is_in(self, failure: &Failure) -> bool {
        match self {
            Self::Code(code) => failure.code == code,
            Self::Words(words) => failure.message.to_lowercase().contains(&words.to_lowercase()),
        }
    }
}

impl Refusal {
    /// All known refusals.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The refusal that a failed call is, where it is a known one.
    #[must_use]
    pub fn of(failure: &Failure) -> Option<Self> {
        Self::all().find(|refusal| refusal.sign().is_in(failure))
    }

    /// The heading of its section in docs/troubleshooting.md.
    #[must_use]
    pub fn heading(self) -> &'static str {
        self.into()
    }

    /// The part of an error by which it is recognized.
    #[must_use]
    pub fn sign(self) -> Sign {
        match self {
            Self::IncompleteSms => Sign::Words("external id and a valid caller arn are required"),
            Self::PhoneVerification => Sign::Words("SMS configuration is required when phone_number"),
            Self::FactorsUnderOff => Sign::Words("can't turn off MFA and configure an MFA together"),
            Self::NoFactor => Sign::Words("or Software Token MFA must be enabled"),
            Self::SmsRemoval => Sign::Words("Can't turn off SMS_MFA"),
            Self::SnsRegion => Sign::Words("Invalid snsRegion"),
            Self::CrossAccountRole => Sign::Words("Cross-account pass role is not allowed"),
            Self::EmailSender => Sign::Words("EmailSendingAccount of COGNITO_DEFAULT"),
            Self::EmailRecovery => {
                Sign::Words("AccountRecoverySetting is not set or contains only verified_email")
            }
            Self::SmsRecovery => Sign::Words("Invalid account recovery setting parameter"),
            Self::OneTimePasswords => Sign::Words("Only PASSWORD and WEB_AUTHN"),
            Self::FirstFactorPasskeys => {
                Sign::Words("Cannot set WebAuthn factor configuration to SINGLE_FACTOR")
            }
            Self::RelyingPartyCharacters => Sign::Words("RelyingPartyId contains invalid characters"),
            Self::Tier => Sign::Code("FeatureUnavailableInTierException"),
            Self::RoleNotTrusted => Sign::Code("InvalidSmsRoleTrustRelationshipException"),
            Self::RoleNotPermitted => Sign::Code("InvalidSmsRoleAccessPolicyException"),
            Self::PassRole => Sign::Words("not authorized to perform: iam:PassRole"),
            Self::UpdateInProgress => Sign::Words("Only one request to update this UserPool"),
            Self::OperationNotEnabled => Sign::Code("OperationNotEnabledException"),
            Self::PoolNotFound => Sign::Code("ResourceNotFoundException"),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::IncompleteSms => {
                "Declare both snsCallerArn, the ARN of an IAM role, and externalId in smsConfiguration."
            }
            Self::PhoneVerification => {
                "The pool verifies phone numbers by itself, so declare smsMfaConfiguration. Before mfaConfiguration: \"OFF\" take phone_number out of the pool's AutoVerifiedAttributes, or call UpdateUserPool with MfaConfiguration OFF: it resets what you do not give it."
            }
            Self::FactorsUnderOff => {
                "With \"OFF\" nothing but webAuthnConfiguration may be sent. The operator sends no more, so report this as a bug."
            }
            Self::NoFactor => {
                "Declare smsMfaConfiguration, emailMfaConfiguration, or softwareTokenMfaConfiguration with enabled: true. Passkeys are no MFA factor."
            }
            Self::SmsRemoval => {
                "Cognito keeps SMS MFA while the pool has an SMS configuration. Declare smsMfaConfiguration as the pool has it: the command export prints it."
            }
            Self::SnsRegion => {
                "Set snsRegion to a region that AWS names here. A pool in Seoul uses ap-northeast-1."
            }
            Self::CrossAccountRole => {
                "Declare an SMS role of the pool's own account in snsCallerArn or in callerArn of eumsSms."
            }
            Self::EmailSender => {
                "Give the pool a sender in Amazon SES (EmailSendingAccount: DEVELOPER), or take emailMfaConfiguration out of the spec."
            }
            Self::EmailRecovery => {
                "Give the pool's AccountRecoverySetting another mechanism than verified_email (admin_only, where SMS is a factor, too), or take emailMfaConfiguration out of the spec."
            }
            Self::SmsRecovery => {
                "Take verified_phone_number out of the pool's AccountRecoverySetting, or take smsMfaConfiguration out of the spec."
            }
            Self::OneTimePasswords => {
                "Set mfaConfiguration: \"OPTIONAL\", or take EMAIL_OTP and SMS_OTP out of the pool's AllowedFirstAuthFactors."
            }
            Self::FirstFactorPasskeys => {
                "Declare webAuthnConfiguration with factorConfiguration: MULTI_FACTOR_WITH_USER_VERIFICATION, or set mfaConfiguration: \"OPTIONAL\", or take WEB_AUTHN out of the pool's AllowedFirstAuthFactors."
            }
            Self::RelyingPartyCharacters => {
                "relyingPartyId is a host name such as auth.example.com, without a scheme, a port or a path."
            }
            Self::Tier => {
                "Raise the pool's UserPoolTier to ESSENTIALS or PLUS, or take the feature out of the spec: emailMfaConfiguration, or MULTI_FACTOR_WITH_USER_VERIFICATION."
            }
            Self::RoleNotTrusted => {
                "See that the role exists, and that it trusts cognito-idp.amazonaws.com with this externalId. Give a new role two minutes: IAM takes that long to propagate it."
            }
            Self::RoleNotPermitted => {
                "Allow sns:Publish in the role's policy. Give a new role two minutes: IAM takes that long to propagate it."
            }
            Self::PassRole => {
                "Allow the calling identity iam:PassRole on the SMS role, as deploy/iam/sms-policy.json does."
            }
            Self::UpdateInProgress => "Another call was changing the pool. Try again in a few seconds.",
            Self::OperationNotEnabled => {
                "Is it a replica in a secondary region? Declare the pool in its primary region."
            }
            Self::PoolNotFound => {
                "Compare userPoolId, whose first part is the region, and the account of the credentials."
            }
        }
    }
}

/// AWS's words followed by what to do, where that is known.
#[must_use]
pub fn with_advice(words: &str, failure: &Failure) -> String {
    match Refusal::of(failure) {
        Some(refusal) => {
            let words = words.trim_end();
            let end = if words.ends_with(['.', '!', '?', '…']) { "" } else { "." };
            format!("{words}{end} {}", refusal.advice())
        }
        None => words.to_owned(),
    }
}
