//! AWS's request quotas. [docs]

use std::time::Duration;

use cognito_emulator::{CredentialScope, EmulatorState, Facts, Quota, Reply, Request};
use serde_json::json;

const ACCOUNT_AND_REGION: &str = "123456789012 us-east-1";

fn quota() -> Quota {
    let mut quota = Quota::default();
    quota.enabled = true;
    quota
}

/// How many of 100 calls at the same moment are admitted, each on a pool of its own or all on the same pool.
fn admitted(
    quota: &mut Quota,
    account_and_region: &str,
    operation: &str,
    own_pools: bool,
    now: Duration,
) -> usize {
    let call = |number: usize| {
        let pool = format!("us-east-1_{}", if own_pools { number } else { 0 });
        quota.admit(account_and_region, operation, Some(&pool), now).is_ok()
    };
    (0..100).map(call).filter(|admitted| *admitted).count()
}

#[test]
fn a_call_beyond_the_quota_is_refused_in_the_words_of_aws_reported() {
    let mut quota = quota();
    let call = |quota: &mut Quota| {
        quota.admit(ACCOUNT_AND_REGION, "SetUserPoolMfaConfig", Some("us-east-1_A"), Duration::ZERO)
    };
    let refused = (0..100).find_map(|_| call(&mut quota).err()).expect("it is refused");
    assert_eq!(
        (refused.code.as_str(), refused.message.as_str()),
        ("TooManyRequestsException", "Rate exceeded")
    );
}

#[test]
fn each_operation_has_its_documented_rate_docs() {
    let rates = [("GetUserPoolMfaConfig", 20), ("SetUserPoolMfaConfig", 15), ("DescribeUserPool", 15)];
    let mut quota = quota();
    for (operation, rate) in rates {
        assert_eq!(
            admitted(&mut quota, ACCOUNT_AND_REGION, operation, true, Duration::ZERO),
            rate,
            "{operation}"
        );
        assert_eq!(
            admitted(&mut quota, ACCOUNT_AND_REGION, operation, true, Duration::ZERO),
            0,
            "{operation}"
        );
        assert_eq!(
            admitted(&mut quota, ACCOUNT_AND_REGION, operation, true, Duration::from_secs(9)),
            rate,
            "{operation} later"
        );
    }
}

#[test]
fn a_pool_admits_five_calls_of_an_operation_per_second_docs() {
    let mut quota = quota();
    assert_eq!(admitted(&mut quota, ACCOUNT_AND_REGION, "GetUserPoolMfaConfig", false, Duration::ZERO), 5);
    assert_eq!(admitted(&mut quota, ACCOUNT_AND_REGION, "SetUserPoolMfaConfig", false, Duration::ZERO), 5);
    assert_eq!(
        admitted(&mut quota, ACCOUNT_AND_REGION, "GetUserPoolMfaConfig", false, Duration::from_millis(200)),
        1
    );
}

#[test]
fn each_account_and_region_has_its_own_buckets_docs() {
    let mut quota = quota();
    for other in [ACCOUNT_AND_REGION, "123456789012 eu-west-1", "210987654321 us-east-1"] {
        assert_eq!(admitted(&mut quota, other, "SetUserPoolMfaConfig", true, Duration::ZERO), 15, "{other}");
    }
}

#[test]
fn a_call_over_the_quota_is_too_many_requests_at_400_docs() {
    let mut quota = quota();
    admitted(&mut quota, ACCOUNT_AND_REGION, "SetUserPoolMfaConfig", false, Duration::ZERO);
    let error =
        quota.admit(ACCOUNT_AND_REGION, "SetUserPoolMfaConfig", Some("us-east-1_0"), Duration::ZERO).err();
    assert_eq!(error.map(|error| (error.code, error.status)), Some(("TooManyRequestsException".into(), 400)));
}

#[test]
fn quotas_are_off_by_default() {
    assert_eq!(
        admitted(&mut Quota::default(), ACCOUNT_AND_REGION, "SetUserPoolMfaConfig", false, Duration::ZERO),
        100
    );
}

#[test]
fn a_call_over_the_quota_is_refused_logged_and_not_applied() {
    let mut state = EmulatorState::default();
    state.quota.enabled = true;
    state.pools.create("us-east-1_A", Facts::ready());
    let scope = CredentialScope {
        access_key_id: "AKID".into(),
        region: "us-east-1".into(),
        service: "cognito-idp".into(),
    };
    let body = json!({"UserPoolId": "us-east-1_A"});
    let request = Request { operation: "SetUserPoolMfaConfig".into(), body, scope: Some(scope) };
    for call in 1..=6 {
        let received = state.receive(&request, Duration::from_millis(call));
        let reply = state.answer(&request, &received, Duration::ZERO);
        assert_eq!(matches!(reply, Reply::Answer(Ok(_))), call <= 5, "call {call}");
    }
    let last = state.log.calls().last().expect("it is logged");
    assert_eq!(
        (last.outcome.as_str(), last.applied, last.arrived_ms),
        ("TooManyRequestsException", false, 6)
    );
}
