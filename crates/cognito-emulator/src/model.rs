//! The request members in the service model, with their constraints.
//!
//! The patterns are the model's own. They are not anchored: a match anywhere in the text is enough. [model]

/// A member of a structure in the service model.
pub struct Member {
    pub name: &'static str,
    pub required: bool,
    pub shape: Shape,
}

/// The type of a member, with its limits. Lengths are in characters.
pub enum Shape {
    String { min: usize, max: usize, pattern: Option<Pattern> },
    Enum(&'static [&'static str]),
    Boolean,
    Integer { min: i64, max: i64 },
    Structure(&'static [Member]),
}

/// A regular expression of the model: its text for error messages, and a function that matches as it does.
#[derive(Clone, Copy)]
pub struct Pattern {
    pub text: &'static str,
    pub matches: fn(&str) -> bool,
}

const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, required: false, shape }
}

const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, required: true, shape }
}

const fn text(min: usize, max: usize) -> Shape {
    Shape::String { min, max, pattern: None }
}

const fn matching(min: usize, max: usize, text: &'static str, matches: fn(&str) -> bool) -> Shape {
    Shape::String { min, max, pattern: Some(Pattern { text, matches }) }
}

const POOL_ID: Shape = matching(1, 55, r"[\w-]+_[0-9a-zA-Z]+", contains_pool_id);

/// The member that every request on one pool must have.
pub const POOL_ONLY: &[Member] = &[required("UserPoolId", POOL_ID)];

/// The members of ListUserPools.
pub const LIST: &[Member] = &[
    required("MaxResults", Shape::Integer { min: 1, max: 60 }),
    optional("NextToken", matching(1, 131_072, r"[\S]+", |text| text.chars().any(|c| !c.is_whitespace()))),
];

/// The members of SetUserPoolMfaConfig.
pub const SET: &[Member] = &[
    required("UserPoolId", POOL_ID),
    optional("MfaConfiguration", MFA_MODE),
    optional("SmsMfaConfiguration", Shape::Structure(SMS_MFA)),
    optional("SoftwareTokenMfaConfiguration", Shape::Structure(&[optional("Enabled", Shape::Boolean)])),
    optional("EmailMfaConfiguration", Shape::Structure(EMAIL_MFA)),
    optional("WebAuthnConfiguration", Shape::Structure(WEB_AUTHN)),
];

/// The members of CreateUserPool and UpdateUserPool that have constraints and matter to MFA.
pub const POOL_FIELDS: &[Member] = &[
    optional("PoolName", matching(1, 128, r"[\w\s+=,.@-]+", contains_name)),
    optional("DeletionProtection", Shape::Enum(&["ACTIVE", "INACTIVE"])),
    optional("MfaConfiguration", MFA_MODE),
    optional("SmsConfiguration", Shape::Structure(SMS)),
    optional("SmsAuthenticationMessage", SMS_MESSAGE),
    optional("UserPoolTier", Shape::Enum(&["LITE", "ESSENTIALS", "PLUS"])),
];

const MFA_MODE: Shape = Shape::Enum(&["OFF", "ON", "OPTIONAL"]);

/// The pattern is the server's, which accepts line breaks, and not the model's. [measured]
const SMS_MESSAGE: Shape = matching(6, 140, r"(?s).*\{####\}(?s).*", contains_code_placeholder);

const SMS_MFA: &[Member] =
    &[optional("SmsAuthenticationMessage", SMS_MESSAGE), optional("SmsConfiguration", Shape::Structure(SMS))];

const SMS: &[Member] = &[
    // The model's pattern makes the whole ARN optional, so every text matches it.
    optional("SnsCallerArn", text(0, 2048)),
    optional("ExternalId", text(0, 131_072)),
    optional("SnsRegion", text(5, 32)),
    optional("EumsSms", Shape::Structure(EUMS)),
];

const EUMS: &[Member] = &[
    required(
        "CallerArn",
        matching(
            20,
            2048,
            r"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+",
            contains_arn,
        ),
    ),
    optional("ExternalId", text(0, 131_072)),
    optional("OriginationIdentity", text(0, 131_072)),
    optional("ConfigurationSetName", text(0, 131_072)),
    optional("InEntityId", text(0, 131_072)),
    optional("InTemplateId", text(0, 131_072)),
    optional("Region", text(5, 32)),
];

const EMAIL_MFA: &[Member] = &[
    optional(
        "Message",
        matching(
            6,
            20_000,
            r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*",
            contains_code_placeholder,
        ),
    ),
    optional("Subject", matching(0, usize::MAX, r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s]+", contains_printable)),
];

const WEB_AUTHN: &[Member] = &[
    optional("RelyingPartyId", text(1, 127)),
    optional("UserVerification", Shape::Enum(&["required", "preferred"])),
    optional("FactorConfiguration", Shape::Enum(&["SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION"])),
];

fn contains_code_placeholder(text: &str) -> bool {
    text.contains("{####}")
}

fn contains_printable(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() || !c.is_control())
}

fn contains_name(text: &str) -> bool {
    text.chars().any(|c| c.is_alphanumeric() || c.is_whitespace() || "_+=,.@-".contains(c))
}

fn contains_pool_id(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices('_').any(|(index, _)| {
        text[..index].ends_with(word) && text[index + 1..].starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// Whether the text contains an ARN with an account id.
#[must_use]
pub fn contains_arn(text: &str) -> bool {
    text.match_indices("arn:").any(|(index, prefix)| is_arn_rest(&text[index + prefix.len()..]))
}

/// The account id in an ARN.
#[must_use]
pub fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

fn is_arn_rest(rest: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || "_+=/,.@-".contains(c);
    let mut parts = rest.splitn(5, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (partition, service, region, account, resource) = (next(), next(), next(), next(), next());
    let words = |part: &str| part.chars().all(word);
    words(partition)
        && words(service)
        && words(region)
        && !partition.is_empty()
        && !service.is_empty()
        && !account.is_empty()
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && resource.starts_with(word)
}
