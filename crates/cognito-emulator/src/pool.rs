//! A user pool: its MFA settings, and the facts outside them that Cognito's rules ask about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::ApiError;

/// A user pool. `live` is a JSON object in AWS's own member names, so that it can hold what no SDK knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pool {
    /// The pool id; the part before `_` is the region.
    pub id: String,
    /// The pool's name.
    pub name: String,
    /// What the rules ask about and the two MFA operations cannot change.
    pub facts: Facts,
    /// The sections that Get answers with, `MfaConfiguration` included.
    pub live: Map<String, Value>,
    /// The pool's own SmsConfiguration: shared with phone verification, it outlives SMS MFA. [measured]
    pub sms_configuration: Option<Value>,
}

impl Pool {
    /// A pool with MFA OFF and nothing configured.
    #[must_use]
    pub fn new(id: &str, facts: Facts) -> Self {
        let live = Map::from_iter([("MfaConfiguration".to_owned(), json!("OFF"))]);
        Self { id: id.into(), name: "pool".into(), facts, live, sms_configuration: None }
    }

    /// The region, which is the id's prefix. [model]
    #[must_use]
    pub fn region(&self) -> &str {
        region_of(&self.id)
    }

    /// Changes the live settings as somebody's hand would, with no rule applied: a JSON merge patch (RFC 7396).
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

/// The part of a pool id before its last `_`.
#[must_use]
pub fn region_of(pool_id: &str) -> &str {
    pool_id.rsplit_once('_').map_or("", |(region, _)| region)
}

/// Applies a JSON merge patch (RFC 7396): null removes, objects merge, anything else replaces.
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

/// What Cognito's rules ask about a pool besides its MFA settings. The default is what a plain CreateUserPool gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Facts {
    /// `UserPoolTier`.
    pub tier: Tier,
    /// `EmailConfiguration.EmailSendingAccount`.
    pub email_sender: EmailSender,
    /// `AutoVerifiedAttributes`, such as `phone_number`.
    pub auto_verified_attributes: Vec<String>,
    /// Names in `AccountRecoverySetting.RecoveryMechanisms`, such as `verified_email`.
    pub recovery: Vec<String>,
    /// `Policies.SignInPolicy.AllowedFirstAuthFactors`, such as `PASSWORD` or `WEB_AUTHN`.
    pub first_factors: Vec<String>,
    /// Whether Cognito can use the SMS caller role.
    pub sms_role: SmsRole,
}

impl Facts {
    /// A pool on which every section can be set: Essentials tier and an SES sender.
    #[must_use]
    pub fn ready() -> Self {
        Self { email_sender: EmailSender::Developer, ..Self::default() }
    }
}

/// `UserPoolTier`. [model]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Tier {
    /// No email MFA, no FactorConfiguration.
    Lite,
    /// What a new pool gets. [docs]
    #[default]
    Essentials,
    /// Everything.
    Plus,
}

/// `EmailConfiguration.EmailSendingAccount`. [model]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EmailSender {
    /// Cognito's own sender; email MFA is refused with it. [measured]
    #[default]
    CognitoDefault,
    /// The account's SES identity.
    Developer,
}

/// What Cognito finds when it tries the SMS caller role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsRole {
    /// It can assume the role and publish.
    #[default]
    Usable,
    /// It cannot assume the role: InvalidSmsRoleTrustRelationshipException.
    NotTrusted,
    /// It can, but may not publish: InvalidSmsRoleAccessPolicyException.
    NotPermitted,
}

/// The pools of the account, by id.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    pools: BTreeMap<String, Pool>,
    created: u64,
}

impl Pools {
    /// Adds a pool, or replaces the one with its id.
    pub fn insert(&mut self, pool: Pool) -> &mut Pool {
        self.pools.entry(pool.id.clone()).insert_entry(pool).into_mut()
    }

    /// Adds an empty pool with MFA OFF.
    pub fn create(&mut self, id: &str, facts: Facts) -> &mut Pool {
        self.insert(Pool::new(id, facts))
    }

    /// The pool with this id, or ResourceNotFoundException.
    ///
    /// # Errors
    /// ResourceNotFoundException when there is none.
    pub fn find(&mut self, id: &str) -> Result<&mut Pool, ApiError> {
        self.pools.get_mut(id).ok_or_else(|| ApiError::no_such_pool(id))
    }

    /// The pool with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Pool> {
        self.pools.get(id)
    }

    /// Takes the pool away.
    pub fn remove(&mut self, id: &str) -> Option<Pool> {
        self.pools.remove(id)
    }

    /// All pools, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Pool> {
        self.pools.values()
    }

    /// An id that no pool has: `<region>_` and nine alphanumerics, the same ones in every run.
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
