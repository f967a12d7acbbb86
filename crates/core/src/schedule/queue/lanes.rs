//! The lanes of all quota scopes, and when each is asked for its next call.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use super::{CallRequest, MAX_RUNNING_PER_SCOPE, ObjectKey, Scope, Ticket, calls::NextCall, lane::Lane};
use crate::{calls::failure::Operation, schedule::quota::CallBudget};

/// A granted call, and the object whose reconciliation starts with it, if one does.
pub(super) type Granted = (Ticket, CallRequest, Option<ObjectKey>);

/// The lanes of the scopes that are used.
#[derive(Debug)]
pub(super) struct Lanes {
    share: f64,
    /// How many reconciliations that make no call to AWS may run at the same time.
    max_without_calls: usize,
    lanes: HashMap<Scope, Lane>,
    /// When each lane is to be asked for its next call. A lane that was used is asked at once.
    asks: BTreeSet<(Duration, Scope)>,
}

impl Lanes {
    /// No lanes, which will use `share` of the published quotas.
    pub fn new(share: f64, max_without_calls: usize) -> Self {
        Self { share, max_without_calls, lanes: HashMap::new(), asks: BTreeSet::new() }
    }

    /// The lane of a scope, in order to use it.
    pub fn lane(&mut self, scope: &Scope) -> &mut Lane {
        let (share, max_without_calls) = (self.share, self.max_without_calls);
        self.asks.insert((Duration::ZERO, scope.clone()));
        self.lanes.entry(scope.clone()).or_insert_with(|| match scope {
            Some(_) => Lane::of_scope(share, MAX_RUNNING_PER_SCOPE),
            None => Lane::without_calls(max_without_calls),
        })
    }

    /// Grants the next call of any lane, if one may be made now.
    pub fn next(&mut self, now: Duration) -> Option<Granted> {
        while self.next_ask().is_some_and(|at| at <= now)
            && let Some((_, scope)) = self.asks.pop_first()
        {
            let granted = self.ask(&scope, now);
            if granted.is_some() {
                return granted;
            }
        }
        None
    }

    /// When a lane is to be asked next; None when none is.
    pub fn next_ask(&self) -> Option<Duration> {
        self.asks.first().map(|(at, _)| *at)
    }

    /// The rate of an operation, in calls a second, in the scope where it is lowest.
    pub fn slowest(&self, operation: Operation) -> f64 {
        let full = CallBudget::new(operation, self.share).rate();
        self.lanes.values().map(|lane| lane.rate(operation)).fold(full, f64::min)
    }

    pub fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Asks a lane for its next call, and plans when it is asked again. A lane that nobody uses any more is dropped.
    fn ask(&mut self, scope: &Scope, now: Duration) -> Option<Granted> {
        let lane = self.lanes.get_mut(scope)?;
        let (next, key) = lane.next(now);
        let (granted, again) = match next {
            NextCall::Granted(ticket, request) => (Some((ticket, request, key)), Some(now)),
            NextCall::Wait(until) => (None, Some(until)),
            NextCall::Idle => match lane.expires_at() {
                Some(at) if at <= now => {
                    self.lanes.remove(scope);
                    (None, None)
                }
                expires_at => (None, expires_at),
            },
        };
        self.asks.extend(again.map(|at| (at, scope.clone())));
        granted
    }
}
