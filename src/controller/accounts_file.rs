//! Reads the accounts file at the start and again whenever it changes.
//!
//! The file is polled: kubelet updates a mounted ConfigMap or Secret by swapping symbolic links, which file watches miss
//! or report as a deletion.

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

const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The maximum size of a ConfigMap or Secret.
const MAX_BYTES: u64 = 1 << 20;

/// The accounts file, and its content when it was last read.
pub struct AccountsFile {
    path: PathBuf,
    content: Option<Result<Vec<u8>, String>>,
    events: Events,
    pod: Option<Pod>,
    metrics: Arc<Metrics>,
}

impl AccountsFile {
    /// A file that was not read yet. Events about it regard this Pod, if the process runs in one.
    pub fn new(path: PathBuf, events: Events, metrics: Arc<Metrics>) -> Self {
        Self { path, content: None, events, pod: own_pod(), metrics }
    }

    /// Waits for the first valid file. Until then nothing may be reconciled, and `health` says why.
    pub async fn first(&mut self, health: &Health) -> Accounts {
        loop {
            // The watches start later: without these beats they would look dead.
            health.pulses.iter().for_each(Pulse::beat);
            match self.poll().await {
                Some(Ok(accounts)) => {
                    health.block(None);
                    return accounts;
                }
                Some(Err(reason)) => health.block(Some(reason)),
                None => {}
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Waits for the next valid file that differs from the last one. An invalid file is only reported.
    pub async fn next(&mut self) -> Accounts {
        loop {
            sleep(POLL_INTERVAL).await;
            if let Some(Ok(accounts)) = self.poll().await {
                return accounts;
            }
        }
    }

    /// The accounts, or why the file is invalid. None if the content is still the same.
    async fn poll(&mut self) -> Option<Result<Accounts, String>> {
        let path = self.path.clone();
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        let content = read.unwrap_or_else(|_| Err("could not be read".into()));
        if self.content.as_ref() == Some(&content) {
            return None;
        }
        let accounts = content.as_ref().map_err(Clone::clone).and_then(|content| Accounts::parse(content));
        let accounts = accounts.map_err(|reason| format!("{}: {reason}", self.path.display()));
        let version = digest(content.as_ref().map_or_else(|reason| reason.as_bytes(), Vec::as_slice)) >> 96;
        let is_reload = self.content.replace(content).is_some();
        self.metrics.accounts_file.record_read(accounts.is_ok());
        self.report(accounts.as_ref().err(), is_reload, &format!("Load {version:08x}"));
        Some(accounts)
    }

    /// Logs the result and publishes it as an event, without waiting: a changed file takes effect at once.
    fn report(&self, rejected: Option<&String>, is_reload: bool, action: &str) {
        let event = if let Some(reason) = rejected {
            let note = format!(
                "The accounts file is rejected: the last valid one stays in force, and without one no AWS call is made. {reason}"
            );
            Event::warning(EventReason::AccountsFileRejected, action, &note)
        } else {
            Event::normal(EventReason::AccountsFileLoaded, action, "The accounts file is in force.")
        };
        if event.warning {
            tracing::error!("{}", event.note);
        } else {
            tracing::info!(content = action, "{}", event.note);
        }
        if let Some(pod) = self.pod.clone().filter(|_| event.warning || is_reload) {
            let events = self.events.clone();
            tokio::spawn(async move { events.publish(&pod, event).await });
        }
    }
}

/// The access rights at the start: those of the first valid file, or those of an operator without a file.
pub async fn first_accounts(file: Option<&mut AccountsFile>, health: &Health) -> Accounts {
    match file {
        Some(file) => file.first(health).await,
        None => Accounts::without_file(),
    }
}

/// Watches the accounts file, if there is one, until the guard is dropped. The stream has an item after each change: then
/// all objects must be reconciled again.
pub fn watch_accounts_file(
    file: Option<AccountsFile>,
    context: &Arc<Context>,
) -> (Option<AbortOnDropHandle<()>>, mpsc::UnboundedReceiver<()>) {
    let (notify, changes) = mpsc::unbounded();
    let task = file.map(|file| tokio::spawn(apply_changes(file, context.clone(), notify)));
    (task.map(AbortOnDropHandle::new), changes)
}

async fn apply_changes(mut file: AccountsFile, context: Arc<Context>, notify: mpsc::UnboundedSender<()>) {
    loop {
        let accounts = file.next().await;
        context.set_accounts(accounts);
        // Sending fails only after the controller ended, when there is nothing left to reconcile.
        let _ = notify.unbounded_send(());
    }
}

/// Reads a regular file. Opening a named pipe could block forever.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let read_error = |error: std::io::Error| format!("cannot be read ({error})");
    if !path.metadata().map_err(read_error)?.is_file() {
        return Err("is not a file".into());
    }
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut content))
        .map_err(read_error)?;
    if u64::try_from(content.len()).is_ok_and(|length| length <= MAX_BYTES) {
        return Ok(content);
    }
    Err("is larger than 1 MiB".into())
}

/// The Pod of this process, from the environment variables that the manifests in deploy/ set.
fn own_pod() -> Option<Pod> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut pod = Pod::default();
    pod.metadata.name = Some(variable("POD_NAME")?);
    pod.metadata.namespace = Some(variable("POD_NAMESPACE")?);
    // `kubectl describe pod` shows only events with the Pod's UID.
    pod.metadata.uid = variable("POD_UID");
    Some(pod)
}
