//! The table, in the manner of kubectl.

use std::time::Duration;

use cognito_mfa_core::{api::v1alpha1::MfaMode, elapsed::elapsed, status::summary::paths};
use jiff::Timestamp;

use crate::cli::{
    output::{GREEN, RED, YELLOW, styled},
    posture::{ObjectState, Pool},
};

const HEADINGS: [&str; 9] =
    ["NAMESPACE", "NAME", "POOL", "MODE", "FACTORS", "READY", "REASON", "VERIFIED", "DRIFT"];
/// The column READY, which has a colour.
const READY: usize = 5;

type Cells = [String; HEADINGS.len()];

/// The widths of the columns, which a line that is added later keeps to.
pub struct Layout {
    widths: [usize; HEADINGS.len()],
    namespaces: bool,
}

/// The table of these objects.
pub fn table(pools: &[Pool], namespaces: bool, now: Timestamp) -> String {
    if pools.is_empty() {
        return String::new();
    }
    let layout = Layout::of(pools, namespaces, now);
    let lines = pools.iter().map(|pool| layout.line(pool, now));
    std::iter::once(layout.headings()).chain(lines).collect()
}

impl Layout {
    /// Wide enough for these.
    pub fn of(pools: &[Pool], namespaces: bool, now: Timestamp) -> Self {
        let mut widths = HEADINGS.map(str::len);
        for pool in pools {
            for (width, cell) in widths.iter_mut().zip(cells(pool, now)) {
                *width = (*width).max(cell.chars().count());
            }
        }
        Self { widths, namespaces }
    }

    pub fn headings(&self) -> String {
        self.joined(&HEADINGS.map(str::to_owned), |_, cell| cell)
    }

    pub fn line(&self, pool: &Pool, now: Timestamp) -> String {
        let style = |at: usize, cell: String| match (at, pool.state) {
            (READY, ObjectState::InSync) => styled(GREEN, &cell),
            (READY, ObjectState::Differs | ObjectState::Failed) => styled(RED, &cell),
            (READY, _) => styled(YELLOW, &cell),
            _ => cell,
        };
        self.joined(&cells(pool, now), style)
    }

    fn joined(&self, cells: &Cells, style: impl Fn(usize, String) -> String) -> String {
        let from = usize::from(!self.namespaces);
        let padded =
            |(at, cell): (usize, &String)| style(at, format!("{cell:<width$}", width = self.widths[at]));
        let cells: Vec<String> = cells.iter().enumerate().skip(from).map(padded).collect();
        cells.join("   ").trim_end().to_owned() + "\n"
    }
}

fn cells(pool: &Pool, now: Timestamp) -> Cells {
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

/// A time in the largest unit that it has two of, as kubectl has it.
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
    fn ages_are_in_the_largest_unit_that_they_have_two_of() {
        let shown =
            [0, 119, 120, 7199, 7200, 172_799, 172_800].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(shown, ["0s", "119s", "2m", "119m", "2h", "47h", "2d"]);
    }
}
