//! The accounts file as it is mounted: read at the start and again whenever it changes.
//!
//! It is looked at every few seconds. Mounted ConfigMaps and Secrets change by a swap of links, which file watches miss
//! or take for a deletion.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cognito_mfa_core::{
    access::accounts::Accounts, api::v1alpha1::EventReason, digest::digest, status::event::Event,
};
use futures::channel::mpsc;
use k8s_openapi::api::core::v1::Pod;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::{context::Context, events::Events};
use crate::ops::{
    health::{Health, Pulse},
    metrics::Metrics,
};

/// How often the file is looked at.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The most that a ConfigMap or a Secret holds.
const MAX_BYTES: u64 = 1 << 20;

/// An accounts file, and what it said when it was last looked at.
pub struct AccountsFile {
    path: PathBuf,
    seen: Option<Result<Vec<u8>, String>>,
    events: Events,
    pod: Option<Pod>,
    metrics: Arc<Metrics>,
}

impl AccountsFile {
    /// A file that has not been looked at. Events about it are events of this Pod, where it is one.
    pub fn new(path: PathBuf, events: Events, metrics: Arc<Metrics>) -> Self {
        Self { path, seen: None, events, pod: own_pod(), metrics }
    }

    /// The accounts of the first file that is right. Until then nothing may begin, and `health` says why.
    pub async fn first(&mut self, health: &Health) -> Accounts {
        loop {
            // No watch is asked yet, so none has answered.
            health.pulses.iter().for_each(Pulse::beat);
            match self.poll().await {
                Some(Ok(accounts)) => {
                    health.block(None);
                    return accounts;
                }
                Some(Err(why)) => health.block(Some(why)),
                None => {}
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The accounts of the next file that is right and other than before. While there is none the last ones stay in force.
    pub async fn next(&mut self) -> Accounts {
        loop {
            sleep(POLL_INTERVAL).await;
            if let Some(Ok(accounts)) = self.poll().await {
                return accounts;
            }
        }
    }

    /// What the file says, if that is other than at the last look.
    async fn poll(&mut self) -> Option<Result<Accounts, String>> {
        let path = self.path.clone();
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        let content = read.unwrap_or_else(|_| Err("could not be read".into()));
        if self.seen.as_ref() == Some(&content) {
            return None;
        }
        let accounts = content.as_ref().map_err(Clone::clone).and_then(|content| Accounts::parse(content));
        let accounts = accounts.map_err(|why| format!("{}: {why}", self.path.display()));
        let name = digest(content.as_ref().map_or_else(|why| why.as_bytes(), Vec::as_slice)) >> 96;
        let again = self.seen.replace(content).is_some();
        self.metrics.accounts_file(accounts.is_ok());
        self.report(accounts.as_ref().err(), again, &format!("Load {name:08x}"));
        Some(accounts)
    }

    /// Tells people, who are not waited for: what has changed takes effect at once.
    fn report(&self, rejected: Option<&String>, again: bool, action: &str) {
        let event = if let Some(why) = rejected {
            let note = format!(
                "The accounts file is not taken: the last good one stays in force, and without one no AWS call is made. {why}"
            );
            Event::warning(EventReason::AccountsFileRejected, action, &note)
        } else {
            Event::normal(EventReason::AccountsFileLoaded, action, "What the accounts file says is in force.")
        };
        if event.warning {
            tracing::error!("{}", event.note);
        } else {
            tracing::info!(content = action, "{}", event.note);
        }
        if let Some(pod) = self.pod.clone().filter(|_| event.warning || again) {
            let events = self.events.clone();
            tokio::spawn(async move { events.publish(&pod, event).await });
        }
    }
}

/// The rights to begin with.
pub async fn first_accounts(file: Option<&mut AccountsFile>, health: &Health) -> Accounts {
    match file {
        Some(file) => file.first(health).await,
        None => Accounts::without_file(),
    }
}

/// Begins to look for changes of the accounts file, where there is one, until the guard is dropped. The stream has an
/// item whenever all objects may pass anew.
pub fn watch_accounts_file(
    file: Option<AccountsFile>,
    context: &Arc<Context>,
) -> (Option<AbortOnDropHandle<()>>, mpsc::UnboundedReceiver<()>) {
    let (granted, grants) = mpsc::unbounded();
    let reloads = file.map(|file| reload(file, context.clone(), granted));
    (reloads.map(|reloads| AbortOnDropHandle::new(tokio::spawn(reloads))), grants)
}

/// Puts in force what the accounts file says next, again and again, and wakes all objects each time.
async fn reload(mut file: AccountsFile, context: Arc<Context>, granted: mpsc::UnboundedSender<()>) {
    loop {
        let accounts = file.next().await;
        context.set_accounts(accounts);
        // The receiver lives as long as the controller; after it nobody needs to wake.
        let _ = granted.unbounded_send(());
    }
}

/// The content of a file. Nothing that may block for ever is opened.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read ({error})");
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err("is not a file".into());
    }
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut content))
        .map_err(unreadable)?;
    if u64::try_from(content.len()).is_ok_and(|length| length <= MAX_BYTES) {
        return Ok(content);
    }
    Err("is larger than 1 MiB".into())
}

/// The Pod that this process is in, as deploy/ tells it.
fn own_pod() -> Option<Pod> {
    let told = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut pod = Pod::default();
    pod.metadata.name = Some(told("POD_NAME")?);
    pod.metadata.namespace = Some(told("POD_NAMESPACE")?);
    // kubectl describe shows a Pod the events that have its UID.
    pod.metadata.uid = told("POD_UID");
    Some(pod)
}
