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
    posture::{ListedObject, ObjectState, PoolReport},
    undeclared::AccountFlags,
};

/// Shows every object and its state.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Objects that differ or fail come first, then those that wait, are on hold, contested or suspended, then with --aws the pools that no object declares, then objects that are stronger than declared or in sync. VERIFIED is the time since the operator last recorded a read of Cognito, which it does at least once a day. Without --aws no call to AWS is made.\n\nExit codes: 0 all objects are in sync or stronger than declared, 1 one is not, or the MFA of a pool that no object declares is not ON, 2 the cluster or AWS could not be asked.\n\nExamples:\n  cognito-mfa-operator status\n  cognito-mfa-operator status -n team-a --watch\n  cognito-mfa-operator status --aws --region eu-west-1\n  cognito-mfa-operator status -o json | jq -r '.[] | select(.state != \"InSync\") | .message'"
)]
pub struct Status {
    /// Keep running and show changes: on a terminal the table is drawn again, in a pipe a line is added.
    #[arg(short, long, conflicts_with = "aws")]
    pub watch: bool,
    /// The cluster and the namespace.
    #[command(flatten)]
    pub cluster: Cluster,
    /// The account.
    #[command(flatten)]
    pub account: AccountFlags,
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
    let objects: Vec<_> = access.list().await?.into_iter().map(ListedObject::from).collect();
    if objects.is_empty() {
        output::say(&format!("There are no UserPoolMfaConfig objects in {}.", access.source()));
    }
    let undeclared = arguments.account.find_undeclared(&objects).await?;
    for problem in &undeclared.unread {
        output::say(&format!("error: {problem}"));
    }
    let now = Timestamp::now();
    let reports = objects.iter().map(|object| report(object, now));
    let pools = sorted(reports.chain(undeclared.pools).collect());
    output::print_value(arguments.output, &pools, |pools| table(pools, show_namespaces, now))?;
    Ok(if undeclared.unread.is_empty() { exit_status(&pools) } else { ExitStatus::Failed })
}

fn exit_status(pools: &[PoolReport]) -> ExitStatus {
    let is_well = |pool: &PoolReport| match pool.state {
        ObjectState::InSync | ObjectState::Stronger => true,
        ObjectState::Undeclared => !pool.is_undeclared_without_mfa(),
        ObjectState::Differs
        | ObjectState::Failed
        | ObjectState::Waiting
        | ObjectState::OnHold
        | ObjectState::Contested
        | ObjectState::Suspended => false,
    };
    if pools.iter().all(is_well) { ExitStatus::Success } else { ExitStatus::Different }
}
