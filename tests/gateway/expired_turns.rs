//! Calls whose credentials arrive after their turn has expired.

use std::time::Duration;

use serde_json::json;

use crate::{
    child::{Child, has_settings},
    credentials::{container_credentials, with_container},
    server::{Reply, Server, cognito},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";
/// Longer than the half second for which a turn lasts.
const LATE: Duration = Duration::from_millis(600);

/// Makes one call whose credentials are late, and asserts that it is sent once, and not under its first turn.
fn assert_takes_another_turn(operation: &str, call: impl FnOnce(Child) -> Child) {
    let credentials = Reply::Late(LATE, container_credentials().to_string().into_bytes());
    let (cognito, container) = (cognito(), Server::start([credentials]));
    let finished = call(with_container(&cognito, &container)).run();
    assert!(finished.outcomes.iter().all(has_settings), "{}", finished.printed);
    assert_eq!(finished.outcomes.len(), 1);
    let count = |line: String| finished.printed.matches(&line).count();
    assert!(count(format!("TURN {operation}")) >= 2, "{}", finished.printed);
    assert_eq!(count(format!("OBSERVED {operation} OK")), 1, "{}", finished.printed);
    assert_eq!((cognito.requests().len(), container.requests().len()), (1, 1));
}

#[test]
fn a_read_whose_credentials_are_late_is_sent_under_another_turn() {
    assert_takes_another_turn("GetUserPoolMfaConfig", |child| child.get(POOL));
}

#[test]
fn a_write_whose_credentials_are_late_is_sent_under_another_turn() {
    let declared = json!({ "mfaConfiguration": "OFF" });
    assert_takes_another_turn("SetUserPoolMfaConfig", |child| child.set(POOL, &declared));
}
