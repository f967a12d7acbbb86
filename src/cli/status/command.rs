//! The command `status`.

use clap::Args;
use jiff::Timestamp;

use super::{
    order::{report, sorted},
    table::table,
    watch::watch,
};
use crate::cli::{
    ExitStatus,
    kube_access::{Cluster, KubeAccess},
    output::{self, Output},
    posture::{ObjectState, PoolReport},
};

/// Shows every object and its state.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Objects that differ or fail come first, then those that wait, are on hold, contested or suspended, then those that are stronger than declared or in sync. VERIFIED is the time since the operator last recorded a read of Cognito, which it does at least once a day. No call to AWS is made.\n\nExit codes: 0 all objects are in sync or stronger than declared, 1 one is not, 2 the cluster could not be asked.\n\nExamples:\n  cognito-mfa-operator status\n  cognito-mfa-operator status -n team-a --watch\n  cognito-mfa-operator status -o json | jq -r '.[] | select(.state != \"InSync\") | .message'"
)]
pub struct Status {
    /// Keep running and show changes: on a terminal the table is drawn again, in a pipe a line is added.
    #[arg(short, long)]
    pub watch: bool,
    /// The cluster and the namespace.
    #[command(flatten)]
    pub cluster: Cluster,
    /// The format and the colours.
    #[command(flatten)]
    pub output: Output,
}

pub async fn run(arguments: &Status) -> Result<ExitStatus, String> {
    let access = KubeAccess::open(&arguments.cluster)?;
    let show_namespaces = arguments.cluster.namespace.is_none();
    if arguments.watch {
        return watch(&access, show_namespaces, arguments.output).await;
    }
    let objects = access.list().await?;
    let now = Timestamp::now();
    let pools = sorted(objects.into_iter().map(|object| report(&object.into(), now)).collect());
    if pools.is_empty() {
        output::say(&format!("There are no UserPoolMfaConfig objects in {}.", access.source()));
    }
    output::print_value(arguments.output, &pools, |pools| table(pools, show_namespaces, now))?;
    Ok(exit_status(&pools))
}

fn exit_status(pools: &[PoolReport]) -> ExitStatus {
    if pools.iter().all(|pool| matches!(pool.state, ObjectState::InSync | ObjectState::Stronger)) {
        ExitStatus::Success
    } else {
        ExitStatus::Different
    }
}
