//! The expected result of each sequence under each switch.
//!
//! | cell | result |
//! |---|---|
//! | S | Synced |
//! | N | NotTaken: Cognito accepted the write and still differs |
//! | R | InvalidParameter: Cognito refused the write; Stalled |
//! | T | FeatureUnavailableInTier; Stalled |
//! | A | SmsRoleNotUsable; Stalled after the grace period |
//! | D | AccessDenied; Stalled after the grace period |

use cognito_emulator::{Facts, Pool, Switches};
use serde_json::Value;

use super::{sequences::sequence, walk::Walk};
use crate::{fixtures::settings, kstatus::Kstatus, simulated_pool::in_aws_names};

/// The name of the emulator's default.
pub const DEFAULT: &str = "default";

/// The expected results of a sequence.
pub struct Row {
    pub name: &'static str,
    /// The cell for the emulator's default and for every switch that is not an exception.
    cell: &'static str,
    /// The switches, by their name in `Switches::each_alone`, that have another cell.
    pub exceptions: &'static [(&'static str, &'static str)],
}

impl Row {
    fn cell(&self, switch: &str) -> &'static str {
        self.exceptions.iter().find(|(name, _)| *name == switch).map_or(self.cell, |(_, cell)| cell)
    }
}

const fn row(name: &'static str, cell: &'static str) -> Row {
    Row { name, cell, exceptions: &[] }
}

const fn but(
    name: &'static str,
    cell: &'static str,
    exceptions: &'static [(&'static str, &'static str)],
) -> Row {
    Row { name, cell, exceptions }
}

const SMS_IS_KEPT: &[(&str, &str)] = &[("sms removal shown on", "N"), ("sms removal refused", "R")];
const PASSKEYS_ARE_KEPT: &[(&str, &str)] = &[("relying party kept", "N")];

pub const TABLE: &[Row] = &[
    // From Terraform's AWS provider.
    row("SMS on, off, on again", "S"),
    row("SMS and TOTP", "S"),
    but("SMS to TOTP", "S", SMS_IS_KEPT),
    row("TOTP on, off, on again", "S"),
    row("email default, then texts, then others", "S"),
    row("SMS message changed", "S"),
    but("SNS region changed", "R", &[("other sns region accepted", "S")]),
    row("external id changed", "S"),
    row("caller ARN changed", "S"),
    row("passkeys under OFF, then changed", "S"),
    // Further scenarios.
    row("email removed", "S"),
    row("email subject removed", "S"),
    row("SNS region removed", "S"),
    but("passkeys removed", "S", PASSKEYS_ARE_KEPT),
    but("multi-factor passkeys removed", "S", PASSKEYS_ARE_KEPT),
    row("MULTI kept by an unrelated change", "S"),
    row("OPTIONAL with email", "S"),
    but("SMS and TOTP, OFF, back to TOTP", "S", SMS_IS_KEPT),
    but("OFF over a leftover SMS section, to TOTP", "S", SMS_IS_KEPT),
    row("OFF and ON with the sections left in the spec", "S"),
    row("SNS to EUMS and back", "S"),
    row("TOTP disabled beside email", "S"),
    but("TOTP disabled alone, past the CRD's rule", "S", &[("disabled totp alone refused", "R")]),
    // Errors that only the pool's administrator can fix.
    row("email on a LITE pool", "T"),
    row("email with Cognito's own sender", "R"),
    row("email with no account recovery", "R"),
    row("SMS with a role that Cognito cannot assume", "A"),
    but("SMS with a role of another account", "D", &[("cross-account role accepted", "S")]),
    but("SMS with recovery by phone", "R", &[("sms with phone recovery accepted", "S")]),
    but("TOTP where phone numbers are verified", "R", &[("no sms section accepted", "S")]),
    but(
        "OFF where phone numbers are verified",
        "R",
        &[("no sms section accepted", "S"), ("no sms section accepted under OFF", "S")],
    ),
    row("SMS and TOTP where phone numbers are verified", "S"),
];

/// The default and each switch alone, by name.
pub fn columns() -> Vec<(&'static str, Switches)> {
    [(DEFAULT, Switches::default())].into_iter().chain(Switches::each_alone()).collect()
}

fn expected(cell: &str) -> (String, Kstatus) {
    match cell {
        "S" => ("InSync".into(), Kstatus::Current),
        "N" => ("NotTaken".into(), Kstatus::Failed),
        "R" => ("InvalidParameter".into(), Kstatus::Failed),
        "T" => ("FeatureUnavailableInTier".into(), Kstatus::Failed),
        "A" => ("SmsRoleNotUsable".into(), Kstatus::Failed),
        "D" => ("AccessDenied".into(), Kstatus::Failed),
        other => panic!("the table has an unknown cell {other}"),
    }
}

/// The pool of a row with its initial settings.
pub fn pool(name: &str, id: &str) -> Pool {
    let sequence = sequence(name);
    let mut pool = Pool::new(id, Facts { ..sequence.facts });
    pool.edit_live(&in_aws_names(&settings(&sequence.first)));
    pool
}

/// Compares the results under one switch with the table. `walks` are in the table's order, each with the pool's final
/// settings.
pub fn check_column(switch: &str, walks: &[(Walk, Value)]) {
    assert_eq!(walks.len(), TABLE.len());
    for (row, (walk, pool)) in TABLE.iter().zip(walks) {
        let (name, cell) = (row.name, row.cell(switch));
        let scenario = format!("{name}, under {switch}");
        assert_eq!(walk.result, expected(cell), "{scenario}");
        assert_eq!(walk.repeated_writes, 0, "{scenario}: an accepted write was repeated");
        let declared = in_aws_names(&settings(sequence(name).specs.last().expect("a spec")));
        assert!(cell != "S" || is_as_declared(pool, &declared), "{scenario}: the pool has {pool}");
    }
}

/// Whether the pool has everything that is declared, and no other factor.
fn is_as_declared(pool: &Value, declared: &Value) -> bool {
    let factors = ["SmsMfaConfiguration", "EmailMfaConfiguration", "SoftwareTokenMfaConfiguration"];
    let undeclared = |name: &&str| {
        declared.get(*name).is_none() && pool.get(*name).is_some_and(|section| section["Enabled"] != false)
    };
    let relying_party = pool["WebAuthnConfiguration"]["RelyingPartyId"].is_string();
    contains(pool, declared)
        && (declared["MfaConfiguration"] == "OFF" || !factors.iter().any(undeclared))
        && (!relying_party || declared.get("WebAuthnConfiguration").is_some())
}

fn contains(observed: &Value, declared: &Value) -> bool {
    match declared.as_object() {
        Some(members) => members
            .iter()
            .all(|(name, value)| observed.get(name).is_some_and(|observed| contains(observed, value))),
        None => observed == declared,
    }
}
