//! How far a long command is, on a terminal.

use std::{
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicUsize, Ordering},
};

/// The bar's length in characters.
const WIDTH: usize = 30;

/// A bar on standard error; nothing where that is no terminal.
pub struct Progress {
    what: &'static str,
    all: usize,
    done: AtomicUsize,
    shown: bool,
}

impl Progress {
    /// Of so many things.
    #[must_use]
    pub fn new(what: &'static str, all: usize) -> Self {
        Self { what, all, done: AtomicUsize::new(0), shown: all > 1 && io::stderr().is_terminal() }
    }

    /// One more is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown {
            show(&format!("\r{}", bar(done, self.all, self.what)));
        }
    }

    /// All is done: the bar goes.
    pub fn end(&self) {
        if self.shown {
            show("\r\u{1b}[K");
        }
    }
}

fn show(text: &str) {
    let mut out = io::stderr().lock();
    // Whether a bar can be seen decides nothing.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn bar(done: usize, all: usize, what: &str) -> String {
    let full = WIDTH * done.min(all) / all.max(1);
    format!("[{}{}] {done}/{all} {what}", "#".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_and_never_out_of_its_frame() {
        assert_eq!(bar(0, 4, "pools"), format!("[{}] 0/4 pools", " ".repeat(30)));
        assert_eq!(bar(1, 3, "pools"), format!("[{}{}] 1/3 pools", "#".repeat(10), " ".repeat(20)));
        assert_eq!(bar(5, 4, "pools"), format!("[{}] 5/4 pools", "#".repeat(30)));
    }
}
