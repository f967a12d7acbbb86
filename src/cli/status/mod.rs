//! `status`: every object of a cluster at a glance.

mod table;
mod watch;
mod watch_state;

use clap::Args;
use jiff::Timestamp;

use super::{
    ExitStatus,
    kube_access::{Cluster, KubeAccess},
    output::{self, Output},
    posture::{Limits, ObjectState, Pool, Record},
};

/// Shows every object.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "What differs or fails comes first, then what is held, contested or suspended, then what is in sync. VERIFIED is when the operator last read Cognito; it notes that at least once a day. AWS is not asked.\n\nExit codes: 0 all are in sync, 1 one is not, 2 the cluster could not be asked.\n\nExamples:\n  cognito-mfa-operator status\n  cognito-mfa-operator status -n team-a --watch\n  cognito-mfa-operator status -o json | jq -r '.[] | select(.state != \"InSync\") | .message'"
)]
pub struct Status {
    /// Go on, and show what changes: on a terminal the table is drawn again, in a pipe a line is added.
    #[arg(short, long)]
    pub watch: bool,
    /// Which cluster.
    #[command(flatten)]
    pub cluster: Cluster,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

pub(super) async fn run(arguments: &Status) -> Result<ExitStatus, String> {
    let reach = KubeAccess::open(&arguments.cluster).await?;
    let namespaces = arguments.cluster.namespace.is_none();
    if arguments.watch {
        return watch::watch(&reach, namespaces, arguments.output).await;
    }
    let found = reach.list().await?;
    let now = Timestamp::now();
    let pools = in_order(found.into_iter().map(|object| pool(&object.into(), now)).collect());
    if pools.is_empty() {
        output::say(&format!("There are no UserPoolMfaConfig objects in {}.", reach.source()));
    }
    output::print_value(arguments.output, &pools, |pools| table::table(pools, namespaces, now))?;
    Ok(end(&pools))
}

/// The status speaks for itself here: how old a verification may be is the reader's to judge.
fn pool(record: &Record, now: Timestamp) -> Pool {
    Pool::of(record, &Limits::usual(now))
}

/// What needs a person first.
fn in_order(mut pools: Vec<Pool>) -> Vec<Pool> {
    pools.sort_by_cached_key(|pool| (pool.state, pool.namespace.clone(), pool.name.clone()));
    pools
}

/// How many there are of each state, in a line.
fn summary(pools: &[Pool]) -> String {
    let of = |state: ObjectState| pools.iter().filter(|pool| pool.state == state).count();
    let counted = ObjectState::all().filter(|state| of(*state) > 0);
    let parts: Vec<String> =
        counted.map(|state| format!("{} {}", of(state), state.label().to_lowercase())).collect();
    format!("{}: {}", output::plural(pools.len(), "object"), parts.join(", "))
}

fn end(pools: &[Pool]) -> ExitStatus {
    if pools.iter().all(|pool| pool.state == ObjectState::InSync) {
        ExitStatus::Success
    } else {
        ExitStatus::Different
    }
}
