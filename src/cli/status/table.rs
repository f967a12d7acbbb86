//! The table of `status`, laid out like those of kubectl.

use std::time::Duration;

use cognito_mfa_core::{api::v1alpha1::MfaMode, elapsed::elapsed, status::summary::paths};
use jiff::Timestamp;

use crate::cli::{
    output::{GREEN, RED, YELLOW, styled},
    posture::{ObjectState, PoolReport},
};

const HEADINGS: [&str; 9] =
    ["NAMESPACE", "NAME", "POOL", "MODE", "FACTORS", "READY", "REASON", "VERIFIED", "DRIFT"];
/// The index of the column READY, which has a colour.
const READY: usize = 5;

type Cells = [String; HEADINGS.len()];

/// The widths of the columns. Lines that a watch adds later use them too.
pub(super) struct Layout {
    widths: [usize; HEADINGS.len()],
    show_namespaces: bool,
}

pub(super) fn table(pools: &[PoolReport], show_namespaces: bool, now: Timestamp) -> String {
    if pools.is_empty() {
        return String::new();
    }
    let layout = Layout::new(pools, show_namespaces, now);
    let lines = pools.iter().map(|pool| layout.line(pool, now));
    std::iter::once(layout.headings()).chain(lines).collect()
}

impl Layout {
    /// Columns that are wide enough for these objects.
    pub(super) fn new(pools: &[PoolReport], show_namespaces: bool, now: Timestamp) -> Self {
        let mut widths = HEADINGS.map(str::len);
        for pool in pools {
            for (width, cell) in widths.iter_mut().zip(cells(pool, now)) {
                *width = (*width).max(cell.chars().count());
            }
        }
        Self { widths, show_namespaces }
    }

    pub(super) fn headings(&self) -> String {
        self.join(&HEADINGS.map(str::to_owned), |_, cell| cell)
    }

    pub(super) fn line(&self, pool: &PoolReport, now: Timestamp) -> String {
        let style = |column: usize, cell: String| match pool.state {
            _ if column != READY => cell,
            ObjectState::InSync | ObjectState::Stronger => styled(GREEN, &cell),
            ObjectState::Differs | ObjectState::Failed => styled(RED, &cell),
            ObjectState::Waiting
            | ObjectState::OnHold
            | ObjectState::Contested
            | ObjectState::Suspended
            | ObjectState::Undeclared => styled(YELLOW, &cell),
        };
        self.join(&cells(pool, now), style)
    }

    fn join(&self, cells: &Cells, style: impl Fn(usize, String) -> String) -> String {
        let first = usize::from(!self.show_namespaces);
        let padded = |(column, cell): (usize, &String)| {
            style(column, format!("{cell:<width$}", width = self.widths[column]))
        };
        let cells: Vec<String> = cells.iter().enumerate().skip(first).map(padded).collect();
        cells.join("   ").trim_end().to_owned() + "\n"
    }
}

fn cells(pool: &PoolReport, now: Timestamp) -> Cells {
    let factors: Vec<&str> = pool.factors.iter().map(|factor| factor.short()).collect();
    [
        pool.namespace.clone(),
        pool.name.clone(),
        pool.user_pool_id.clone(),
        pool.mode.map_or("", MfaMode::as_str).to_owned(),
        factors.join(","),
        pool.ready.clone(),
        pool.reason.clone(),
        pool.verified.map(|time| age(elapsed(time, now))).unwrap_or_default(),
        paths(&pool.drift),
    ]
    .map(|cell| if cell.is_empty() { "<none>".to_owned() } else { cell })
}

/// An age in the largest unit of which it has at least two, as kubectl prints it.
fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_in_the_largest_unit_of_which_there_are_two() {
        let ages =
            [0, 119, 120, 7199, 7200, 172_799, 172_800].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(ages, ["0s", "119s", "2m", "119m", "2h", "47h", "2d"]);
    }
}
