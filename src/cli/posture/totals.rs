//! The report on the whole fleet: its objects in order, and their totals.

use std::{cmp::Reverse, collections::HashMap};

use cognito_mfa_core::{api::v1alpha1::MfaMode, text::safe};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    factors::Factor, listed_object::ListedObject, pool_report::PoolReport, proof::ProofCriteria,
    rules::RuleResult, state::ObjectState, text::one_line,
};

/// The report on a fleet at one time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Posture {
    /// The time of the report.
    pub at: Timestamp,
    /// The maximum age, in seconds, of the last verification of a proven pool.
    pub max_age_seconds: u64,
    /// The cluster or the files that the objects come from.
    #[serde(flatten)]
    pub source: Source,
    /// The numbers of objects and pools.
    pub totals: Totals,
    /// The objects, by namespace and name. Then the pools that no object declares, by their ids.
    pub pools: Vec<PoolReport>,
}

/// The cluster or the files that the objects of a report come from.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The address of the cluster, or the names of the files.
    pub source: String,
    /// The documents, regions and pools that could not be read: objects or pools may be missing.
    pub unread: Vec<String>,
    /// The regions of the account in which pools without an object were looked for. Absent when AWS was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<String>>,
}

impl Source {
    /// Names and contents of files may hold any characters. All file names are shown, however many there are.
    fn sanitized(self) -> Self {
        let unread = self.unread.iter().map(|problem| one_line(problem)).collect();
        Self { source: safe(&self.source, usize::MAX), unread, ..self }
    }
}

/// The numbers of objects and pools. A pool with several objects counts once, with the object that counts for it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// The number of objects.
    pub objects: usize,
    /// The number of pools.
    pub pools: usize,
    /// The number of pools that no object declares, as far as AWS was asked for them.
    pub undeclared: usize,
    /// The number of pools for which a fresh read shows what Cognito has.
    pub proven: usize,
    /// The proven pools by their mode.
    pub modes: Vec<Count<MfaMode>>,
    /// The proven pools by the factors that they have enabled.
    pub factors: Vec<Count<Factor>>,
    /// The objects by their state, and the pools without one.
    pub states: Vec<Count<ObjectState>>,
    /// The pools by the result of [`super::Rule::MfaEnabled`].
    pub mfa_enabled: Vec<Count<RuleResult>>,
    /// The pools by the result of [`super::Rule::NoSms`].
    pub no_sms: Vec<Count<RuleResult>>,
    /// The number of recorded corrections of drift.
    pub corrections: usize,
    /// The number of objects with an exception.
    pub with_exceptions: usize,
}

/// The number of objects or pools of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count<T> {
    /// The mode, factor, state or result that is counted.
    pub of: T,
    /// The number of objects or pools that have it.
    pub count: usize,
}

impl Posture {
    /// The report on these objects. Their order does not matter.
    #[must_use]
    pub fn new(objects: &[ListedObject], criteria: &ProofCriteria, source: Source) -> Self {
        let mut pools: Vec<_> = objects.iter().map(|object| PoolReport::new(object, criteria)).collect();
        pools.sort_by_cached_key(report_order);
        // Two files may list the same object.
        pools.dedup_by(|later, first| !first.uid.is_empty() && later.uid == first.uid);
        choose_counted_objects(&mut pools);
        Self {
            at: criteria.at,
            max_age_seconds: criteria.max_age.as_secs(),
            source: source.sanitized(),
            totals: Totals::new(&pools),
            pools,
        }
    }

    /// This report, with pools that no object declares.
    #[must_use]
    pub fn with_undeclared(mut self, pools: Vec<PoolReport>) -> Self {
        self.pools.extend(pools);
        self.totals = Totals::new(&self.pools);
        self
    }
}

/// By namespace and name. Of several dumps of one object the latest generation comes first: it makes the others obsolete.
/// Of two dumps of one generation the one that proves nothing comes first. The debug text makes the order total.
fn report_order(pool: &PoolReport) -> impl Ord + use<> {
    let dump_order = (Reverse(pool.generation), pool.is_proven(), Reverse(pool.verified));
    (pool.namespace.clone(), pool.name.clone(), pool.uid.clone(), dump_order, format!("{pool:?}"))
}

/// Of several objects for a pool, the latest proven one counts. Without one the oldest counts, which owns the pool.
fn choose_counted_objects(pools: &mut [PoolReport]) {
    let mut counted: HashMap<String, usize> = HashMap::new();
    for (index, pool) in pools.iter().enumerate().filter(|(_, pool)| !pool.user_pool_id.is_empty()) {
        let best = counted.entry(pool.user_pool_id.clone()).or_insert(index);
        if proof_rank(pool) > proof_rank(&pools[*best]) {
            *best = index;
        }
    }
    for (index, pool) in pools.iter_mut().enumerate() {
        pool.counts_for_pool = counted.get(&pool.user_pool_id).is_none_or(|&best| best == index);
    }
}

fn proof_rank(pool: &PoolReport) -> (bool, Option<Timestamp>, Reverse<Option<Timestamp>>) {
    let is_proven = pool.is_proven();
    (is_proven, pool.verified.filter(|_| is_proven), Reverse(pool.created))
}

impl Totals {
    fn new(reports: &[PoolReport]) -> Self {
        let objects: Vec<_> = reports.iter().filter(|report| !report.is_undeclared()).collect();
        let pools: Vec<&PoolReport> = reports.iter().filter(|pool| pool.counts_for_pool).collect();
        let proven: Vec<&PoolReport> = pools.iter().copied().filter(|pool| pool.is_proven()).collect();
        let modes = [MfaMode::On, MfaMode::Optional, MfaMode::Off];
        Self {
            objects: objects.len(),
            pools: pools.len(),
            undeclared: reports.len() - objects.len(),
            proven: proven.len(),
            modes: counts(modes.into_iter(), |mode| count(&proven, |pool| pool.mode == Some(mode))),
            factors: counts(Factor::all(), |factor| count(&proven, |pool| pool.factors.contains(&factor))),
            states: counts(ObjectState::all(), |state| {
                reports.iter().filter(|pool| pool.state == state).count()
            }),
            mfa_enabled: counts(RuleResult::all(), |result| count(&pools, |pool| pool.mfa_enabled == result)),
            no_sms: counts(RuleResult::all(), |result| count(&pools, |pool| pool.no_sms == result)),
            corrections: objects.iter().map(|pool| pool.corrections.len()).sum(),
            with_exceptions: objects.iter().filter(|pool| !pool.exceptions.is_empty()).count(),
        }
    }

    /// The number of one kind among these counts.
    #[must_use]
    pub fn count<T: Copy + PartialEq>(counts: &[Count<T>], kind: T) -> usize {
        counts.iter().find(|count| count.of == kind).map_or(0, |count| count.count)
    }
}

fn counts<T: Copy>(kinds: impl Iterator<Item = T>, count: impl Fn(T) -> usize) -> Vec<Count<T>> {
    kinds.map(|of| Count { of, count: count(of) }).collect()
}

fn count(pools: &[&PoolReport], applies: impl Fn(&PoolReport) -> bool) -> usize {
    pools.iter().filter(|pool| applies(pool)).count()
}
