//! Work for many pools at once, with a progress bar on a terminal.

use std::{
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicUsize, Ordering},
};

use futures::{StreamExt, stream};

/// In characters.
const WIDTH: usize = 30;

/// How many calls may be in flight at once. The quota limits how many are sent each second.
const MAX_CONCURRENT_CALLS: usize = 16;

/// Does the work for each item, several at a time, under a bar that counts pools. The results are in the order of the
/// items.
pub async fn for_each_pool<'a, T, R>(items: &'a [T], work: impl AsyncFn(&'a T) -> R) -> Vec<R> {
    let progress = Progress::new("pools", items.len());
    let each = items.iter().map(async |item| {
        let result = work(item).await;
        progress.step();
        result
    });
    let results = stream::iter(each).buffered(MAX_CONCURRENT_CALLS).collect().await;
    progress.end();
    results
}

/// A bar on standard error. Nothing is shown where that is no terminal, or where there is only one thing to do.
struct Progress {
    noun: &'static str,
    total: usize,
    done: AtomicUsize,
    shown: bool,
}

impl Progress {
    fn new(noun: &'static str, total: usize) -> Self {
        Self { noun, total, done: AtomicUsize::new(0), shown: total > 1 && io::stderr().is_terminal() }
    }

    fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown {
            show(&format!("\r{}", bar(done, self.total, self.noun)));
        }
    }

    /// Clears the bar.
    fn end(&self) {
        if self.shown {
            show("\r\u{1b}[K");
        }
    }
}

fn show(text: &str) {
    let mut out = io::stderr().lock();
    // A bar that cannot be written is no failure of the command.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn bar(done: usize, total: usize, noun: &str) -> String {
    let full = WIDTH * done.min(total) / total.max(1);
    format!("[{}{}] {done}/{total} {noun}", "#".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_and_never_beyond_its_width() {
        assert_eq!(bar(0, 4, "pools"), format!("[{}] 0/4 pools", " ".repeat(30)));
        assert_eq!(bar(1, 3, "pools"), format!("[{}{}] 1/3 pools", "#".repeat(10), " ".repeat(20)));
        assert_eq!(bar(5, 4, "pools"), format!("[{}] 5/4 pools", "#".repeat(30)));
    }
}
