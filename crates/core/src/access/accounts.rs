//! Who may do what in AWS: under which identity a namespace is served, and which pools and SMS roles are allowed to it.
//!
//! The accounts file says so. Without one the operator's own identity serves everyone.

use std::fmt;

use wildmatch::WildMatch;

use crate::{
    api::v1alpha1::{MfaSettings, Reason, UserPoolMfaConfig},
    digest::digest,
    settings::diff::to_write,
    text,
};

/// The longest name of a session that STS takes.
const MAX_SESSION_NAME: usize = 64;

/// Under whose identity AWS is called.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The operator's own.
    Own,
    /// That of a role which the operator assumes.
    Role {
        /// The role's ARN.
        arn: String,
        /// The external id that the role's trust policy asks for.
        external_id: Option<String>,
    },
}

impl Identity {
    /// Where AWS counts its calls: the number of the role's account. Two roles in one account share its quotas.
    #[must_use]
    pub fn account(&self) -> &str {
        match self {
            Self::Own => "own",
            Self::Role { arn, .. } => arn.split(':').nth(4).unwrap_or_default(),
        }
    }
}

/// The external id stays out of it.
impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => formatter.write_str("Own"),
            Self::Role { arn, .. } => write!(formatter, "Role({arn:?})"),
        }
    }
}

/// The name of a session on behalf of a namespace, which CloudTrail shows in the role's account: STS takes 64 letters,
/// digits and `+=,.@-`. A namespace that is cut ends in its hash.
#[must_use]
pub fn session_name(namespace: &str) -> String {
    let whole = format!("cognito-mfa-operator@{namespace}");
    if whole.len() <= MAX_SESSION_NAME {
        return whole;
    }
    let kept = &whole[..whole.floor_char_boundary(MAX_SESSION_NAME - 9)];
    format!("{kept}-{:08x}", digest(namespace.as_bytes()) >> 96)
}

/// What an object asks AWS for, as far as the accounts file is concerned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessRequest {
    /// The object's namespace.
    pub namespace: String,
    /// The pool's id.
    pub pool: String,
    /// The SMS roles that a Set would send.
    pub sms_roles: Vec<String>,
}

/// What an object asks AWS for.
#[must_use]
pub fn access_request(object: &UserPoolMfaConfig) -> AccessRequest {
    AccessRequest {
        namespace: object.metadata.namespace.clone().unwrap_or_default(),
        pool: object.spec.user_pool_id.clone(),
        sms_roles: sms_roles(&to_write(&object.spec.settings)),
    }
}

/// The roles that Cognito is told to send SMS messages with.
fn sms_roles(sent: &MfaSettings) -> Vec<String> {
    let sms = sent.sms_mfa_configuration.as_ref().and_then(|sms| sms.sms_configuration.as_ref());
    let sns = sms.and_then(|sms| sms.sns_caller_arn.clone());
    let eums = sms.and_then(|sms| sms.eums_sms.as_ref()).map(|eums| eums.caller_arn.clone());
    sns.into_iter().chain(eums).filter(|arn| !arn.is_empty()).collect()
}

/// One entry of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Account {
    pub(super) namespaces: Vec<WildMatch>,
    pub(super) identity: Identity,
    pub(super) user_pools: Vec<WildMatch>,
    pub(super) sms_caller_roles: Vec<WildMatch>,
}

/// The rights of all namespaces.
#[derive(Clone, Debug, PartialEq)]
pub struct Accounts(pub(super) Option<Vec<Account>>);

/// What an object lacks the right to. No AWS call is made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The object's namespace.
    pub namespace: String,
    /// The object's pool.
    pub pool: String,
    /// What of it is not allowed.
    pub forbidden: Forbidden,
}

/// What is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// No entry names the namespace.
    Namespace,
    /// No entry that names the namespace names the pool.
    Pool,
    /// The entry for namespace and pool does not name this role.
    CallerRole(String),
}

impl Accounts {
    /// The rights where there is no accounts file: the operator's own identity serves everyone, and IAM alone bounds it.
    #[must_use]
    pub fn without_file() -> Self {
        Self(None)
    }

    /// The identity that serves an object. Of the entries the first decides that names its namespace and its pool, so
    /// that a namespace may have pools in several accounts; every SMS role that a Set would send must be allowed there.
    ///
    /// # Errors
    /// What the object lacks the right to.
    pub fn authorize(&self, wish: &AccessRequest) -> Result<&Identity, Denied> {
        let Some(accounts) = &self.0 else { return Ok(&Identity::Own) };
        let denied =
            |what| Denied { namespace: wish.namespace.clone(), pool: wish.pool.clone(), forbidden: what };
        let mut of_namespace =
            accounts.iter().filter(|account| matches(&account.namespaces, &wish.namespace)).peekable();
        if of_namespace.peek().is_none() {
            return Err(denied(Forbidden::Namespace));
        }
        let account = of_namespace
            .find(|account| matches(&account.user_pools, &wish.pool))
            .ok_or_else(|| denied(Forbidden::Pool))?;
        match wish.sms_roles.iter().find(|caller| !matches(&account.sms_caller_roles, caller)) {
            Some(caller) => Err(denied(Forbidden::CallerRole(caller.clone()))),
            None => Ok(&account.identity),
        }
    }
}

fn matches(globs: &[WildMatch], name: &str) -> bool {
    globs.iter().any(|glob| glob.matches(name))
}

impl Denied {
    /// Why, in one word.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self.forbidden {
            Forbidden::Namespace => Reason::NamespaceNotMapped,
            Forbidden::Pool => Reason::PoolNotAllowed,
            Forbidden::CallerRole(_) => Reason::CallerRoleNotAllowed,
        }
    }

    /// What is not allowed, and who can change that by what.
    #[must_use]
    pub fn message(&self) -> String {
        let shown = |text: &str| text::safe(text, text::MAX_VALUE);
        let (namespace, pool) = (shown(&self.namespace), shown(&self.pool));
        let (lacks, remedy) = match &self.forbidden {
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
            "The operator's accounts file {lacks}: no AWS call is made. The operator's administrator can change that file. What to write: {remedy}."
        )
    }
}
