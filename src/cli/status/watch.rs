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
    order::sorted,
    table::{Layout, table},
    watch_state::{Change, WatchEvent, WatchState},
};
use crate::cli::{
    ExitStatus,
    kube_access::KubeAccess,
    output::{self, Format, Output},
    posture::{ObjectState, PoolReport},
};

/// A table on a terminal is drawn again this often although no object changes, because it shows ages.
const REDRAW_INTERVAL: Duration = Duration::from_secs(10);
/// The height of a terminal that does not report one.
const DEFAULT_HEIGHT: u16 = 24;

/// Shows changes until the reader closes the pipe.
pub(super) async fn watch(
    access: &KubeAccess,
    show_namespaces: bool,
    output: Output,
) -> Result<ExitStatus, String> {
    let mut state = WatchState::default();
    let mut screen = Screen::new(show_namespaces, output);
    let mut events = pin!(watcher(access.objects.clone(), watcher::Config::default()).default_backoff());
    let mut redraw = tokio::time::interval(REDRAW_INTERVAL);
    loop {
        let mut event = None;
        tokio::select! {
            next = events.next() => event = next,
            _ = redraw.tick(), if screen.redraws => {}
        }
        // Events that arrive together are drawn once.
        while let Some(next) = event {
            match next {
                Ok(event) => state.handle(event, Timestamp::now()),
                Err(error) if !state.is_listed() => return Err(sentence(access, error)),
                Err(error) => output::say(&format!("{}; trying again", sentence(access, error))),
            }
            event = events.next().now_or_never().flatten();
        }
        if state.is_listed() && !screen.show(&mut state)? {
            return Ok(ExitStatus::Success);
        }
    }
}

fn sentence(access: &KubeAccess, error: watcher::Error) -> String {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => access.describe_error(&error),
        watcher::Error::WatchError(status) => access.describe_error(&kube::Error::Api(status)),
        error @ watcher::Error::NoResourceVersion => error.to_string(),
    }
}

struct Screen {
    show_namespaces: bool,
    output: Output,
    /// Whether the whole table is drawn again at every change.
    redraws: bool,
    layout: Option<Layout>,
}

/// A change as JSON or YAML.
#[derive(Serialize)]
struct PrintedChange<'a> {
    event: WatchEvent,
    #[serde(flatten)]
    pool: &'a PoolReport,
}

impl Screen {
    fn new(show_namespaces: bool, output: Output) -> Self {
        let redraws = output.output == Format::Table && io::stdout().is_terminal();
        Self { show_namespaces, output, redraws, layout: None }
    }

    /// Prints the changes; false when the reader has closed the pipe.
    fn show(&mut self, state: &mut WatchState) -> Result<bool, String> {
        let changes = state.take_changes();
        let text = match self.output.output {
            Format::Table if self.redraws => self.full_table(state.pools()),
            Format::Table => self.new_lines(&changes),
            Format::Json => changes.iter().map(json).collect::<Result<_, _>>()?,
            Format::Yaml => changes.iter().map(yaml).collect::<Result<_, _>>()?,
        };
        output::print_while_open(&text)
    }

    /// The table on a cleared screen. A terminal that is too low shows its first lines.
    fn full_table(&self, pools: Vec<PoolReport>) -> String {
        let pools = sorted(pools);
        let table = table(&pools, self.show_namespaces, Timestamp::now());
        let height = usize::from(terminal_height()).saturating_sub(2);
        let visible: String = table.split_inclusive('\n').take(height).collect();
        let visible = self.output.color.render(&visible);
        format!("\u{1b}[H\u{1b}[2J{visible}{}\n", summary(&pools))
    }

    /// The lines of the changed objects. The first ones have the headings above them.
    fn new_lines(&mut self, changes: &[Change]) -> String {
        let now = Timestamp::now();
        let mut text = String::new();
        if self.layout.is_none() && !changes.is_empty() {
            let pools: Vec<PoolReport> = changes.iter().map(|change| change.pool.clone()).collect();
            let layout = Layout::new(&pools, self.show_namespaces, now);
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
    let printed = PrintedChange { event: change.event, pool: &change.pool };
    serde_json::to_string(&printed).map(|line| line + "\n").map_err(|error| error.to_string())
}

fn yaml(change: &Change) -> Result<String, String> {
    output::yaml(&PrintedChange { event: change.event, pool: &change.pool })
        .map(|text| format!("---\n{text}"))
}

/// The number of objects in each state, in one line.
fn summary(pools: &[PoolReport]) -> String {
    let number = |state: ObjectState| pools.iter().filter(|pool| pool.state == state).count();
    let present = ObjectState::all().filter(|state| number(*state) > 0);
    let parts: Vec<String> =
        present.map(|state| format!("{} {}", number(state), state.label().to_lowercase())).collect();
    format!("{}: {}", output::plural(pools.len(), "object"), parts.join(", "))
}

fn terminal_height() -> u16 {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(DEFAULT_HEIGHT, |size| size.ws_row)
}
