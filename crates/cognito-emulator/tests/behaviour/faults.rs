//! Scripted faults over HTTP.

use std::time::Duration;

use cognito_emulator::{Effect, Emulator, Facts, Fault};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::client::{SIGNED, call, call_with};

const ID: &str = "us-east-1_Abcdef123";
const SET: &str = "SetUserPoolMfaConfig";
const GET: &str = "GetUserPoolMfaConfig";

async fn start_with(faults: impl IntoIterator<Item = Fault>) -> Emulator {
    let emulator = Emulator::start().await.expect("a free port");
    emulator.state().pools.create(ID, Facts::ready());
    for fault in faults {
        emulator.state().faults.push(fault);
    }
    emulator
}

fn totp() -> Value {
    json!({"UserPoolId": ID, "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

fn mode(emulator: &Emulator) -> Value {
    emulator.state().pools.get(ID).expect("it exists").live["MfaConfiguration"].clone()
}

fn outcomes(emulator: &Emulator) -> Vec<(String, bool)> {
    emulator.calls().into_iter().map(|call| (call.outcome, call.applied)).collect()
}

#[tokio::test]
async fn an_error_replaces_as_many_writes_as_scripted() {
    let emulator = start_with([Fault::error(SET, "TooManyRequestsException", "slow down").times(2)]).await;
    for _ in 0..2 {
        let answer = call(&emulator, SET, &totp()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "TooManyRequestsException"));
        assert_eq!(mode(&emulator), "OFF");
    }
    assert_eq!(call(&emulator, SET, &totp()).await.code(), "OK");
    assert_eq!(mode(&emulator), "ON");
}

#[tokio::test]
async fn an_error_has_the_scripted_status_and_reason() {
    let effect = Effect::Error {
        code: "InvalidParameterException".into(),
        status: Some(429),
        message: "why".into(),
        reason_code: Some("REASON".into()),
    };
    let emulator =
        start_with([Fault::next(SET, effect), Fault::error(SET, "InternalErrorException", "")]).await;
    let answer = call(&emulator, SET, &totp()).await;
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.json(),
        json!({"__type": "InvalidParameterException", "message": "why", "reasonCode": "REASON"})
    );
    assert_eq!(call(&emulator, SET, &totp()).await.status, 500, "the status of InternalErrorException");
}

#[tokio::test]
async fn a_fault_affects_only_its_operation_and_pool() {
    let other = Fault::error(SET, "InternalErrorException", "").on("us-east-1_Other");
    let emulator = start_with([other, Fault::error(GET, "InternalErrorException", "")]).await;
    assert_eq!(call(&emulator, SET, &totp()).await.code(), "OK");
    assert_eq!(call(&emulator, GET, &json!({"UserPoolId": ID})).await.code(), "InternalErrorException");
    assert_eq!(emulator.state().faults.queued().len(), 1);
}

#[tokio::test]
async fn an_error_after_applying_leaves_the_write_in_effect() {
    let emulator = start_with([Fault::error(SET, "InternalErrorException", "").after_applying()]).await;
    assert_eq!(call(&emulator, SET, &totp()).await.status, 500);
    assert_eq!(mode(&emulator), "ON");
    assert_eq!(outcomes(&emulator), [("InternalErrorException".to_owned(), true)]);
}

#[tokio::test]
async fn a_truncated_answer_is_half_a_body_at_200_before_or_after_the_write() {
    let fault = || Fault::next(SET, Effect::Truncated);
    let emulator = start_with([fault(), fault().after_applying()]).await;
    for expected in ["OFF", "ON"] {
        let answer = call(&emulator, SET, &totp()).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.body.starts_with('{') && serde_json::from_str::<Value>(&answer.body).is_err(),
            "{}",
            answer.body
        );
        assert_eq!(mode(&emulator), expected);
    }
}

#[tokio::test]
async fn a_raw_answer_is_sent_unchanged() {
    let emulator = start_with([Fault::next(GET, Effect::Raw { status: 502, body: "<html>".into() })]).await;
    let answer = call(&emulator, GET, &json!({"UserPoolId": ID})).await;
    assert_eq!((answer.status, answer.body.as_str()), (502, "<html>"));
    assert_eq!(outcomes(&emulator), [("Raw 502".to_owned(), false)]);
}

#[tokio::test]
async fn a_hang_up_closes_the_connection_before_or_after_the_write() {
    let fault = || Fault::next(SET, Effect::HangUp);
    let emulator = start_with([fault(), fault().after_applying()]).await;
    for expected in ["OFF", "ON"] {
        assert!(call_with(&emulator, SET, SIGNED, &totp()).await.is_none());
        assert_eq!(mode(&emulator), expected);
    }
    assert_eq!(outcomes(&emulator), [("HangUp".to_owned(), false), ("HangUp".to_owned(), true)]);
}

#[tokio::test]
async fn a_hang_never_answers_and_the_log_shows_that_it_was_applied() {
    let emulator = start_with([Fault::next(SET, Effect::Hang).after_applying()]).await;
    let set = totp();
    let request = call_with(&emulator, SET, SIGNED, &set);
    let logged = emulator.calls_until(|calls| calls.iter().any(|call| call.outcome == "Hang"));
    tokio::select! {
        _ = request => panic!("it answered"),
        calls = logged => assert!(calls[0].applied),
    }
    assert_eq!(mode(&emulator), "ON");
}

#[tokio::test]
async fn a_delayed_call_is_logged_as_pending_before_it_is_applied() {
    let emulator = start_with([Fault::next(SET, Effect::Delay).delayed(Duration::from_hours(1))]).await;
    let set = totp();
    let request = call_with(&emulator, SET, SIGNED, &set);
    tokio::select! {
        _ = request => panic!("it answered"),
        calls = emulator.calls_until(|calls| !calls.is_empty()) => assert_eq!(calls[0].outcome, "Pending"),
    }
    assert_eq!(mode(&emulator), "OFF");
}

#[tokio::test]
async fn a_delayed_call_is_answered() {
    let delay = Duration::from_millis(1);
    let faults = [
        Fault::next(SET, Effect::Delay).delayed(delay),
        Fault::next(SET, Effect::Delay).delayed(delay).after_applying(),
    ];
    let emulator = start_with(faults).await;
    for _ in 0..2 {
        let answer =
            timeout(Duration::from_mins(1), call(&emulator, SET, &totp())).await.expect("it answers");
        assert_eq!(answer.code(), "OK");
    }
}
