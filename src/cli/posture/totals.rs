//! The whole fleet: the pools in order, and what they add up to.

use std::{cmp::Reverse, collections::HashMap};

use cognito_mfa_core::{api::v1alpha1::MfaMode, text};
use jiff::Timestamp;
use serde::Serialize;

use super::{Factor, Limits, ObjectState, Pool, Record, Standing, shown};

/// The fleet at a time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Posture {
    /// The time of the report.
    pub at: Timestamp,
    /// How old, in seconds, the last verification of a proven pool may be.
    pub max_age_seconds: u64,
    /// Where the objects are from.
    #[serde(flatten)]
    pub source: Source,
    /// What the pools add up to.
    pub totals: Totals,
    /// The objects, by namespace and name.
    pub pools: Vec<Pool>,
}

/// Where the objects of a report are from.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The cluster or the files.
    pub source: String,
    /// What could not be read there, so that objects may be missing.
    pub unread: Vec<String>,
}

impl Source {
    /// The names of files, and what is quoted of them, are anybody's text. No file is left out, however many they are.
    fn fit(self) -> Self {
        let unread = self.unread.iter().map(|problem| shown(problem)).collect();
        Self { source: text::safe(&self.source, usize::MAX), unread }
    }
}

/// What the pools add up to. A pool with several objects counts once, as the object has it that speaks for it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// The objects.
    pub objects: usize,
    /// The pools.
    pub pools: usize,
    /// The pools of which a fresh, Ready status says what Cognito has.
    pub proven: usize,
    /// The proven pools by their mode.
    pub modes: Vec<Count<MfaMode>>,
    /// The proven pools that have a factor on.
    pub factors: Vec<Count<Factor>>,
    /// The objects by how they stand.
    pub states: Vec<Count<ObjectState>>,
    /// The pools against AWS Config cognito-user-pool-mfa-enabled and Security Hub Cognito.5.
    pub mfa_enabled: Vec<Count<Standing>>,
    /// The pools against: MFA for everybody, and none by SMS.
    pub no_sms: Vec<Count<Standing>>,
    /// The recorded corrections of drift.
    pub corrections: usize,
    /// The objects with an exception.
    pub with_exceptions: usize,
}

/// How many there are of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count<T> {
    /// The kind.
    pub of: T,
    /// How many.
    pub count: usize,
}

impl Posture {
    /// What the objects prove; the same for the same objects in any order.
    #[must_use]
    pub fn of(records: &[Record], limits: &Limits, source: Source) -> Self {
        let mut pools: Vec<Pool> = records.iter().map(|record| Pool::of(record, limits)).collect();
        pools.sort_by_cached_key(place);
        // The same object in two files is one object: what was said of it last.
        pools.dedup_by(|later, first| !first.uid.is_empty() && later.uid == first.uid);
        choose_owners(&mut pools);
        Self {
            at: limits.at,
            max_age_seconds: limits.max_age.as_secs(),
            source: source.fit(),
            totals: Totals::of(&pools),
            pools,
        }
    }
}

/// Where an object stands, and of several dumps of one which is first: a later generation makes an earlier word void,
/// and of two words on the same generation the doubt counts. All its fields make the order total.
fn place(pool: &Pool) -> impl Ord + use<> {
    let seen = (Reverse(pool.generation), pool.is_proven(), Reverse(pool.verified));
    (pool.namespace.clone(), pool.name.clone(), pool.uid.clone(), seen, format!("{pool:?}"))
}

/// Of several objects for a pool the one whose word is proven, and then the latest; else the oldest, which owns it.
fn choose_owners(pools: &mut [Pool]) {
    let mut speakers: HashMap<String, usize> = HashMap::new();
    for (at, pool) in pools.iter().enumerate().filter(|(_, pool)| !pool.user_pool_id.is_empty()) {
        let speaker = speakers.entry(pool.user_pool_id.clone()).or_insert(at);
        if word(pool) > word(&pools[*speaker]) {
            *speaker = at;
        }
    }
    for (at, pool) in pools.iter_mut().enumerate() {
        pool.speaks_for_pool = speakers.get(&pool.user_pool_id).is_none_or(|&speaker| speaker == at);
    }
}

fn word(pool: &Pool) -> (bool, Option<Timestamp>, Reverse<Option<Timestamp>>) {
    let proven = pool.is_proven();
    (proven, pool.verified.filter(|_| proven), Reverse(pool.created))
}

impl Totals {
    fn of(objects: &[Pool]) -> Self {
        let pools: Vec<&Pool> = objects.iter().filter(|pool| pool.speaks_for_pool).collect();
        let proven: Vec<&Pool> = pools.iter().copied().filter(|pool| pool.is_proven()).collect();
        let modes = [MfaMode::On, MfaMode::Optional, MfaMode::Off];
        Self {
            objects: objects.len(),
            pools: pools.len(),
            proven: proven.len(),
            modes: counts(modes.into_iter(), |mode| count(&proven, |pool| pool.mode == Some(mode))),
            factors: counts(Factor::all(), |factor| count(&proven, |pool| pool.factors.contains(&factor))),
            states: counts(ObjectState::all(), |state| {
                objects.iter().filter(|pool| pool.state == state).count()
            }),
            mfa_enabled: counts(Standing::all(), |is| count(&pools, |pool| pool.mfa_enabled == is)),
            no_sms: counts(Standing::all(), |is| count(&pools, |pool| pool.no_sms == is)),
            corrections: objects.iter().map(|pool| pool.corrections.len()).sum(),
            with_exceptions: objects.iter().filter(|pool| !pool.exceptions.is_empty()).count(),
        }
    }

    /// How many there are of a kind.
    #[must_use]
    pub fn count<T: Copy + PartialEq>(counts: &[Count<T>], kind: T) -> usize {
        counts.iter().find(|count| count.of == kind).map_or(0, |count| count.count)
    }
}

fn counts<T: Copy>(kinds: impl Iterator<Item = T>, count: impl Fn(T) -> usize) -> Vec<Count<T>> {
    kinds.map(|of| Count { of, count: count(of) }).collect()
}

fn count(pools: &[&Pool], is: impl Fn(&Pool) -> bool) -> usize {
    pools.iter().filter(|pool| is(pool)).count()
}
