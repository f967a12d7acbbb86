//! `run`: its flags, each with an environment variable.

pub mod leader_election;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use cognito_mfa_core::{
    names::is_namespace,
    schedule::{interval, quota},
};
use leader_election::LeaderElectionFlags;

use crate::controller::references::ReferenceKind;
use crate::ops::{listen_address::ListenAddress, logs::LogFormat};

/// The flags of `run`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "The cluster is the one of KUBECONFIG, or the one whose Pod this is. POD_NAME, POD_NAMESPACE and POD_UID name the Pod: events about the accounts file are its events.\n\nExample: AWS_PROFILE=prod cognito-mfa-operator run --watch-namespaces team-a,team-b --drift-check-interval 30m"
)]
pub struct RunFlags {
    /// Where /metrics, /healthz and /readyz are served: :8080 is that port of every address, of IPv4 and IPv6.
    #[arg(long, env = "LISTEN", default_value = ":8080", value_name = "ADDR")]
    pub listen: ListenAddress,
    /// The namespaces to watch, separated by commas. All of them when absent.
    #[arg(long, env = "WATCH_NAMESPACES", value_delimiter = ',', value_parser = namespace, value_name = "NAMESPACES")]
    pub watch_namespaces: Vec<String>,
    /// A YAML file that says which namespaces are served, under which AWS role, and which pools and SMS roles they may use. It is read again whenever it changes. Without the flag the operator's own AWS identity serves every watched namespace.
    #[arg(long, env = "ACCOUNTS_FILE", value_name = "PATH")]
    pub accounts_file: Option<PathBuf>,
    /// How often a pool is checked for drift where its object does not say: 1m to 24h.
    #[arg(long, env = "DRIFT_CHECK_INTERVAL", default_value = "10m", value_parser = interval::parse_interval, value_name = "DURATION")]
    pub drift_check_interval: Duration,
    /// The part of Cognito's request quotas that the operator uses: 0.05 to 1. They are shared with every other program in the account and region, and cannot be raised.
    #[arg(long, env = "QUOTA_SHARE", default_value = "0.5", value_parser = quota::parse_share, value_name = "SHARE")]
    pub quota_share: f64,
    /// How many objects are written to the API server at the same time. Calls of Cognito are bounded by --quota-share alone.
    #[arg(long, env = "CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024), value_name = "N")]
    pub concurrency: u16,
    /// Settings in Cognito's answers that this version does not know and may overwrite, as status names them, separated by commas.
    #[arg(long, env = "TOLERATE_SETTINGS", value_delimiter = ',', value_name = "SETTINGS")]
    pub tolerate_settings: Vec<String>,
    /// How many writes an hour, across all pools, may take protection away. Further ones wait, or are approved by the annotation cognito.mfaoperator.dev/allow-lowering. 0: none without the annotation.
    #[arg(long, env = "MAX_LOWERINGS_PER_HOUR", default_value_t = 10, value_name = "N")]
    pub max_lowerings_per_hour: u32,
    /// Read and report, and write nothing to AWS: for first installs, restores and emergencies. Nothing is forgotten: without the flag the operator goes on where it was.
    #[arg(long, env = "OBSERVE_ONLY")]
    pub observe_only: bool,
    /// Let the deletion of an object with deletionPolicy: Disable turn MFA off. Without it such an object is deleted and its pool stays as it is.
    #[arg(long, env = "ALLOW_DISABLE_ON_DELETE")]
    pub allow_disable_on_delete: bool,
    /// What the references of objects may name, separated by commas. The operator then needs the right to get it. None when absent: objects give userPoolId.
    #[arg(long, env = "POOL_REFERENCES", value_enum, value_delimiter = ',', value_name = "KINDS")]
    pub pool_references: Vec<ReferenceKind>,
    /// How the log is written. RUST_LOG sets what is in it, such as info or cognito_mfa_operator=debug.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// The leader election between replicas.
    #[command(flatten)]
    pub election: LeaderElectionFlags,
}

fn namespace(name: &str) -> Result<String, String> {
    is_namespace(name).then(|| name.to_owned()).ok_or_else(|| {
        "a namespace has 1 to 63 lowercase letters, digits and hyphens; leave the flag out to watch all"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(clap::Parser)]
    struct Only {
        #[command(flatten)]
        run: RunFlags,
    }

    fn run(arguments: &[&str]) -> Result<RunFlags, String> {
        let only = Only::try_parse_from(["run"].iter().chain(arguments));
        only.map(|only| only.run).map_err(|error| error.to_string())
    }

    #[test]
    fn an_invalid_flag_is_refused_with_what_to_write() {
        for (arguments, words) in [
            (["--drift-check-interval", "10"], "write it like 10m"),
            (["--drift-check-interval", "48h"], "1m to 24h"),
            (["--watch-namespaces", "Team_A"], "lowercase"),
            (["--watch-namespaces", "a,,b"], "1 to 63"),
            (["--concurrency", "0"], "1..=1024"),
            (["--quota-share", "50%"], "a number from 0.05 to 1"),
            (["--quota-share", "1.01"], "a number from 0.05 to 1"),
            (["--quota-share", "NaN"], "a number from 0.05 to 1"),
            (["--listen", "8080"], "write :8080"),
            (["--log-format", "xml"], "text, json"),
        ] {
            let error = run(&arguments).unwrap_err();
            assert!(error.contains(words), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn lease_durations_that_do_not_fit_together_are_refused() {
        assert!(run(&[]).unwrap().election.config().unwrap().is_none());
        assert!(run(&["--lease-duration", "soon"]).unwrap_err().contains("write it like 15s"));
        let error = run(&["--lease-duration", "10s"]).unwrap().election.config().unwrap_err();
        assert!(error.contains("write at least"), "{error}");
    }

    #[test]
    fn two_processes_have_different_identities() {
        let flags = ["--leader-elect", "--leader-election-namespace", "here"];
        let identity = || run(&flags).unwrap().election.config().unwrap().unwrap().identity;
        assert_ne!(identity(), identity());
    }

    #[test]
    fn replicas_are_one_operator_and_processes_without_an_election_are_several() {
        let flags = run(&["--leader-elect", "--leader-election-namespace", "here"]).unwrap().election;
        let name = || flags.operator_name(flags.config().unwrap().as_ref());
        assert_eq!(
            (name(), name()),
            ("here/cognito-mfa-operator".into(), "here/cognito-mfa-operator".into())
        );
        let alone = run(&[]).unwrap().election.operator_name(None);
        assert!(alone.split('/').all(|part| !part.is_empty()) && alone != name(), "{alone}");
    }

    #[test]
    fn namespaces_are_separated_by_commas() {
        assert_eq!(
            run(&["--watch-namespaces", "team-a,team-b"]).unwrap().watch_namespaces,
            ["team-a", "team-b"]
        );
    }
}
