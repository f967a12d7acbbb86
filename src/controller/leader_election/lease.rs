//! The Lease at the API server. What is done about it is decided in [`cognito_mfa_core::leader_election`]; this does
//! it, in time.

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

use super::leadership::{Leadership, Standing};
use crate::{
    controller::{self, client, events::Events},
    ops::metrics::Metrics,
};

/// Where the Lease is, and how it is kept.
#[derive(Clone, Debug)]
pub struct ElectionConfig {
    /// The Lease's namespace.
    pub namespace: String,
    /// The Lease's name.
    pub name: String,
    /// The name of this replica: of this very process, and of no other ever.
    pub identity: String,
    /// How the lease is kept.
    pub timing: Timing,
}

/// Why the Lease could not be read or written. It is tried again at the next round.
#[derive(Debug, thiserror::Error)]
enum LeaseError {
    /// The API server refused, or the connection failed.
    #[error("the Kubernetes API server: {0}")]
    Kubernetes(#[from] kube::Error),
    /// The API server did not answer in time.
    #[error("the Kubernetes API server did not answer within {0:?}")]
    TimedOut(Duration),
}

/// An election that this replica takes part in.
#[derive(Debug)]
pub struct Election {
    task: tokio::task::JoinHandle<()>,
    end: oneshot::Sender<()>,
}

impl Election {
    /// Begins to stand for election. The stream has an item whenever those that were turned away may ask again.
    ///
    /// # Errors
    /// When the client configuration cannot be used.
    pub fn begin(
        config: Config,
        settings: ElectionConfig,
        metrics: Arc<Metrics>,
    ) -> Result<(Self, Leadership, mpsc::UnboundedReceiver<()>), controller::Error> {
        let ElectionConfig { namespace, name, identity, timing } = settings;
        // Short enough for more than one try between two renewals that must not be missed.
        let patience = timing.deadline / 3;
        let client = client::for_lease(config, patience)?;
        let (leadership, standing) = Leadership::of(identity, timing);
        let (wake, woken) = mpsc::unbounded();
        let (end, ended) = oneshot::channel();
        let elector = Elector {
            api: Api::namespaced(client.clone(), &namespace),
            events: Events::new(client),
            metadata: ObjectMeta { namespace: Some(namespace), name: Some(name), ..ObjectMeta::default() },
            patience,
            standing,
            metrics,
            wake,
            reported: Reported::default(),
        };
        Ok((Self { task: tokio::spawn(elector.run(ended)), end }, leadership, woken))
    }

    /// Resolves when the election broke down. This replica would stand by for ever.
    pub async fn failed(&mut self) -> controller::Error {
        // It ends by itself only in a panic.
        let _ = (&mut self.task).await;
        controller::Error::ElectionPanicked
    }

    /// Hands the lease over. No work that needs it may be under way.
    pub async fn end(self) {
        // An elector that is gone has nothing to hand over.
        let _ = self.end.send(());
        let _ = self.task.await;
    }
}

/// Keeps the Lease.
struct Elector {
    api: Api<Lease>,
    events: Events,
    metadata: ObjectMeta,
    patience: Duration,
    standing: Arc<Standing>,
    metrics: Arc<Metrics>,
    wake: mpsc::UnboundedSender<()>,
    reported: Reported,
}

/// What was last told about the election.
#[derive(Debug, Default)]
struct Reported {
    leads: bool,
    holder: Option<String>,
    failing: bool,
}

impl Elector {
    async fn run(mut self, mut ended: oneshot::Receiver<()>) {
        for attempt in 0.. {
            let began = Instant::now();
            self.log_failure(self.round().await);
            self.report_standing().await;
            let wait = self.standing.ask(|candidate, now| candidate.wait(now, attempt));
            tokio::select! {
                _ = &mut ended => break,
                () = tokio::time::sleep_until(began + wait) => {}
            }
        }
        self.hand_over().await;
    }

    /// One try: a look where one is needed, and a write where the Lease is free or this replica's.
    async fn round(&self) -> Result<(), LeaseError> {
        let name = self.metadata.name.as_deref().unwrap_or_default();
        if self.standing.ask(|candidate, _| candidate.must_read()) {
            let lease = self.within(self.api.get_opt(name)).await?;
            self.standing.ask(|candidate, now| candidate.observe(lease, now));
        }
        let (write, began) =
            self.standing.ask(|candidate, now| (candidate.claim(now, Timestamp::now()), now));
        let lease = match write {
            None => return Ok(()),
            Some(Write::Replace(lease)) => {
                self.within(self.api.replace(name, &PostParams::default(), &lease)).await
            }
            Some(Write::Create(lease)) => {
                let lease = Lease { metadata: self.metadata.clone(), ..lease };
                self.within(self.api.create(&PostParams::default(), &lease)).await
            }
        };
        match lease {
            Ok(lease) => self.standing.ask(|candidate, _| candidate.wrote(lease, began)),
            // Another was quicker, or the Lease was deleted: the next round looks.
            Err(LeaseError::Kubernetes(kube::Error::Api(refusal))) if matches!(refusal.code, 404 | 409) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn within<T>(&self, call: impl Future<Output = kube::Result<T>>) -> Result<T, LeaseError> {
        Ok(tokio::time::timeout(self.patience, call)
            .await
            .map_err(|_| LeaseError::TimedOut(self.patience))??)
    }

    fn log_failure(&mut self, result: Result<(), LeaseError>) {
        match result {
            Ok(()) if self.reported.failing => tracing::info!("the Lease can be reached again"),
            Err(error) if !self.reported.failing => {
                let namespace = self.metadata.namespace.as_deref();
                tracing::warn!(%error, namespace, lease = self.metadata.name, "the Lease cannot be read or written, and is tried again: may the operator get, create and update leases in this namespace?");
                self.reported.failing = true;
                return;
            }
            Ok(()) => {}
            Err(_) => return,
        }
        self.reported.failing = false;
    }

    async fn report_standing(&mut self) {
        let (leads, identity, holder) = self.standing.ask(|candidate, now| {
            (candidate.leads(now), candidate.identity().to_owned(), candidate.holder().map(str::to_owned))
        });
        if leads && self.standing.turned_away() {
            // The receiver lives as long as the controller; after it nobody needs to wake.
            let _ = self.wake.unbounded_send(());
        }
        match (self.reported.leads, leads) {
            (false, true) => {
                tracing::info!(identity, lease = self.metadata.name, "leading: passes begin");
                self.publish(EventReason::LeaderElected, "Lead", &format!("{identity} leads.")).await;
            }
            (true, false) => {
                tracing::warn!(
                    identity,
                    holder,
                    "not leading any more: the lease could not be renewed in time, or another holds it; no pass begins until it is won again"
                );
            }
            (false, false) if holder != self.reported.holder => {
                tracing::info!(identity, holder, "standing by");
            }
            _ => {}
        }
        self.metrics.leader(leads);
        self.reported = Reported { leads, holder, failing: self.reported.failing };
    }

    /// Frees the Lease, so that another replica need not wait until it runs out.
    async fn hand_over(&self) {
        let released = self.standing.ask(|candidate, _| candidate.release());
        self.metrics.leader(false);
        let Some(lease) = released else { return };
        let identity = self.standing.ask(|candidate, _| candidate.identity().to_owned());
        let name = self.metadata.name.as_deref().unwrap_or_default();
        match self.within(self.api.replace(name, &PostParams::default(), &lease)).await {
            Ok(_) => {
                tracing::info!(identity, "the lease is handed over");
                self.publish(
                    EventReason::LeaderStopped,
                    "HandOver",
                    &format!("{identity} has stopped and handed over."),
                )
                .await;
            }
            Err(error) => {
                tracing::warn!(%error, identity, "the lease could not be handed over: it runs out by itself");
            }
        }
    }

    /// An event about the Lease. Nothing waits for it longer than for the Lease itself.
    async fn publish(&self, reason: EventReason, action: &str, note: &str) {
        let lease = Lease { metadata: self.metadata.clone(), spec: None };
        let event = Event::normal(reason, action, note);
        if tokio::time::timeout(self.patience, self.events.publish(&lease, event)).await.is_err() {
            tracing::warn!(%reason, "an event could not be published in time");
        }
    }
}
