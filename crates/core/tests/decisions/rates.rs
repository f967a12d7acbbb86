//! What several tests of the queue ask of times and rates.

use std::{collections::VecDeque, time::Duration};

const SECOND: Duration = Duration::from_secs(1);

/// The most of these times that fall into any second.
pub fn busiest(times: impl Iterator<Item = Duration>) -> usize {
    let (mut window, mut most) = (VecDeque::new(), 0);
    for at in times {
        window.push_back(at);
        while window.front().is_some_and(|first| at.abs_diff(*first) >= SECOND) {
            window.pop_front();
        }
        most = most.max(window.len());
    }
    most
}

/// The rate, rounded up to a whole number.
pub fn ceil(rate: f64) -> usize {
    (0..100_u8).find(|whole| f64::from(*whole) >= rate).expect("no rate is as high").into()
}
