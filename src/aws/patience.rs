//! How long a command waits while AWS throttles its reads. The operator does not need this: it reads again at the next
//! check.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

/// Without any answer for this long, nothing more is read.
pub const LONGEST_THROTTLING: Duration = Duration::from_mins(1);

/// Shared by the calls of a command: as long as AWS accepts some of them, the others wait.
pub struct Patience {
    throttled_since: Mutex<Option<Instant>>,
    on_throttled: Box<dyn Fn() + Send + Sync>,
}

impl Patience {
    /// `on_throttled` is called whenever AWS begins to throttle.
    pub fn new(on_throttled: impl Fn() + Send + Sync + 'static) -> Self {
        Self { throttled_since: Mutex::default(), on_throttled: Box::new(on_throttled) }
    }

    pub(super) fn record_accepted(&self) {
        *self.throttled_since.lock() = None;
    }

    pub(super) fn record_throttled(&self) {
        let mut since = self.throttled_since.lock();
        if since.is_none() {
            *since = Some(Instant::now());
            (self.on_throttled)();
        }
    }

    /// Returns once AWS has accepted no call for too long.
    pub(super) async fn exhausted(&self) {
        loop {
            let throttled = self.throttled_since.lock().map_or(Duration::ZERO, |since| since.elapsed());
            match LONGEST_THROTTLING.checked_sub(throttled) {
                None | Some(Duration::ZERO) => return,
                Some(left) => sleep(left).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures::FutureExt;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn patience_ends_a_minute_after_the_last_accepted_call() {
        let notes = Arc::new(AtomicUsize::new(0));
        let counted = notes.clone();
        let patience = Patience::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let is_exhausted = || patience.exhausted().now_or_never().is_some();
        advance(LONGEST_THROTTLING * 2).await;
        assert!(!is_exhausted());
        patience.record_throttled();
        patience.record_throttled();
        assert_eq!(notes.load(Ordering::SeqCst), 1);
        advance(LONGEST_THROTTLING / 2).await;
        patience.record_accepted();
        patience.record_throttled();
        advance(LONGEST_THROTTLING / 2).await;
        assert!(!is_exhausted());
        let start = Instant::now();
        patience.exhausted().await;
        assert!(
            start.elapsed() <= LONGEST_THROTTLING / 2 + Duration::from_millis(2),
            "{:?}",
            start.elapsed()
        );
        assert!(is_exhausted());
        patience.record_accepted();
        assert!(!is_exhausted());
    }
}
