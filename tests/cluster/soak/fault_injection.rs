//! Random faults.

use std::{collections::BTreeMap, time::Duration};

use cognito_emulator::{Effect, Fault, KeyStatus, When};
use serde_json::json;
use tokio::time::sleep;

use super::fleet::Fleet;
use crate::tcp_proxy::Mode;

/// The number of injected faults by kind.
pub type FaultCounts = BTreeMap<&'static str, u32>;

/// Random numbers from a seed (SplitMix64), so that a run can be repeated.
pub struct Random(u64);

impl Random {
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// A random number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let (mixed, end) = (mixed ^ (mixed >> 31), u64::try_from(end).expect("64 bits"));
        usize::try_from(mixed % end).expect("it was one")
    }

    fn millis(&mut self, from: usize, to: usize) -> Duration {
        Duration::from_millis(u64::try_from(from + self.below(to - from)).expect("64 bits"))
    }
}

/// Injects one random fault, or changes one spec. Returns its kind.
pub async fn inject_fault(fleet: &mut Fleet, random: &mut Random, with_kills: bool) -> &'static str {
    match random.below(40) {
        0 if with_kills => {
            fleet.kill();
            fleet.start().await;
            "kill -9"
        }
        0..=2 => break_api_server(fleet, random).await,
        3 => reject_credentials(fleet, random).await,
        4..=11 => edit_pool(fleet, random),
        12..=19 => {
            fleet.change_spec(random.below(fleet.len())).await;
            "spec changed"
        }
        _ => break_aws(fleet, random),
    }
}

async fn break_api_server(fleet: &mut Fleet, random: &mut Random) -> &'static str {
    let (mode, kind) =
        [(Mode::Refusing, "API server refuses"), (Mode::HalfOpen, "API server hangs")][random.below(2)];
    fleet.api.set_mode(mode);
    sleep(random.millis(500, 5_000)).await;
    fleet.api.set_mode(Mode::Open);
    kind
}

async fn reject_credentials(fleet: &mut Fleet, random: &mut Random) -> &'static str {
    let (verdict, kind) =
        [(KeyStatus::Expired, "credentials expired"), (KeyStatus::Denied, "access denied")][random.below(2)];
    fleet.rig.aws.state().iam.set_key_status("operator", verdict);
    sleep(random.millis(200, 2_000)).await;
    fleet.rig.aws.state().iam.set_key_status("operator", KeyStatus::Allowed);
    kind
}

fn edit_pool(fleet: &Fleet, random: &mut Random) -> &'static str {
    let patch = [
        json!({"MfaConfiguration": "OFF"}),
        json!({"MfaConfiguration": "OPTIONAL"}),
        json!({"SoftwareTokenMfaConfiguration": null}),
        json!({"EmailMfaConfiguration": {"Message": "by hand: {####}"}}),
    ];
    fleet.edit(random.below(fleet.len()), &patch[random.below(patch.len())]);
    "pool edited by hand"
}

fn break_aws(fleet: &Fleet, random: &mut Random) -> &'static str {
    let operation = ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"][random.below(2)];
    let error = |code: &str| Effect::Error {
        code: code.into(),
        status: None,
        message: "a random fault".into(),
        reason_code: None,
    };
    let (effect, most_calls, kind) = match random.below(24) {
        0 => (error("TooManyRequestsException"), 1, "throttled"),
        1..=4 => (error("InternalErrorException"), 6, "internal error"),
        5..=6 => (error("ConcurrentModificationException"), 3, "concurrent modification"),
        7 => (error("InvalidParameterException"), 2, "invalid parameter"),
        8 => (error("ResourceNotFoundException"), 2, "pool not found"),
        9..=12 => (Effect::Truncated, 3, "truncated"),
        13..=16 => (Effect::HangUp, 6, "hung up"),
        17 => (Effect::Hang, 2, "hangs"),
        18..=19 => (Effect::Raw { status: 503, body: "<html>busy</html>".into() }, 4, "503"),
        _ => (Effect::Delay, 6, "delayed"),
    };
    let mut fault =
        Fault::next(operation, effect).times(u32::try_from(1 + random.below(most_calls)).expect("a few"));
    fault.when = [When::Before, When::After][random.below(2)];
    fleet.rig.fault(fault.delayed(random.millis(0, 1_500)));
    kind
}
