//! A user pool: its MFA settings, and the other settings that Cognito's rules depend on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{error::ApiError, iam::DEFAULT_ACCOUNT_ID};

/// A user pool. Its MFA settings are JSON under AWS's own names, so that they can hold members that no SDK knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pool {
    /// The pool id, such as `us-east-1_Example01`. It begins with the Region.
    pub id: String,
    /// `PoolName` of CreateUserPool.
    pub name: String,
    /// The settings that the rules depend on and that SetUserPoolMfaConfig cannot change.
    pub facts: Facts,
    /// The MFA settings in force: `MfaConfiguration` and the sections that GetUserPoolMfaConfig returns.
    pub live: Map<String, Value>,
    /// `SmsConfiguration` of the pool. Phone verification uses it too, so it stays when SMS MFA is removed. [measured]
    pub sms_configuration: Option<Value>,
    /// The other members of the pool, as CreateUserPool and UpdateUserPool got them. No rule depends on them.
    #[serde(default)]
    pub other: Map<String, Value>,
}

impl Pool {
    /// A pool with MFA OFF and no section.
    #[must_use]
    pub fn new(id: &str, facts: Facts) -> Self {
        let live = Map::from_iter([("MfaConfiguration".to_owned(), json!("OFF"))]);
        Self { id: id.into(), name: "pool".into(), facts, live, sms_configuration: None, other: Map::new() }
    }

    /// The Region, taken from the id. [model]
    #[must_use]
    pub fn region(&self) -> &str {
        region_of(&self.id)
    }

    /// Applies a JSON merge patch (RFC 7396) to the MFA settings. No rule is checked.
    pub fn edit_live(&mut self, patch: &Value) {
        let mut live = Value::Object(std::mem::take(&mut self.live));
        merge(&mut live, patch);
        if let Value::Object(live) = live {
            self.sms_configuration = live
                .get("SmsMfaConfiguration")
                .and_then(|sms| sms.get("SmsConfiguration"))
                .cloned()
                .or(self.sms_configuration.take());
            self.live = live;
        }
    }
}

/// The Region of a pool id: the part before the last `_`.
#[must_use]
pub fn region_of(pool_id: &str) -> &str {
    pool_id.rsplit_once('_').map_or("", |(region, _)| region)
}

/// Applies a JSON merge patch (RFC 7396).
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The settings outside MFA that Cognito's rules depend on. The default is a pool that was created with a name only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Facts {
    /// The id of the account that the pool is in.
    pub account: String,
    /// `UserPoolTier`.
    pub tier: Tier,
    /// `EmailConfiguration.EmailSendingAccount`.
    pub email_sender: EmailSender,
    /// `AutoVerifiedAttributes`, such as `phone_number`.
    pub auto_verified_attributes: Vec<String>,
    /// The names in `AccountRecoverySetting.RecoveryMechanisms`, such as `verified_email`.
    pub recovery: Vec<String>,
    /// `Policies.SignInPolicy.AllowedFirstAuthFactors`, such as `PASSWORD` or `WEB_AUTHN`.
    pub first_factors: Vec<String>,
    /// Whether Cognito can use the role in `SmsConfiguration`, whichever role that is.
    pub sms_role: SmsRole,
    /// Whether the account is in the SMS sandbox of Amazon SNS. No rule depends on it.
    pub sms_sandbox: bool,
    /// `EstimatedNumberOfUsers`. No rule depends on it.
    pub estimated_users: u64,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            account: DEFAULT_ACCOUNT_ID.into(),
            tier: Tier::default(),
            email_sender: EmailSender::default(),
            auto_verified_attributes: Vec::new(),
            recovery: Vec::new(),
            first_factors: Vec::new(),
            sms_role: SmsRole::default(),
            sms_sandbox: false,
            estimated_users: 0,
        }
    }
}

impl Facts {
    /// The facts of a pool that accepts every section: the Essentials tier, a sender in SES, and account recovery by
    /// administrators alone, because recovery by email or phone excludes that factor.
    #[must_use]
    pub fn ready() -> Self {
        let recovery = vec!["admin_only".into()];
        Self { email_sender: EmailSender::Developer, recovery, ..Self::default() }
    }
}

/// `UserPoolTier`. [model]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Tier {
    /// Has neither email MFA nor multi-factor passkeys.
    Lite,
    /// The tier of a new pool. [docs]
    #[default]
    Essentials,
    /// Accepts everything that Essentials accepts.
    Plus,
}

/// `EmailConfiguration.EmailSendingAccount`. [model]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EmailSender {
    /// Cognito sends the email. Email MFA is refused. [measured]
    #[default]
    CognitoDefault,
    /// The account's own SES identity sends the email.
    Developer,
}

/// The result when Cognito tries to use the role in `SmsConfiguration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsRole {
    /// Cognito can assume the role and send SMS messages.
    #[default]
    Usable,
    /// Cognito cannot assume the role: InvalidSmsRoleTrustRelationshipException.
    NotTrusted,
    /// Cognito can assume the role, but the role may not send: InvalidSmsRoleAccessPolicyException.
    NotPermitted,
}

/// The user pools by id, across all accounts and Regions.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    pools: BTreeMap<String, Pool>,
    created: u64,
}

impl Pools {
    /// Adds a pool, or replaces the one with the same id.
    pub fn insert(&mut self, pool: Pool) -> &mut Pool {
        self.pools.entry(pool.id.clone()).insert_entry(pool).into_mut()
    }

    /// Adds a pool with MFA OFF and no section, or replaces the one with the same id.
    pub fn create(&mut self, id: &str, facts: Facts) -> &mut Pool {
        self.insert(Pool::new(id, facts))
    }

    /// The pool with this id, to change.
    ///
    /// # Errors
    /// ResourceNotFoundException when no pool has this id.
    pub fn find(&mut self, id: &str) -> Result<&mut Pool, ApiError> {
        self.pools.get_mut(id).ok_or_else(|| ApiError::no_such_pool(id))
    }

    /// The pool with this id, to read.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Pool> {
        self.pools.get(id)
    }

    /// Removes the pool with this id.
    pub fn remove(&mut self, id: &str) -> Option<Pool> {
        self.pools.remove(id)
    }

    /// All pools, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Pool> {
        self.pools.values()
    }

    /// An unused id: `<region>_` and nine letters and digits, counted up, so that every run gives the same ids.
    pub fn next_id(&mut self, region: &str) -> String {
        loop {
            self.created += 1;
            let id = format!("{region}_Pool{:05X}", self.created);
            if !self.pools.contains_key(&id) {
                return id;
            }
        }
    }
}
