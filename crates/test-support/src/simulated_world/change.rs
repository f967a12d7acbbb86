//! What people do between two reconciliations.

use std::{collections::BTreeMap, time::Duration};

use cognito_mfa_core::api::v1alpha1::{
    ALLOW_LOWERING, AdoptionPolicy, DriftPolicy, ManagementPolicy, MfaSettings, RECONCILE_REQUESTED_AT,
    UserPoolMfaConfigStatus,
};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::World;
use crate::arbitrary::{declared, observed_settings};

/// A change of the object, its pool, a clock or the process.
#[derive(Clone, Debug)]
pub enum Change {
    /// The spec gets other settings.
    Declare(Box<MfaSettings>),
    /// The spec gets settings again that it had before: this many edits ago.
    Revert(usize),
    Observe(bool),
    Overwrite(bool),
    Exact(bool),
    Suspend(bool),
    /// Somebody asks for a check.
    Request(u8),
    /// Somebody approves the weakening write of the present generation.
    Approve,
    /// Somebody writes the pool by hand.
    ByHand(Box<MfaSettings>),
    Restart,
    LoseStatus,
    /// The wall clock jumps by so many seconds.
    Jump(i64),
    /// So many seconds pass.
    Wait(u64),
}

pub fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => declared().prop_map(|settings| Change::Declare(Box::new(settings))),
        4 => (1usize..4).prop_map(Change::Revert),
        1 => proptest::bool::weighted(0.2).prop_map(Change::Observe),
        2 => any::<bool>().prop_map(Change::Overwrite),
        1 => proptest::bool::weighted(0.3).prop_map(Change::Exact),
        1 => proptest::bool::weighted(0.3).prop_map(Change::Suspend),
        1 => any::<u8>().prop_map(Change::Request),
        1 => Just(Change::Approve),
        6 => observed_settings().prop_map(|settings| Change::ByHand(Box::new(settings))),
        1 => Just(Change::Restart),
        1 => Just(Change::LoseStatus),
        1 => (-200_000i64..200_000).prop_map(Change::Jump),
        1 => (0u64..10_000).prop_map(Change::Wait),
    ]
}

impl World {
    pub fn apply_all(&mut self, changes: &[Change]) {
        for change in changes {
            self.apply(change);
        }
    }

    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Declare(settings) => self.declare(settings),
            Change::Revert(ago) => {
                let earlier = self.declared.len().saturating_sub(1 + ago);
                self.declare(&self.declared[earlier].clone());
            }
            Change::Observe(_) | Change::Overwrite(_) | Change::Exact(_) | Change::Suspend(_) => {
                self.set_policy(change);
            }
            Change::Request(value) => self.annotate(RECONCILE_REQUESTED_AT, &value.to_string()),
            Change::Approve => {
                let generation = self.object.metadata.generation.unwrap_or_default();
                self.annotate(ALLOW_LOWERING, &generation.to_string());
            }
            Change::ByHand(settings) => self.change_pool(settings),
            Change::Restart => self.restart(),
            Change::LoseStatus => {
                self.object.status =
                    Some(UserPoolMfaConfigStatus { observed_generation: Some(-1), ..Default::default() });
            }
            Change::Jump(seconds) => self.jump(SignedDuration::from_secs(*seconds)),
            Change::Wait(seconds) => self.pass_time(Duration::from_secs(*seconds)),
        }
    }

    fn declare(&mut self, settings: &MfaSettings) {
        self.declared.push(settings.clone());
        let mut spec = self.object.spec.clone();
        spec.settings = settings.clone();
        self.edit(spec);
    }

    fn set_policy(&mut self, change: &Change) {
        let mut spec = self.object.spec.clone();
        match *change {
            Change::Observe(true) => spec.management_policy = ManagementPolicy::Observe,
            Change::Observe(false) => spec.management_policy = ManagementPolicy::Enforce,
            Change::Overwrite(true) => spec.adoption_policy = AdoptionPolicy::Overwrite,
            Change::Overwrite(false) => spec.adoption_policy = AdoptionPolicy::Hold,
            Change::Exact(true) => spec.drift_policy = DriftPolicy::Exact,
            Change::Exact(false) => spec.drift_policy = DriftPolicy::KeepStronger,
            Change::Suspend(suspend) => spec.suspend = suspend,
            _ => {}
        }
        self.edit(spec);
    }

    /// The API server counts a generation for a spec that differs.
    fn edit(&mut self, spec: cognito_mfa_core::api::v1alpha1::UserPoolMfaConfigSpec) {
        if self.object.spec != spec {
            self.object.spec = spec;
            self.object.metadata.generation = self.object.metadata.generation.map(|it| it + 1);
        }
    }

    fn annotate(&mut self, name: &str, value: &str) {
        let annotations = self.object.metadata.annotations.get_or_insert_with(BTreeMap::new);
        annotations.insert(name.to_owned(), value.to_owned());
    }
}
