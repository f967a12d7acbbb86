//! Reads, renews and releases the Lease, as `cognito_mfa_core::leader_election` decides.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    api::v1alpha1::EventReason,
    leader_election::{Timing, Write},
    status::event::Event,
};
use futures::channel::{mpsc, oneshot};
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use kube::{Api, Config, api::PostParams, core::ObjectMeta};
use tokio::time::Instant;

use super::{
    failure_report::{FailureReport, LeaseError},
    leadership::{Leadership, Standing},
};
use crate::{
    controller::{
        client,
        error::Error,
        events::Events,
        watch::{LastVersion, RelistReason, Relists},
    },
    ops::{health::Health, metrics::Metrics},
};

/// The Lease, and how this replica takes part in its election.
#[derive(Clone, Debug)]
pub struct ElectionConfig {
    /// The Lease's namespace.
    pub namespace: String,
    /// The Lease's name.
    pub name: String,
    /// The holder's name in the Lease. No other process may ever use the same one.
    pub identity: String,
    /// How long a lease lasts, and when it is renewed.
    pub timing: Timing,
}

/// A running election that this replica takes part in.
#[derive(Debug)]
pub struct Election {
    task: tokio::task::JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Election {
    /// Starts the election. The stream has an item whenever objects that were skipped must be requeued.
    ///
    /// # Errors
    /// When the client configuration cannot be used.
    pub fn begin(
        config: Config,
        election: ElectionConfig,
        metrics: Arc<Metrics>,
        health: Health,
        relists: Relists,
    ) -> Result<(Self, Leadership, mpsc::UnboundedReceiver<()>), Error> {
        let ElectionConfig { namespace, name, identity, timing } = election;
        // Short enough for three attempts before the deadline for a renewal.
        let timeout = timing.deadline / 3;
        let client = client::for_lease(config, timeout)?;
        let (leadership, standing) = Leadership::of(identity, timing);
        let (requeue, requeues) = mpsc::unbounded();
        let (stop, stopped) = oneshot::channel();
        let failures = FailureReport {
            namespace: namespace.clone(),
            name: name.clone(),
            timeout,
            metrics: metrics.clone(),
            health,
            reported: None,
        };
        let elector = Elector {
            api: Api::namespaced(client.clone(), &namespace),
            events: Events::new(client),
            metadata: ObjectMeta { namespace: Some(namespace), name: Some(name), ..ObjectMeta::default() },
            timeout,
            standing,
            metrics,
            requeue,
            reported: Reported::default(),
            failures,
            relists,
            last_version: LastVersion::default(),
        };
        Ok((Self { task: tokio::spawn(elector.run(stopped)), stop }, leadership, requeues))
    }

    /// Resolves only if the election panicked: this replica would stand by forever.
    pub async fn failed(&mut self) -> Error {
        let _ = (&mut self.task).await;
        Error::ElectionPanicked
    }

    /// Releases the Lease. No work that needs it may be in progress.
    pub async fn end(self) {
        // Sending fails only if the elector panicked, and then there is nothing to release.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// The task that gets and renews the Lease.
struct Elector {
    api: Api<Lease>,
    events: Events,
    metadata: ObjectMeta,
    timeout: Duration,
    standing: Arc<Standing>,
    metrics: Arc<Metrics>,
    requeue: mpsc::UnboundedSender<()>,
    reported: Reported,
    failures: FailureReport,
    relists: Relists,
    last_version: LastVersion,
}

/// What the log last said about the election.
#[derive(Debug, Default)]
struct Reported {
    leads: bool,
    holder: Option<String>,
}

impl Elector {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        for attempt in 0.. {
            let start = Instant::now();
            let result = self.try_once().await;
            self.failures.record(&result);
            self.report_standing().await;
            let wait = self.standing.ask(|candidate, now| candidate.wait(now, attempt));
            tokio::select! {
                _ = &mut stopped => break,
                () = tokio::time::sleep_until(start + wait) => {}
            }
        }
        self.release().await;
    }

    /// Reads the Lease if necessary, and writes it if it is free or this replica has it.
    async fn try_once(&self) -> Result<(), LeaseError> {
        let name = self.metadata.name.as_deref().unwrap_or_default();
        if self.standing.ask(|candidate, _| candidate.must_read()) {
            let lease = self.with_timeout(self.api.get_opt(name)).await?;
            self.record_version(lease.as_ref());
            self.standing.ask(|candidate, now| candidate.observe(lease, now));
        }
        let (write, start) =
            self.standing.ask(|candidate, now| (candidate.claim(now, Timestamp::now()), now));
        let lease = match write {
            None => return Ok(()),
            Some(Write::Replace(lease)) => {
                self.with_timeout(self.api.replace(name, &PostParams::default(), &lease)).await
            }
            Some(Write::Create(lease)) => {
                let lease = Lease { metadata: self.metadata.clone(), ..lease };
                self.with_timeout(self.api.create(&PostParams::default(), &lease)).await
            }
        };
        match lease {
            Ok(lease) => {
                self.record_version(Some(&lease));
                self.standing.ask(|candidate, _| candidate.wrote(lease, start));
            }
            // Another replica was faster, or the Lease was deleted: the next attempt reads it again.
            Err(error) if error.failure().is_none() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn record_version(&self, lease: Option<&Lease>) {
        let version = lease.and_then(|lease| lease.metadata.resource_version.as_deref());
        if self.last_version.record(version) {
            self.relists.request(RelistReason::OldLease);
        }
    }

    async fn with_timeout<T>(&self, call: impl Future<Output = kube::Result<T>>) -> Result<T, LeaseError> {
        Ok(tokio::time::timeout(self.timeout, call)
            .await
            .map_err(|_| LeaseError::TimedOut(self.timeout))??)
    }

    async fn report_standing(&mut self) {
        let (leads, identity, holder) = self.standing.ask(|candidate, now| {
            (candidate.leads(now), candidate.identity().to_owned(), candidate.holder().map(str::to_owned))
        });
        // What another leader did meanwhile is not known here, and objects were skipped that were due.
        if leads && (self.standing.take_skipped() || !self.reported.leads) {
            // Sending fails only after the controller ended, when there is nothing left to reconcile.
            let _ = self.requeue.unbounded_send(());
        }
        match (self.reported.leads, leads) {
            (false, true) => {
                tracing::info!(identity, lease = self.metadata.name, "leading: starting to reconcile");
                self.publish(EventReason::LeaderElected, "Lead", &format!("{identity} became the leader."))
                    .await;
            }
            (true, false) => {
                tracing::warn!(
                    identity,
                    holder,
                    "no longer leading: the Lease could not be renewed in time, or another replica has it; nothing is reconciled until this replica leads again"
                );
            }
            (false, false) if holder != self.reported.holder => {
                tracing::info!(identity, holder, "standing by");
            }
            _ => {}
        }
        self.metrics.set_leader(leads);
        self.reported = Reported { leads, holder };
    }

    /// Releases the Lease, so that another replica need not wait until it expires.
    async fn release(&self) {
        let released = self.standing.ask(|candidate, _| candidate.release());
        self.metrics.set_leader(false);
        let Some(lease) = released else { return };
        let identity = self.standing.ask(|candidate, _| candidate.identity().to_owned());
        let name = self.metadata.name.as_deref().unwrap_or_default();
        match self.with_timeout(self.api.replace(name, &PostParams::default(), &lease)).await {
            Ok(_) => {
                tracing::info!(identity, "the Lease is released");
                self.publish(
                    EventReason::LeaderStopped,
                    "HandOver",
                    &format!("{identity} stopped and released the Lease."),
                )
                .await;
            }
            Err(error) => {
                tracing::warn!(%error, identity, "the Lease could not be released: it expires by itself");
            }
        }
    }

    /// Publishes an event about the Lease. A slow API server must not delay the next renewal.
    async fn publish(&self, reason: EventReason, action: &str, note: &str) {
        let lease = Lease { metadata: self.metadata.clone(), spec: None };
        let event = Event::normal(reason, action, note);
        if tokio::time::timeout(self.timeout, self.events.publish(&lease, event)).await.is_err() {
            tracing::warn!(%reason, "an event could not be published in time");
        }
    }
}
