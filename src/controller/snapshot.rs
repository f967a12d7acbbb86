//! What the metrics show of everything that the controller knows.

use cognito_mfa_core::calls::failure::Operation;

use super::{context::Context, table::Gauges};
use crate::ops::metrics::Snapshot;

/// Takes a snapshot at the current time.
pub fn snapshot(context: &Context) -> Snapshot {
    let leads = context.leadership.is_leading();
    let Gauges { by_reason, oldest_check_age, in_conflict } =
        if leads { context.table.gauges() } else { Gauges::default() };
    let on_hold = if leads { context.weakening_budget.waiting() } else { 0 };
    let rate = |operation| (operation, context.cognito.queue.ask(|queue, _| queue.slowest(operation)));
    Snapshot {
        by_reason,
        oldest_check_age,
        operator_conflicts: in_conflict,
        on_hold: i64::try_from(on_hold).unwrap_or(i64::MAX),
        interval_stretch: context.greatest_stretch(),
        rates: [Operation::Get, Operation::Set].map(rate).to_vec(),
        watches: context.watches.states.failing(),
    }
}
