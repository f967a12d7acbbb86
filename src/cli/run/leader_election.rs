//! The flags of the leader election.

use std::{
    fs,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use clap::Args;
use cognito_mfa_core::{leader_election::Timing, status::other_operator::operator_name};

use crate::controller::leader_election::lease::ElectionConfig;

const OWN_NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// How replicas elect the one that works.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Leader election")]
pub struct LeaderElectionFlags {
    /// Work only while holding the Lease, so that several replicas can run. Without it there must be one replica.
    #[arg(long, env = "LEADER_ELECT")]
    pub leader_elect: bool,
    /// How long the other replicas leave a Lease alone that is not renewed, in whole seconds.
    #[arg(long, env = "LEASE_DURATION", default_value = "15s", value_parser = duration, value_name = "DURATION")]
    pub lease_duration: Duration,
    /// How long a leader tries to renew before it stops. No write lasts longer than this.
    #[arg(long, env = "LEASE_RENEW_DEADLINE", default_value = "10s", value_parser = duration, value_name = "DURATION")]
    pub lease_renew_deadline: Duration,
    /// The wait between two tries to get or to renew the Lease.
    #[arg(long, env = "LEASE_RETRY_PERIOD", default_value = "2s", value_parser = duration, value_name = "DURATION")]
    pub lease_retry_period: Duration,
    /// The Lease's namespace. The Pod's own when absent: POD_NAMESPACE, or what its ServiceAccount says.
    #[arg(long, env = "LEADER_ELECTION_NAMESPACE", value_name = "NAMESPACE")]
    pub leader_election_namespace: Option<String>,
    /// The Lease's name.
    #[arg(long, env = "LEADER_ELECTION_NAME", default_value = "cognito-mfa-operator", value_name = "NAME")]
    pub leader_election_name: String,
}

impl LeaderElectionFlags {
    /// How this process takes part in the election; None without `--leader-elect`.
    ///
    /// # Errors
    /// A sentence that says which flag to write, and how.
    pub fn config(&self) -> Result<Option<ElectionConfig>, String> {
        let timing = Timing::new(self.lease_duration, self.lease_renew_deadline, self.lease_retry_period)?;
        if !self.leader_elect {
            return Ok(None);
        }
        let namespace = self.leader_election_namespace.clone().or_else(own_namespace).ok_or(
            "--leader-elect outside a Pod needs --leader-election-namespace: the namespace that the Lease is in",
        )?;
        Ok(Some(ElectionConfig {
            namespace,
            name: self.leader_election_name.clone(),
            identity: identity(),
            timing,
        }))
    }

    /// The operator's name in the statuses that it writes: its Lease, which all its replicas share. Without an election
    /// each process is an operator of its own: its Pod, or outside a cluster its machine and process.
    #[must_use]
    pub fn operator_name(&self, election: Option<&ElectionConfig>) -> String {
        match (election, own_namespace()) {
            (Some(election), _) => operator_name(&election.namespace, &election.name),
            (None, Some(namespace)) => operator_name(&namespace, &pod_or_machine()),
            (None, None) => operator_name(&pod_or_machine(), &std::process::id().to_string()),
        }
    }
}

/// The namespace of the Pod; None outside a cluster.
fn own_namespace() -> Option<String> {
    let from_account = || fs::read_to_string(OWN_NAMESPACE).ok().map(|namespace| namespace.trim().to_owned());
    variable("POD_NAMESPACE").or_else(from_account)
}

/// The name of the Pod, or else of the machine, with a random suffix. A restarted container keeps its Pod's name, and
/// must not mistake the Lease of the process before it for its own.
fn identity() -> String {
    let random = RandomState::new().hash_one(std::process::id());
    format!("{}_{random:016x}", pod_or_machine())
}

fn pod_or_machine() -> String {
    let machine = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    variable("POD_NAME").unwrap_or_else(machine)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn duration(text: &str) -> Result<Duration, String> {
    let span: Option<jiff::SignedDuration> = text.parse().ok();
    span.and_then(|span| Duration::try_from(span).ok())
        .ok_or_else(|| format!("{text:?} is no duration: write it like 15s or 500ms"))
}
