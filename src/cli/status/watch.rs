//! `status --watch`: the table drawn again on a terminal, a line added in a pipe.

use std::{
    io::{self, IsTerminal},
    pin::pin,
    time::Duration,
};

use futures::{FutureExt, StreamExt};
use jiff::Timestamp;
use kube::runtime::{
    WatchStreamExt,
    watcher::{self, watcher},
};
use serde::Serialize;

use super::{
    in_order, summary, table,
    watch_state::{Change, WatchEvent, WatchState},
};
use crate::cli::{
    ExitStatus,
    kube_access::KubeAccess,
    output::{self, Format, Output},
    posture::Pool,
};

/// How often a table on a terminal is drawn again although nothing happens: ages grow.
const AGES: Duration = Duration::from_secs(10);
/// How many lines a terminal has that does not say.
const LINES: u16 = 24;

/// Shows what changes until nobody reads any more.
///
/// # Errors
/// A sentence, when the cluster cannot be asked in the first place or nothing can be written.
pub async fn watch(reach: &KubeAccess, namespaces: bool, output: Output) -> Result<ExitStatus, String> {
    let mut seen = WatchState::default();
    let mut screen = Screen::new(namespaces, output);
    let mut events = pin!(watcher(reach.objects.clone(), watcher::Config::default()).default_backoff());
    let mut ages = tokio::time::interval(AGES);
    loop {
        let mut event = None;
        tokio::select! {
            next = events.next() => event = next,
            _ = ages.tick(), if screen.redraws => {}
        }
        // What came at once is drawn at once.
        while let Some(next) = event {
            match next {
                Ok(change) => seen.handle(change, Timestamp::now()),
                Err(error) if !seen.is_listed() => return Err(told(reach, error)),
                Err(error) => output::say(&format!("{}; trying again", told(reach, error))),
            }
            event = events.next().now_or_never().flatten();
        }
        if seen.is_listed() && !screen.show(&mut seen)? {
            return Ok(ExitStatus::Success);
        }
    }
}

fn told(reach: &KubeAccess, error: watcher::Error) -> String {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => reach.describe_error(&error),
        watcher::Error::WatchError(status) => reach.describe_error(&kube::Error::Api(status)),
        error @ watcher::Error::NoResourceVersion => error.to_string(),
    }
}

/// Where it is shown.
struct Screen {
    namespaces: bool,
    output: Output,
    /// Whether the whole table is drawn again, as on a terminal.
    redraws: bool,
    layout: Option<table::Layout>,
}

/// A change for a program.
#[derive(Serialize)]
struct Printed<'a> {
    event: WatchEvent,
    #[serde(flatten)]
    pool: &'a Pool,
}

impl Screen {
    fn new(namespaces: bool, output: Output) -> Self {
        let redraws = output.output == Format::Table && io::stdout().is_terminal();
        Self { namespaces, output, redraws, layout: None }
    }

    /// Shows what there is; false when nobody reads any more.
    fn show(&mut self, seen: &mut WatchState) -> Result<bool, String> {
        let changes = seen.changes();
        let text = match self.output.output {
            Format::Table if self.redraws => self.drawn(seen.pools()),
            Format::Table => self.lines(&changes),
            Format::Json => changes.iter().map(json).collect::<Result<_, _>>()?,
            Format::Yaml => changes.iter().map(yaml).collect::<Result<_, _>>()?,
        };
        output::print_while_open(&text)
    }

    /// The whole table, as much of it as the terminal has room for: what needs a person is on top.
    fn drawn(&self, pools: Vec<Pool>) -> String {
        let pools = in_order(pools);
        let table = table::table(&pools, self.namespaces, Timestamp::now());
        let room = usize::from(lines()).saturating_sub(2);
        let shown: String = table.split_inclusive('\n').take(room).collect();
        let shown = self.output.color.render(&shown);
        format!("\u{1b}[H\u{1b}[2J{shown}{}\n", summary(&pools))
    }

    /// The lines to add, below the headings.
    fn lines(&mut self, changes: &[Change]) -> String {
        let now = Timestamp::now();
        let mut text = String::new();
        if self.layout.is_none() && !changes.is_empty() {
            let pools: Vec<Pool> = changes.iter().map(|change| change.pool.clone()).collect();
            let layout = table::Layout::of(&pools, self.namespaces, now);
            text.push_str(&layout.headings());
            self.layout = Some(layout);
        }
        let lines =
            self.layout.iter().flat_map(|layout| changes.iter().map(|change| layout.line(&change.pool, now)));
        text.extend(lines);
        self.output.color.render(&text)
    }
}

fn json(change: &Change) -> Result<String, String> {
    let told = Printed { event: change.event, pool: &change.pool };
    serde_json::to_string(&told).map(|line| line + "\n").map_err(|error| error.to_string())
}

fn yaml(change: &Change) -> Result<String, String> {
    output::yaml(&Printed { event: change.event, pool: &change.pool }).map(|text| format!("---\n{text}"))
}

fn lines() -> u16 {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(LINES, |size| size.ws_row)
}
