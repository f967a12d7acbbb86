//! An outage of the API server of five minutes.

use std::time::{Duration, Instant};

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use kube::{ResourceExt, api::ListParams};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

use super::{is_requested, print_result};
use crate::{
    api_server_connection::behind_a_proxy, eventually::eventually, replicas::rig_with_lease, tcp_proxy::Mode,
};

/// During the outage a quarter of them is edited, a quarter has its pool edited by hand, a quarter is created, and a
/// quarter stays unchanged.
const OBJECTS: usize = 80;
const OUTAGE: Duration = Duration::from_mins(5);
const INTERVAL: Duration = Duration::from_mins(1);
/// The longest time from the end of the outage until edited and new objects are in sync.
const LIMIT: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_in_sync_a_minute_after_a_five_minute_api_server_outage() {
    if !is_requested("an API server that is gone for five minutes") {
        return;
    }
    let elected_rig = rig_with_lease().await;
    let namespace = elected_rig.namespace.clone();
    let election_flags = ["--leader-elect", "--leader-election-namespace", &namespace];
    tokio::join!(
        run_outage("without leader election", TestNamespace::without_operator().await, &[]),
        run_outage("with leader election", elected_rig, &election_flags)
    );
}

async fn run_outage(setup: &str, rig: TestNamespace, flags: &[&str]) {
    // A quarter of the objects lowers the mode.
    let own = ["--drift-check-interval", "1m", "--quota-share", "1", "--max-lowerings-per-hour", "1000"];
    let flags = [&own, flags].concat();
    let (rig, proxy) = behind_a_proxy(rig, &flags).await;
    let pools: Vec<_> = (0..OBJECTS).map(|_| rig.pool()).collect();
    let exists_before = |number: &usize| number % 4 != 3;
    for number in (0..OBJECTS).filter(exists_before) {
        rig.apply(&name(number), totp(&pools[number])).await;
    }
    for number in (0..OBJECTS).filter(exists_before) {
        rig.until_reason(&name(number), "InSync").await;
    }
    rig.aws.state().log.clear();
    proxy.set_mode(Mode::Refusing);
    for (number, pool) in pools.iter().enumerate() {
        match number % 4 {
            0 => drop(rig.apply(&name(number), optional(pool)).await),
            1 => rig.edit(pool, &json!({"MfaConfiguration": "OFF"})),
            2 => {}
            _ => drop(rig.apply(&name(number), totp(pool)).await),
        }
    }
    proxy.until_refused_for(OUTAGE).await;
    let calls = rig.aws.calls().len();
    proxy.set_mode(Mode::Open);
    let end_of_outage = Instant::now();
    eventually("specs are written", async || are_in_sync(&rig, &pools, |number| number % 4 != 1).await).await;
    let specs_written = end_of_outage.elapsed();
    eventually("drift is corrected", async || are_in_sync(&rig, &pools, |_| true).await).await;
    let drift_corrected = end_of_outage.elapsed();
    let writes = pools.iter().map(|pool| rig.call_counts(pool).1).sum::<usize>();
    print_result(&format!(
        "{setup}: the API server refused connections for {OUTAGE:?}, with {calls} AWS calls meanwhile; {} of {OBJECTS} objects were \
         edited or new, and in sync {:.1} s after its end; {} pools had been edited by hand, and were corrected after {:.1} s; \
         {writes} writes",
        OBJECTS / 2,
        specs_written.as_secs_f64(),
        OBJECTS / 4,
        drift_corrected.as_secs_f64(),
    ));
    assert_eq!(writes, OBJECTS / 4 * 3);
    assert!(specs_written <= LIMIT, "{specs_written:?}");
    // An operator that lost its lease made no checks during the outage, so it finds drift at the next scheduled ones.
    assert!(drift_corrected <= LIMIT + INTERVAL, "{drift_corrected:?}");
    assert_eq!(rig.page("/healthz").await.0, 200, "it was not restarted");
}

fn name(number: usize) -> String {
    format!("outage-{number}")
}

fn optional(pool: &str) -> Value {
    with(totp(pool), "mfaConfiguration", json!("OPTIONAL"))
}

/// Whether these objects are in sync: their pools equal the specs, and their statuses say so.
async fn are_in_sync(rig: &TestNamespace, pools: &[String], which: impl Fn(usize) -> bool) -> bool {
    let objects = rig.objects().list(&ListParams::default()).await.expect("the objects are listed");
    let numbered = objects.iter().filter_map(|object| Some((number_of(object)?, object)));
    let world = rig.aws.state();
    let pool_equals_spec = |number: usize| {
        let mode = if number.is_multiple_of(4) { "OPTIONAL" } else { "ON" };
        world
            .pools
            .get(&pools[number])
            .is_some_and(|pool| pool.live.get("MfaConfiguration") == Some(&json!(mode)))
    };
    numbered
        .filter(|(number, _)| which(*number))
        .all(|(number, object)| pool_equals_spec(number) && reports_in_sync(number, object))
}

fn reports_in_sync(number: usize, object: &UserPoolMfaConfig) -> bool {
    let status = object.status.clone().unwrap_or_default();
    let corrections = usize::from(number % 4 == 1);
    status.observed_generation == object.metadata.generation
        && status.condition(ConditionType::Ready).is_some_and(|ready| ready.status == "True")
        && status.corrections.len() == corrections
}

/// The number in an object's name. The object that [`TestNamespace::settle`] creates has none.
fn number_of(object: &UserPoolMfaConfig) -> Option<usize> {
    object.name_any().strip_prefix("outage-")?.parse().ok()
}
