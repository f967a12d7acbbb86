//! Access rights in AWS: the identity that serves a namespace, and the pools and SMS roles the namespace may use.
//!
//! The accounts file grants the rights. Without a file the operator's own identity serves every namespace.

use std::fmt;

use wildmatch::WildMatch;

use crate::{
    api::v1alpha1::{MfaSettings, Reason, Resolved},
    digest::digest,
    settings::diff::to_write,
    text,
};

/// The longest session name that STS accepts.
const MAX_SESSION_NAME: usize = 64;

/// The AWS identity that calls are made with.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The identity of the operator's own pod.
    Own,
    /// A role that the operator assumes by `sts:AssumeRole`.
    Role {
        /// The role's ARN, validated when the accounts file is read.
        arn: String,
        /// The external id that the role's trust policy requires. It is treated as a secret and never shown.
        external_id: Option<String>,
    },
}

impl Identity {
    /// The number of the role's account, or "own". AWS counts calls by account, so two roles in one account share its
    /// quotas.
    #[must_use]
    pub fn account(&self) -> &str {
        match self {
            Self::Own => "own",
            Self::Role { arn, .. } => arn.split(':').nth(4).unwrap_or_default(),
        }
    }
}

/// Hides the external id, so that no log can show it.
impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => formatter.write_str("Own"),
            Self::Role { arn, .. } => write!(formatter, "Role({arn:?})"),
        }
    }
}

/// The session name for a namespace, which CloudTrail shows in the role's account. STS accepts 64 letters, digits and
/// `+=,.@-`. A truncated name ends in a hash of the namespace, so that two namespaces never share a name.
#[must_use]
pub fn session_name(namespace: &str) -> String {
    let full_name = format!("cognito-mfa-operator@{namespace}");
    if full_name.len() <= MAX_SESSION_NAME {
        return full_name;
    }
    let prefix = &full_name[..full_name.floor_char_boundary(MAX_SESSION_NAME - 9)];
    format!("{prefix}-{:08x}", digest(namespace.as_bytes()) >> 96)
}

/// What an object needs from AWS, as far as the accounts file grants it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessRequest {
    /// The object's namespace.
    pub namespace: String,
    /// The id of the user pool.
    pub pool: String,
    /// The ARNs of the SMS roles that a write would send.
    pub sms_roles: Vec<String>,
}

/// The access that an object needs: to its pool, and to the SMS roles that its spec declares.
#[must_use]
pub fn access_request(Resolved { object, pool }: Resolved) -> AccessRequest {
    AccessRequest {
        namespace: object.metadata.namespace.clone().unwrap_or_default(),
        pool: pool.to_owned(),
        sms_roles: sms_roles(&to_write(&object.spec.settings)),
    }
}

/// Cognito assumes these roles to send SMS messages.
fn sms_roles(to_write: &MfaSettings) -> Vec<String> {
    let sms = to_write.sms_mfa_configuration.as_ref().and_then(|sms| sms.sms_configuration.as_ref());
    let sns = sms.and_then(|sms| sms.sns_caller_arn.clone());
    let eums = sms.and_then(|sms| sms.eums_sms.as_ref()).map(|eums| eums.caller_arn.clone());
    sns.into_iter().chain(eums).filter(|arn| !arn.is_empty()).collect()
}

/// One entry of the accounts file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Account {
    pub(super) namespaces: Vec<WildMatch>,
    pub(super) identity: Identity,
    pub(super) user_pools: Vec<WildMatch>,
    pub(super) sms_caller_roles: Vec<WildMatch>,
}

/// The rights of all namespaces: the entries of the accounts file, or None where there is no file.
#[derive(Clone, Debug, PartialEq)]
pub struct Accounts(pub(super) Option<Vec<Account>>);

/// An access request that the accounts file does not grant. No AWS call is made for such an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The object's namespace.
    pub namespace: String,
    /// The id of the object's pool.
    pub pool: String,
    /// The part of the request that is not granted.
    pub forbidden: Forbidden,
}

/// The part of an access request that the accounts file does not grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// No entry names the namespace.
    Namespace,
    /// No entry that names the namespace names the pool.
    Pool,
    /// The first entry for the namespace and the pool does not name this SMS role.
    CallerRole(String),
}

impl Accounts {
    /// The rights without an accounts file: the operator's own identity serves every namespace, and only IAM limits it.
    #[must_use]
    pub fn without_file() -> Self {
        Self(None)
    }

    /// The identity that serves an object. The first entry that names both its namespace and its pool decides, so that a
    /// namespace may have pools in several accounts. That entry must also allow every SMS role that a write would send.
    ///
    /// # Errors
    /// The part of the request that no entry grants.
    pub fn authorize(&self, request: &AccessRequest) -> Result<&Identity, Denied> {
        let Some(accounts) = &self.0 else { return Ok(&Identity::Own) };
        let denied = |forbidden| Denied {
            namespace: request.namespace.clone(),
            pool: request.pool.clone(),
            forbidden,
        };
        let mut of_namespace =
            accounts.iter().filter(|account| matches(&account.namespaces, &request.namespace)).peekable();
        if of_namespace.peek().is_none() {
            return Err(denied(Forbidden::Namespace));
        }
        let account = of_namespace
            .find(|account| matches(&account.user_pools, &request.pool))
            .ok_or_else(|| denied(Forbidden::Pool))?;
        match request.sms_roles.iter().find(|role| !matches(&account.sms_caller_roles, role)) {
            Some(role) => Err(denied(Forbidden::CallerRole(role.clone()))),
            None => Ok(&account.identity),
        }
    }
}

fn matches(globs: &[WildMatch], name: &str) -> bool {
    globs.iter().any(|glob| glob.matches(name))
}

impl Denied {
    /// The condition reason that reports the denial.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self.forbidden {
            Forbidden::Namespace => Reason::NamespaceNotMapped,
            Forbidden::Pool => Reason::PoolNotAllowed,
            Forbidden::CallerRole(_) => Reason::CallerRoleNotAllowed,
        }
    }

    /// A message with what is not allowed, who can change that, and what to write.
    #[must_use]
    pub fn message(&self) -> String {
        let shown = |text: &str| text::safe(text, text::MAX_VALUE);
        let (namespace, pool) = (shown(&self.namespace), shown(&self.pool));
        let (denial, remedy) = match &self.forbidden {
            Forbidden::Namespace => (
                format!("has no entry for namespace {namespace}"),
                format!(
                    "an entry with namespaces: [{namespace}], userPools: [\"{pool}\"] and the roleArn to assume"
                ),
            ),
            Forbidden::Pool => (
                format!("does not allow namespace {namespace} the pool {pool}"),
                format!("\"{pool}\" in the userPools of an entry whose namespaces have {namespace}"),
            ),
            Forbidden::CallerRole(role) => (
                format!("does not allow namespace {namespace} the SMS role {}", shown(role)),
                format!(
                    "that ARN in the smsCallerRoles of the first entry for {namespace} and {pool}; or declare a role that is allowed"
                ),
            ),
        };
        format!(
            "The operator's accounts file {denial}: no AWS call is made. The operator's administrator can change that file. What to write: {remedy}."
        )
    }
}
