//! The promises of the operator in a simulated world: generated specs, hands, faults, clocks and restarts.
//!
//! `PROPTEST_CASES` sets the number of walks of each property; each walk has [`STEPS`] reconciliations.

mod edits;
mod limit;
mod promises;
mod quiet;
mod statements;

use cognito_emulator::Switches;
use cognito_mfa_core::api::v1alpha1::MfaSettings;
use proptest::{collection::vec, prelude::*};
use test_support::{
    arbitrary::{declared, observed_settings, switches},
    simulated_pool::SimulatedPool,
    simulated_world::{Change, Disturbance, World, step},
};

const STEPS: usize = 30;
/// The walks of each property in the suite.
const WALKS: u32 = 15;

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { WALKS };
    ProptestConfig { cases, max_shrink_iters: 20_000, ..default }
}

/// What happens in one walk.
#[derive(Clone, Debug)]
struct Walk {
    settings: MfaSettings,
    first: MfaSettings,
    switches: Switches,
    limit: usize,
    steps: Vec<(Vec<Change>, Disturbance)>,
}

impl Walk {
    fn world(&self) -> World {
        World::new(
            &self.settings,
            SimulatedPool::new(&self.first, &self.switches),
            u32::try_from(self.limit).expect("a small limit"),
        )
    }
}

fn walk() -> impl Strategy<Value = Walk> {
    (declared(), observed_settings(), switches(), 0usize..4, vec(step(), STEPS)).prop_map(
        |(settings, first, switches, limit, steps)| Walk { settings, first, switches, limit, steps },
    )
}
