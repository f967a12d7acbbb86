//! What must become of a pool, written from the promises (docs and README) and from what is known of the API, and not
//! from the operator: it knows nothing of `src`. Settings are JSON under the API's names; the world is the emulator's
//! rules on a pool of the oracle's own.

use cognito_emulator::{Pool, Switches, get, set};
use serde_json::{Map, Value, json};

const SMS: &str = "SmsMfaConfiguration";
const TOTP: &str = "SoftwareTokenMfaConfiguration";
const EMAIL: &str = "EmailMfaConfiguration";
const PASSKEYS: &str = "WebAuthnConfiguration";

/// What an object asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The settings under the API's names.
    pub settings: Value,
    pub observe: bool,
    pub overwrite: bool,
    pub suspend: bool,
}

/// The pool as it must be, and what the operator may remember.
#[derive(Clone, Debug)]
pub struct Oracle {
    pub pool: Pool,
    pub switches: Switches,
    /// The Sets that Cognito took.
    pub taken: usize,
    /// What Cognito last accepted of this object.
    accepted: Option<Value>,
    /// What an accepted Set left instead of what was declared, as it was shown.
    residue: Option<Value>,
}

impl Oracle {
    pub fn new(pool: Pool, switches: Switches) -> Self {
        Self { pool, switches, taken: 0, accepted: None, residue: None }
    }

    /// The status is lost, or the object is another.
    pub fn forget(&mut self) {
        (self.accepted, self.residue) = (None, None);
    }

    /// One pass: the reason that it ends with.
    pub fn pass(&mut self, wish: &Wish) -> &'static str {
        if wish.observe {
            // Who only observes owns nothing: another may change the pool with right.
            self.forget();
        }
        if wish.suspend {
            return "Suspended";
        }
        let live = get(&self.pool, &self.switches);
        let equal = is_equal(&wish.settings, &live);
        if wish.observe {
            return if equal { "InSync" } else { "DriftDetected" };
        }
        let sent = whole(&wish.settings);
        let Some(accepted) = &self.accepted else {
            return match (equal, !wish.overwrite && takes_away(&live, &wish.settings)) {
                (true, _) => self.in_sync(sent),
                (false, true) => "AdoptionHeld",
                (false, false) => self.set(wish, sent, false),
            };
        };
        match (*accepted != sent, equal) {
            (true, _) => self.set(wish, sent, false),
            (false, true) => self.in_sync(sent),
            (false, false) if self.residue.as_ref().is_some_and(|left| plain(left) == plain(&live)) => {
                "NotTaken"
            }
            (false, false) => self.set(wish, sent, true),
        }
    }

    fn in_sync(&mut self, sent: Value) -> &'static str {
        (self.accepted, self.residue) = (Some(sent), None);
        "InSync"
    }

    /// The whole declaration replaces what is there. After drift the pool is read again: an answer may only echo.
    fn set(&mut self, wish: &Wish, sent: Value, drift: bool) -> &'static str {
        let mut request = sent.clone();
        request["UserPoolId"] = self.pool.id.clone().into();
        let answer = match set(&mut self.pool, &request, &self.switches) {
            Ok(answer) => answer,
            Err(error) => {
                self.residue = None;
                return refusal(&error.code);
            }
        };
        self.taken += 1;
        let after = if drift { get(&self.pool, &self.switches) } else { answer };
        if is_equal(&wish.settings, &after) {
            return self.in_sync(sent);
        }
        (self.accepted, self.residue) = (Some(sent), Some(after));
        "NotTaken"
    }
}

fn refusal(code: &str) -> &'static str {
    match code {
        "InvalidParameterException" => "InvalidParameter",
        "FeatureUnavailableInTierException" => "FeatureUnavailableInTier",
        "InvalidSmsRoleTrustRelationshipException" => "SmsRoleNotUsable",
        other => panic!("nothing here is refused with {other}"),
    }
}

fn is_off(settings: &Value) -> bool {
    settings["MfaConfiguration"] == "OFF"
}

/// What a Set sends: under OFF the factors rest.
fn whole(declared: &Value) -> Value {
    let mut sent = declared.clone();
    if let (true, Some(sent)) = (is_off(declared), sent.as_object_mut()) {
        sent.retain(|name, _| name == "MfaConfiguration" || name == PASSKEYS);
    }
    sent
}

/// Every declared field is as declared, and no section is there that is not declared.
fn is_equal(declared: &Value, live: &Value) -> bool {
    let (declared, live) = (trimmed(&whole(declared)), plain(live));
    let rests = |name: &str| is_off(&declared) && [SMS, TOTP, EMAIL].contains(&name);
    let has_none_undeclared = |name: &&str| {
        rests(name) || declared.get(*name).is_some() || live.get(*name).is_none() || is_none(name, &live)
    };
    has(&live, &declared) && [SMS, TOTP, EMAIL, PASSKEYS].iter().all(has_none_undeclared)
}

/// Whether a section that is shown means the same as none.
fn is_none(name: &str, live: &Value) -> bool {
    let section = &live[name];
    match name {
        TOTP => section["Enabled"] != true,
        PASSKEYS => *section == json!({"FactorConfiguration": "SINGLE_FACTOR"}),
        _ => false,
    }
}

fn has(live: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(members) => {
            live.is_object() && members.iter().all(|(name, value)| has(&live[name.as_str()], value))
        }
        value => live == value,
    }
}

/// One form: no empty texts, no white space at the ends, TOTP and the factor of passkeys always there.
fn plain(settings: &Value) -> Value {
    let mut plain = trimmed(settings);
    plain[TOTP]["Enabled"] = json!(settings[TOTP]["Enabled"] == true);
    if !settings[PASSKEYS]["FactorConfiguration"].is_string() {
        plain[PASSKEYS]["FactorConfiguration"] = json!("SINGLE_FACTOR");
    }
    plain
}

fn trimmed(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.trim()),
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| value.as_str().is_none_or(|text| !text.is_empty()));
            kept.map(|(name, value)| (name.clone(), trimmed(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Whether a Set would, or may, leave users with less than the pool gives them now.
fn takes_away(live: &Value, declared: &Value) -> bool {
    let rank = |settings: &Value| {
        ["OFF", "OPTIONAL", "ON"].iter().position(|mode| settings["MfaConfiguration"] == *mode)
    };
    let on = |settings: &Value, name: &str| match name {
        TOTP => settings[TOTP]["Enabled"] == true,
        _ => settings.get(name).is_some(),
    };
    let dropped = |name: &&str| on(live, name) && !on(declared, name);
    let factors = !is_off(live) && !is_off(declared) && [SMS, TOTP, EMAIL].iter().any(dropped);
    let lost = |name: &str, value: &str| live[PASSKEYS][name] == value && declared[PASSKEYS][name] != value;
    let party = &live[PASSKEYS]["RelyingPartyId"];
    rank(declared) < rank(live)
        || factors
        || lost("FactorConfiguration", "MULTI_FACTOR_WITH_USER_VERIFICATION")
        || lost("UserVerification", "required")
        || (party.is_string() && *party != declared[PASSKEYS]["RelyingPartyId"])
}
