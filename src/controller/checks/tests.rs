use cognito_mfa_core::access::accounts::Accounts;
use serde_json::{Value, json};

use crate::controller::test_controller::{TestController, object};

/// More checks a minute than fit into the smallest share of the quota.
const CROWD: usize = 100;

/// The rights to pools whose names begin with Own.
fn accounts() -> Accounts {
    Accounts::parse(br#"{"accounts": [{"namespaces": ["*"], "userPools": ["eu-west-1_Own*"]}]}"#).unwrap()
}

/// The objects of a crowd, each with a pool of its own unless the fields name one.
fn crowd(namespace: &str, second: u8, fields: &Value) -> Vec<Value> {
    let member = |number| {
        let mut all = json!({"userPoolId": format!("eu-west-1_Own{number}"), "driftCheckInterval": "1m"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        object(namespace, &format!("any-{number}"), second, &all)
    };
    (0..CROWD).map(member).collect()
}

/// A controller with a crowd that makes calls, and with one older object in another namespace.
async fn crowded() -> TestController {
    let mut controller = TestController::new(&["crowd", "team"], accounts()).await;
    controller.list(0, &crowd("crowd", 30, &json!({})));
    controller.list(1, &[object("team", "older", 0, &json!({}))]);
    controller.dispatch_all_due();
    assert!(controller.context.greatest_stretch() > 1.0, "the crowd's checks do not fit");
    controller
}

#[tokio::test]
async fn checks_of_objects_that_make_no_calls_stretch_no_interval() {
    for fields in [
        json!({"userPoolId": "eu-west-1_Own"}),
        json!({"suspend": true}),
        json!({"userPoolId": "eu-west-1_Forbidden"}),
    ] {
        let mut controller = crowded().await;
        for mut member in crowd("crowd", 30, &fields) {
            member["metadata"]["generation"] = json!(2);
            controller.show(0, &member);
        }
        assert!(controller.context.greatest_stretch() <= 1.0, "{fields}");
    }
}

#[tokio::test]
async fn checks_of_objects_that_lost_their_pools_to_others_stretch_no_interval() {
    let mut controller = crowded().await;
    // A suspended object owns its pool, and makes no calls.
    for owner in crowd("team", 0, &json!({"suspend": true})) {
        controller.show(1, &owner);
    }
    controller.dispatch_all_due();
    assert!(controller.context.greatest_stretch() <= 1.0);
}
