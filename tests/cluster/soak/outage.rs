//! The API server is gone for five minutes.

use std::time::{Duration, Instant};

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use kube::{ResourceExt, api::ListParams};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

use super::{asked_for, tell};
use crate::{
    connection::behind_a_proxy,
    election::{election, eventually},
    proxy::Mode,
};

/// A quarter of them is edited meanwhile, a quarter has its pool edited by hand, a quarter is new, and a quarter rests.
const OBJECTS: usize = 80;
const GONE: Duration = Duration::from_mins(5);
const INTERVAL: Duration = Duration::from_mins(1);
/// What was declared is to be so that long after it is back.
const PROMISED: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_after_an_outage_of_the_api_server_of_five_minutes_all_is_well() {
    if !asked_for("an API server that is gone for five minutes") {
        return;
    }
    let led = election().await;
    let namespace = led.namespace.clone();
    let elect = ["--leader-elect", "--leader-election-namespace", &namespace];
    tokio::join!(
        an_outage("alone", TestNamespace::without_operator().await, &[]),
        an_outage("elected", led, &elect)
    );
}

async fn an_outage(who: &str, rig: TestNamespace, flags: &[&str]) {
    let flags = [&["--drift-check-interval", "1m", "--quota-share", "1"], flags].concat();
    let (rig, proxy) = behind_a_proxy(rig, &flags).await;
    let pools: Vec<_> = (0..OBJECTS).map(|_| rig.pool()).collect();
    let old = |number: &usize| number % 4 != 3;
    for number in (0..OBJECTS).filter(old) {
        rig.apply(&name(number), totp(&pools[number])).await;
    }
    for number in (0..OBJECTS).filter(old) {
        rig.until_reason(&name(number), "InSync").await;
    }
    rig.aws.state().log.clear();
    proxy.turn(Mode::Refusing);
    for (number, pool) in pools.iter().enumerate() {
        match number % 4 {
            0 => drop(rig.apply(&name(number), optional(pool)).await),
            1 => rig.edit(pool, &json!({"MfaConfiguration": "OFF"})),
            2 => {}
            _ => drop(rig.apply(&name(number), totp(pool)).await),
        }
    }
    proxy.until_refused_for(GONE).await;
    let calls = rig.aws.calls().len();
    proxy.turn(Mode::Open);
    let back = Instant::now();
    eventually("what was declared is so", async || are_well(&rig, &pools, |number| number % 4 != 1).await)
        .await;
    let declared = back.elapsed();
    eventually("what was edited by hand is set back", async || are_well(&rig, &pools, |_| true).await).await;
    let all = back.elapsed();
    let sets = pools.iter().map(|pool| rig.call_counts(pool).1).sum::<usize>();
    tell(&format!(
        "{who}: the API server refused connections for {GONE:?}, with {calls} calls of AWS meanwhile; {} of {OBJECTS} objects were \
         edited or new, and well {:.1} s after it was back; {} pools had been edited by hand, and were set back after {:.1} s; \
         {sets} Sets",
        OBJECTS / 2,
        declared.as_secs_f64(),
        OBJECTS / 4,
        all.as_secs_f64(),
    ));
    assert_eq!(sets, OBJECTS / 4 * 3);
    assert!(declared <= PROMISED, "{declared:?}");
    // Who led nobody meanwhile has seen no drift: it is seen at the slots.
    assert!(all <= PROMISED + INTERVAL, "{all:?}");
    assert_eq!(rig.page("/healthz").await.0, 200, "it was not restarted");
}

fn name(number: usize) -> String {
    format!("outage-{number}")
}

fn optional(pool: &str) -> Value {
    with(totp(pool), "mfaConfiguration", json!("OPTIONAL"))
}

/// Whether those pools have what their objects declare, and these say so.
async fn are_well(rig: &TestNamespace, pools: &[String], which: impl Fn(usize) -> bool) -> bool {
    let objects = rig.objects().list(&ListParams::default()).await.expect("the objects are listed");
    let numbered = objects.iter().filter_map(|object| Some((number_of(object)?, object)));
    let state = rig.aws.state();
    let has = |number: usize| {
        let mode = if number.is_multiple_of(4) { "OPTIONAL" } else { "ON" };
        state
            .pools
            .get(&pools[number])
            .is_some_and(|pool| pool.live.get("MfaConfiguration") == Some(&json!(mode)))
    };
    numbered.filter(|(number, _)| which(*number)).all(|(number, object)| has(number) && says(number, object))
}

fn says(number: usize, object: &UserPoolMfaConfig) -> bool {
    let status = object.status.clone().unwrap_or_default();
    let corrections = usize::from(number % 4 == 1);
    status.observed_generation == object.metadata.generation
        && status.condition(ConditionType::Ready).is_some_and(|ready| ready.status == "True")
        && status.corrections.len() == corrections
}

/// The number in an object's name; the fence of the start has none.
fn number_of(object: &UserPoolMfaConfig) -> Option<usize> {
    object.name_any().strip_prefix("outage-")?.parse().ok()
}
