//! A second implementation of the plan, written from the documentation and the known behaviour of the API. It shares no
//! code with the operator. Settings are JSON under the API's names, on a pool of its own in the emulator.

use cognito_emulator::{Pool, Switches, get, set};
use serde_json::{Map, Value, json};

const SMS: &str = "SmsMfaConfiguration";
const TOTP: &str = "SoftwareTokenMfaConfiguration";
const EMAIL: &str = "EmailMfaConfiguration";
const PASSKEYS: &str = "WebAuthnConfiguration";

/// The spec of an object.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The settings under the API's names.
    pub settings: Value,
    pub observe: bool,
    pub overwrite: bool,
    pub suspend: bool,
}

/// The predicted pool, and the memory that the status must have.
#[derive(Clone, Debug)]
pub struct Oracle {
    pub pool: Pool,
    pub switches: Switches,
    /// The writes that Cognito accepted.
    pub writes: usize,
    /// The settings of this object that Cognito accepted last.
    accepted: Option<Value>,
    /// The settings that Cognito showed after an accepted write that left a difference.
    residue: Option<Value>,
}

impl Oracle {
    pub fn new(pool: Pool, switches: Switches) -> Self {
        Self { pool, switches, writes: 0, accepted: None, residue: None }
    }

    /// Forgets the memory: the status is lost, or the object is a new one.
    pub fn forget(&mut self) {
        (self.accepted, self.residue) = (None, None);
    }

    /// One reconciliation. Returns the reason of Ready.
    pub fn reconcile(&mut self, declaration: &Declaration) -> &'static str {
        if declaration.observe {
            // An observing object owns no pool, so another object may change the pool.
            self.forget();
        }
        if declaration.suspend {
            return "Suspended";
        }
        let observed = get(&self.pool, &self.switches);
        let equal = is_equal(&declaration.settings, &observed);
        if declaration.observe {
            return if equal { "InSync" } else { "DriftDetected" };
        }
        let to_write = without_ignored(&declaration.settings);
        let Some(accepted) = &self.accepted else {
            return match (equal, !declaration.overwrite && weakens(&observed, &declaration.settings)) {
                (true, _) => self.in_sync(to_write),
                (false, true) => "AdoptionHeld",
                (false, false) => self.write(declaration, to_write, false),
            };
        };
        let is_residue =
            self.residue.as_ref().is_some_and(|residue| normalized(residue) == normalized(&observed));
        match (*accepted != to_write, equal) {
            (true, _) => self.write(declaration, to_write, false),
            (false, true) => self.in_sync(to_write),
            (false, false) if is_residue => "NotTaken",
            (false, false) => self.write(declaration, to_write, true),
        }
    }

    fn in_sync(&mut self, written: Value) -> &'static str {
        (self.accepted, self.residue) = (Some(written), None);
        "InSync"
    }

    /// A write replaces all settings. After drift the pool is read again: a response may only echo the request.
    fn write(&mut self, declaration: &Declaration, to_write: Value, drift: bool) -> &'static str {
        let mut request = to_write.clone();
        request["UserPoolId"] = self.pool.id.clone().into();
        let response = match set(&mut self.pool, &request, &self.switches) {
            Ok(response) => response,
            Err(error) => {
                self.residue = None;
                return reason_of_refusal(&error.code);
            }
        };
        self.writes += 1;
        let after = if drift { get(&self.pool, &self.switches) } else { response };
        if is_equal(&declaration.settings, &after) {
            return self.in_sync(to_write);
        }
        (self.accepted, self.residue) = (Some(to_write), Some(after));
        "NotTaken"
    }
}

fn reason_of_refusal(code: &str) -> &'static str {
    match code {
        "InvalidParameterException" => "InvalidParameter",
        "FeatureUnavailableInTierException" => "FeatureUnavailableInTier",
        "InvalidSmsRoleTrustRelationshipException" => "SmsRoleNotUsable",
        "AccessDeniedException" => "AccessDenied",
        other => panic!("no walk expects {other}"),
    }
}

fn is_off(settings: &Value) -> bool {
    settings["MfaConfiguration"] == "OFF"
}

/// The settings that a write sends: without the factors that OFF ignores.
fn without_ignored(declared: &Value) -> Value {
    let mut sent = declared.clone();
    if let (true, Some(sent)) = (is_off(declared), sent.as_object_mut()) {
        sent.retain(|name, _| name == "MfaConfiguration" || name == PASSKEYS);
    }
    sent
}

/// Whether every declared field has its declared value, and the pool has no section that is not declared.
fn is_equal(declared: &Value, observed: &Value) -> bool {
    let (declared, observed) = (trimmed(&without_ignored(declared)), normalized(observed));
    let is_ignored = |name: &str| is_off(&declared) && [SMS, TOTP, EMAIL].contains(&name);
    let is_declared_or_none = |name: &&str| {
        is_ignored(name)
            || declared.get(*name).is_some()
            || observed.get(*name).is_none()
            || is_none(name, &observed)
    };
    contains(&observed, &declared) && [SMS, TOTP, EMAIL, PASSKEYS].iter().all(is_declared_or_none)
}

/// Whether an observed section means the same as an absent one.
fn is_none(name: &str, observed: &Value) -> bool {
    let section = &observed[name];
    match name {
        TOTP => section["Enabled"] != true,
        PASSKEYS => *section == json!({"FactorConfiguration": "SINGLE_FACTOR"}),
        _ => false,
    }
}

fn contains(observed: &Value, declared: &Value) -> bool {
    match declared {
        Value::Object(members) => {
            observed.is_object()
                && members.iter().all(|(name, value)| contains(&observed[name.as_str()], value))
        }
        value => observed == value,
    }
}

/// A normal form: no empty texts, no white space at the ends, TOTP and the factor of passkeys always present.
fn normalized(settings: &Value) -> Value {
    let mut normalized = trimmed(settings);
    normalized[TOTP]["Enabled"] = json!(settings[TOTP]["Enabled"] == true);
    if !settings[PASSKEYS]["FactorConfiguration"].is_string() {
        normalized[PASSKEYS]["FactorConfiguration"] = json!("SINGLE_FACTOR");
    }
    normalized
}

fn trimmed(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.trim()),
        Value::Object(members) => {
            let non_empty =
                members.iter().filter(|(_, value)| value.as_str().is_none_or(|text| !text.is_empty()));
            non_empty.map(|(name, value)| (name.clone(), trimmed(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Whether a write reduces, or may reduce, the protection that the pool gives its users.
fn weakens(observed: &Value, declared: &Value) -> bool {
    let rank = |settings: &Value| {
        ["OFF", "OPTIONAL", "ON"].iter().position(|mode| settings["MfaConfiguration"] == *mode)
    };
    let on = |settings: &Value, name: &str| match name {
        TOTP => settings[TOTP]["Enabled"] == true,
        _ => settings.get(name).is_some(),
    };
    let drops = |name: &&str| on(observed, name) && !on(declared, name);
    let drops_a_factor = !is_off(observed) && !is_off(declared) && [SMS, TOTP, EMAIL].iter().any(drops);
    let loses =
        |name: &str, value: &str| observed[PASSKEYS][name] == value && declared[PASSKEYS][name] != value;
    let relying_party = &observed[PASSKEYS]["RelyingPartyId"];
    rank(declared) < rank(observed)
        || drops_a_factor
        || loses("FactorConfiguration", "MULTI_FACTOR_WITH_USER_VERIFICATION")
        || loses("UserVerification", "required")
        || (relying_party.is_string() && *relying_party != declared[PASSKEYS]["RelyingPartyId"])
}
