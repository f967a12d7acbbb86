//! The request quotas. [docs]

use std::time::Duration;

use cognito_emulator::{Facts, Quota, Reply, Request, CredentialScope, EmulatorState};
use serde_json::json;

const OWNER: &str = "123456789012 us-east-1";

fn quota() -> Quota {
    let mut quota = Quota::default();
    quota.enabled = true;
    quota
}

/// How many of 100 calls at one moment are admitted, each on a pool of its own or all on the same.
fn admitted(quota: &mut Quota, owner: &str, operation: &str, own_pools: bool, now: Duration) -> usize {
    let call = |at: usize| {
        let pool = format!("us-east-1_{}", if own_pools { at } else { 0 });
        quota.admit(owner, operation, Some(&pool), now).is_ok()
    };
    (0..100).map(call).filter(|admitted| *admitted).count()
}

#[test]
fn the_account_admits_as_many_in_a_second_as_documented_docs() {
    let rates = [("GetUserPoolMfaConfig", 20), ("SetUserPoolMfaConfig", 15), ("DescribeUserPool", 15)];
    let mut quota = quota();
    for (operation, rate) in rates {
        assert_eq!(admitted(&mut quota, OWNER, operation, true, Duration::ZERO), rate, "{operation}");
        assert_eq!(admitted(&mut quota, OWNER, operation, true, Duration::ZERO), 0, "{operation}");
        assert_eq!(
            admitted(&mut quota, OWNER, operation, true, Duration::from_secs(9)),
            rate,
            "{operation} later"
        );
    }
}

#[test]
fn a_pool_admits_five_of_one_operation_in_a_second_docs() {
    let mut quota = quota();
    assert_eq!(admitted(&mut quota, OWNER, "GetUserPoolMfaConfig", false, Duration::ZERO), 5);
    assert_eq!(admitted(&mut quota, OWNER, "SetUserPoolMfaConfig", false, Duration::ZERO), 5);
    assert_eq!(admitted(&mut quota, OWNER, "GetUserPoolMfaConfig", false, Duration::from_millis(200)), 1);
}

#[test]
fn accounts_and_regions_have_buckets_of_their_own_docs() {
    let mut quota = quota();
    for owner in [OWNER, "123456789012 eu-west-1", "210987654321 us-east-1"] {
        assert_eq!(admitted(&mut quota, owner, "SetUserPoolMfaConfig", true, Duration::ZERO), 15, "{owner}");
    }
}

#[test]
fn the_refusal_is_too_many_requests_at_400_docs() {
    let mut quota = quota();
    admitted(&mut quota, OWNER, "SetUserPoolMfaConfig", false, Duration::ZERO);
    let error = quota.admit(OWNER, "SetUserPoolMfaConfig", Some("us-east-1_0"), Duration::ZERO).err();
    assert_eq!(error.map(|error| (error.code, error.status)), Some(("TooManyRequestsException".into(), 400)));
}

#[test]
fn quotas_are_off_until_enabled() {
    assert_eq!(admitted(&mut Quota::default(), OWNER, "SetUserPoolMfaConfig", false, Duration::ZERO), 100);
}

#[test]
fn a_call_over_the_quota_is_refused_logged_and_not_applied() {
    let mut world = EmulatorState::default();
    world.quota.enabled = true;
    world.pools.create("us-east-1_A", Facts::ready());
    let scope =
        CredentialScope { access_key_id: "AKID".into(), region: "us-east-1".into(), service: "cognito-idp".into() };
    let body = json!({"UserPoolId": "us-east-1_A"});
    let request = Request { operation: "SetUserPoolMfaConfig".into(), body, scope: Some(scope) };
    for call in 1..=6 {
        let arrival = world.receive(&request, Duration::from_millis(call));
        let reply = world.answer(&request, &arrival, Duration::ZERO);
        assert_eq!(matches!(reply, Reply::Answer(Ok(_))), call <= 5, "call {call}");
    }
    let last = world.log.calls().last().expect("it is logged");
    assert_eq!(
        (last.outcome.as_str(), last.applied, last.arrived_ms),
        ("TooManyRequestsException", false, 6)
    );
}
