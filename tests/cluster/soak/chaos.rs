//! What goes wrong, by the dice.

use std::{collections::BTreeMap, time::Duration};

use cognito_emulator::{Effect, Fault, KeyStatus, When};
use serde_json::json;
use tokio::time::sleep;

use super::fleet::Fleet;
use crate::proxy::Mode;

/// What was done, and how often.
pub type Deeds = BTreeMap<&'static str, u32>;

/// Random numbers of a seed (SplitMix64), so that a run can be told to another.
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
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

/// One thing that goes wrong.
pub async fn mishap(fleet: &mut Fleet, dice: &mut Dice, kills: bool) -> &'static str {
    match dice.below(40) {
        0 if kills => {
            fleet.kill();
            fleet.start().await;
            "kill -9"
        }
        0..=2 => api_server(fleet, dice).await,
        3 => credentials(fleet, dice).await,
        4..=11 => by_hand(fleet, dice),
        12..=19 => {
            fleet.declare(dice.below(fleet.len())).await;
            "spec changed"
        }
        _ => aws(fleet, dice),
    }
}

async fn api_server(fleet: &mut Fleet, dice: &mut Dice) -> &'static str {
    let (mode, deed) =
        [(Mode::Refusing, "API server refuses"), (Mode::HalfOpen, "API server hangs")][dice.below(2)];
    fleet.api.turn(mode);
    sleep(dice.millis(500, 5_000)).await;
    fleet.api.turn(Mode::Open);
    deed
}

async fn credentials(fleet: &mut Fleet, dice: &mut Dice) -> &'static str {
    let (verdict, deed) =
        [(KeyStatus::Expired, "credentials expired"), (KeyStatus::Denied, "access denied")][dice.below(2)];
    fleet.rig.aws.state().iam.set_key_status("operator", verdict);
    sleep(dice.millis(200, 2_000)).await;
    fleet.rig.aws.state().iam.set_key_status("operator", KeyStatus::Allowed);
    deed
}

fn by_hand(fleet: &Fleet, dice: &mut Dice) -> &'static str {
    let patch = [
        json!({"MfaConfiguration": "OFF"}),
        json!({"MfaConfiguration": "OPTIONAL"}),
        json!({"SoftwareTokenMfaConfiguration": null}),
        json!({"EmailMfaConfiguration": {"Message": "by hand: {####}"}}),
    ];
    fleet.edit(dice.below(fleet.len()), &patch[dice.below(patch.len())]);
    "pool edited by hand"
}

fn aws(fleet: &Fleet, dice: &mut Dice) -> &'static str {
    let operation = ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"][dice.below(2)];
    let error = |code: &str| Effect::Error {
        code: code.into(),
        status: None,
        message: "by the dice".into(),
        reason_code: None,
    };
    let (effect, most, deed) = match dice.below(24) {
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
    let mut fault = Fault::next(operation, effect).times(u32::try_from(1 + dice.below(most)).expect("a few"));
    fault.when = [When::Before, When::After][dice.below(2)];
    fleet.rig.fault(fault.delayed(dice.millis(0, 1_500)));
    deed
}
