//! The expected result of each sequence under each switch.
//!
//! | cell | result |
//! |---|---|
//! | S | Synced |
//! | N | NotTaken: Cognito accepted the write and still differs |
//! | R | InvalidParameter: Cognito refused the write; Stalled |
//! | T | FeatureUnavailableInTier; Stalled |
//! | A | SmsRoleNotUsable; Stalled after the grace period |

use cognito_emulator::{Facts, Pool, Switches};
use serde_json::Value;

use super::{sequences::sequence, walk::Walk};
use crate::{fixtures::settings, kstatus::Kstatus, simulated_pool::in_aws_names};

/// The columns: in each but the first, one switch makes the emulator differ from its default.
pub const SWITCHES: [&str; 9] = [
    "default",
    "sms under OFF accepted",
    "sms removal shown on",
    "sms removal refused",
    "relying party kept",
    "server defaults filled",
    "single factor shown",
    "set answer echoes",
    "disabled totp alone accepted",
];

// 1 default                  2 SMS under OFF accepted  3 SMS removal shown on   4 SMS removal refused
// 5 relying party kept       6 server defaults filled  7 single factor shown    8 set answer echoes
// 9 disabled TOTP alone accepted
#[rustfmt::skip]
pub const TABLE: [(&str, &str); 26] = [
    //                                                   1  2  3  4  5  6  7  8  9
    // From Terraform's AWS provider.
    ("SMS on, off, on again",                           "S  S  S  S  S  S  S  S  S"),
    ("SMS and TOTP",                                    "S  S  S  S  S  S  S  S  S"),
    ("SMS to TOTP",                                     "S  S  N  R  S  S  S  S  S"),
    ("TOTP on, off, on again",                          "S  S  S  S  S  S  S  S  S"),
    ("email default, then texts, then others",          "S  S  S  S  S  S  S  S  S"),
    ("SMS message changed",                             "S  S  S  S  S  S  S  S  S"),
    ("SNS region changed",                              "S  S  S  S  S  S  S  S  S"),
    ("external id changed",                             "S  S  S  S  S  S  S  S  S"),
    ("caller ARN changed",                              "S  S  S  S  S  S  S  S  S"),
    ("passkeys under OFF, then changed",                "S  S  S  S  S  S  S  S  S"),
    // Further scenarios.
    ("email removed",                                   "S  S  S  S  S  S  S  S  S"),
    ("email subject removed",                           "S  S  S  S  S  S  S  S  S"),
    ("SNS region removed",                              "S  S  S  S  S  S  S  S  S"),
    ("passkeys removed",                                "S  S  S  S  N  S  S  S  S"),
    ("multi-factor passkeys removed",                   "S  S  S  S  N  S  S  S  S"),
    ("MULTI kept by an unrelated change",               "S  S  S  S  S  S  S  S  S"),
    ("OPTIONAL with email",                             "S  S  S  S  S  S  S  S  S"),
    ("SMS and TOTP, OFF, back to TOTP",                 "S  S  N  R  S  S  S  S  S"),
    ("OFF over a leftover SMS section, to TOTP",        "S  S  N  R  S  S  S  S  S"),
    ("OFF and ON with the sections left in the spec",   "S  S  S  S  S  S  S  S  S"),
    ("SNS to EUMS and back",                            "S  S  S  S  S  S  S  S  S"),
    ("TOTP disabled beside email",                      "S  S  S  S  S  S  S  S  S"),
    ("TOTP disabled alone, past the CRD's rule",        "R  R  R  R  R  R  R  R  S"),
    // Errors that only the pool's administrator can fix.
    ("email on a LITE pool",                            "T  T  T  T  T  T  T  T  T"),
    ("email with Cognito's own sender",                 "R  R  R  R  R  R  R  R  R"),
    ("SMS with a role that Cognito cannot assume",      "A  A  A  A  A  A  A  A  A"),
];

fn expected(cell: &str) -> (String, Kstatus) {
    match cell {
        "S" => ("InSync".into(), Kstatus::Current),
        "N" => ("NotTaken".into(), Kstatus::Failed),
        "R" => ("InvalidParameter".into(), Kstatus::Failed),
        "T" => ("FeatureUnavailableInTier".into(), Kstatus::Failed),
        "A" => ("SmsRoleNotUsable".into(), Kstatus::Failed),
        other => panic!("the table has an unknown cell {other}"),
    }
}

/// The switches of a column.
pub fn switches(column: usize) -> Switches {
    let alone = Switches::each_alone();
    column.checked_sub(1).map_or_else(Switches::default, |column| alone[column].1.clone())
}

/// The pool of a row with its initial settings.
pub fn pool(name: &str, id: &str) -> Pool {
    let sequence = sequence(name);
    let mut pool = Pool::new(id, Facts { ..sequence.facts });
    pool.edit_live(&in_aws_names(&settings(&sequence.first)));
    pool
}

/// Compares the results of one column with the table. `walks` are in the table's order, each with the pool's final
/// settings.
pub fn check_column(column: usize, walks: &[(Walk, Value)]) {
    assert_eq!(walks.len(), TABLE.len());
    for ((name, row), (walk, pool)) in TABLE.iter().zip(walks) {
        let cell = row.split_whitespace().nth(column).expect("a row has a cell for each column");
        let scenario = format!("{name}, under {}", SWITCHES[column]);
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
