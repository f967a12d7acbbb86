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
#[allow(clippy::struct_excessive_bools, reason = "each stands for an independent field of the spec")]
pub struct Declaration {
    /// The settings under the API's names.
    pub settings: Value,
    pub observe: bool,
    pub overwrite: bool,
    pub exact: bool,
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
    /// The strongest declaration that was sent since the pool last equalled one.
    strongest: Option<[usize; 4]>,
    /// The settings that the last reconciliation saw last.
    seen: Option<Value>,
    /// The settings that Cognito showed after an accepted write that left a difference.
    residue: Option<Value>,
}

impl Oracle {
    pub fn new(pool: Pool, switches: Switches) -> Self {
        Self { pool, switches, writes: 0, accepted: None, strongest: None, seen: None, residue: None }
    }

    /// Forgets the memory: the status is lost, or the object is a new one.
    pub fn forget(&mut self) {
        (self.accepted, self.strongest, self.residue) = (None, None, None);
    }

    /// One reconciliation. Returns the reason of Ready.
    pub fn reconcile(&mut self, declaration: &Declaration) -> &'static str {
        let reason = self.decide(declaration);
        let declared = strengths(&without_ignored(&declaration.settings));
        if let (Some(strongest), Some(seen)) = (&mut self.strongest, self.seen.take()) {
            // What is no stronger than declared any more has been lowered.
            for index in 0..4 {
                if strengths(&seen)[index] <= declared[index] {
                    strongest[index] = strongest[index].min(declared[index]);
                }
            }
        }
        reason
    }

    fn decide(&mut self, declaration: &Declaration) -> &'static str {
        if declaration.observe {
            // An observing object owns no pool, so another object may change the pool.
            self.forget();
        }
        if declaration.suspend {
            return "Suspended";
        }
        let observed = get(&self.pool, &self.switches);
        self.seen = Some(observed.clone());
        let sent = without_ignored(&declaration.settings);
        let kept = self.kept(declaration, &sent, &observed);
        let equal = is_equal(&sent, &replaced(&observed, &sent, kept));
        let reason_when_equal = if kept == [false; 4] { "InSync" } else { "StrongerThanDeclared" };
        if declaration.observe {
            return if equal { reason_when_equal } else { "DriftDetected" };
        }
        let Some(accepted) = &self.accepted else {
            return match (equal, !declaration.overwrite && weakens(&observed, &declaration.settings)) {
                (true, _) => self.equals(sent, "InSync"),
                (false, true) => "AdoptionHeld",
                (false, false) => self.write(sent, &observed, kept, false),
            };
        };
        let is_residue =
            self.residue.as_ref().is_some_and(|residue| normalized(residue) == normalized(&observed));
        match (*accepted != sent, equal) {
            _ if is_off(&sent) && kept[0] => {
                self.residue = None;
                if equal { self.equals(sent, "StrongerThanDeclared") } else { "DriftDetected" }
            }
            (true, _) => self.write(sent, &observed, kept, false),
            (false, true) => self.equals(sent, reason_when_equal),
            (false, false) if is_residue => "NotTaken",
            (false, false) => self.write(sent, &observed, kept, true),
        }
    }

    /// The strengths in which the pool is stronger than declared, and which no edit lowered.
    fn kept(&self, declaration: &Declaration, sent: &Value, observed: &Value) -> [bool; 4] {
        if declaration.exact || (self.accepted.is_none() && !declaration.observe) {
            return [false; 4];
        }
        let (declared, live) = (strengths(sent), strengths(observed));
        let edited =
            |index: usize| self.strongest.is_some_and(|strongest| strongest[index] > declared[index]);
        let mut kept = [0, 1, 2, 3].map(|index| live[index] > declared[index] && !edited(index));
        kept[1] &= !is_off(sent) || kept[0];
        kept
    }

    fn equals(&mut self, sent: Value, reason: &'static str) -> &'static str {
        self.strongest = Some(strengths(&sent));
        (self.accepted, self.residue) = (Some(sent), None);
        reason
    }

    /// A write replaces all settings. After drift the pool is read again: a response may only echo the request.
    fn write(&mut self, sent: Value, observed: &Value, kept: [bool; 4], drift: bool) -> &'static str {
        let mut request = replaced(&sent, observed, kept);
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
        self.seen = Some(after.clone());
        let (declared, live) = (strengths(&sent), strengths(&after));
        let still = [0, 1, 2, 3].map(|index| kept[index] && live[index] > declared[index]);
        if is_equal(&sent, &replaced(&after, &sent, still)) {
            let reason = if still == [false; 4] { "InSync" } else { "StrongerThanDeclared" };
            return self.equals(sent, reason);
        }
        let earlier = self.strongest.unwrap_or(declared);
        self.strongest = Some([0, 1, 2, 3].map(|index| earlier[index].max(declared[index])));
        (self.accepted, self.residue) = (Some(sent), Some(after));
        "NotTaken"
    }
}

/// The strengths of settings as ranks: mode, TOTP, the factor of passkeys, their user verification.
pub fn strengths(settings: &Value) -> [usize; 4] {
    let rank = |mode: &str| ["OFF", "OPTIONAL", "ON"].iter().position(|one| *one == mode);
    let passkeys = &settings[PASSKEYS];
    [
        settings["MfaConfiguration"].as_str().and_then(rank).unwrap_or(0),
        usize::from(!is_off(settings) && settings[TOTP]["Enabled"] == true),
        usize::from(passkeys["FactorConfiguration"] == "MULTI_FACTOR_WITH_USER_VERIFICATION"),
        usize::from(passkeys["UserVerification"] == "required"),
    ]
}

/// The settings with these strengths of `source`.
pub fn replaced(settings: &Value, source: &Value, which: [bool; 4]) -> Value {
    let mut result = settings.clone();
    let mut copy = |section: &str, member: Option<&str>| match member {
        None => match source.get(section) {
            Some(value) => result[section] = value.clone(),
            None => drop(result.as_object_mut().and_then(|result| result.remove(section))),
        },
        Some(member) => match source[section].get(member) {
            Some(value) => result[section][member] = value.clone(),
            None => drop(result[section].as_object_mut().and_then(|section| section.remove(member))),
        },
    };
    let fields = [
        ("MfaConfiguration", None),
        (TOTP, None),
        (PASSKEYS, Some("FactorConfiguration")),
        (PASSKEYS, Some("UserVerification")),
    ];
    fields
        .into_iter()
        .zip(which)
        .filter(|(_, which)| *which)
        .for_each(|((section, member), _)| copy(section, member));
    result
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

pub fn is_off(settings: &Value) -> bool {
    settings["MfaConfiguration"] == "OFF"
}

/// The settings that a write sends: without the factors that OFF ignores.
pub fn without_ignored(declared: &Value) -> Value {
    let mut sent = declared.clone();
    if let (true, Some(sent)) = (is_off(declared), sent.as_object_mut()) {
        sent.retain(|name, _| name == "MfaConfiguration" || name == PASSKEYS);
    }
    sent
}

/// Whether every declared field has its declared value, and the pool has no section that is not declared.
pub fn is_equal(declared: &Value, observed: &Value) -> bool {
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
pub fn weakens(observed: &Value, declared: &Value) -> bool {
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
