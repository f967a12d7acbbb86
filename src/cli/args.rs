//! The commands and their flags.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use cognito_mfa_core::schedule::quota;

use super::{
    completion::{Completion, Manual},
    output::Output,
    report::Report,
    run::RunFlags,
    status::Status,
};

/// The name of the binary.
pub const NAME: &str = "cognito-mfa-operator";

/// Keeps the MFA and passkey settings of Amazon Cognito user pools equal to UserPoolMfaConfig objects.
#[derive(Debug, Parser)]
#[command(
    name = NAME,
    version,
    about,
    after_help = "AWS credentials, profiles, endpoints and proxies are found as in any AWS SDK program: AWS_PROFILE, AWS_ROLE_ARN with a web identity token, AWS_ENDPOINT_URL, HTTPS_PROXY, AWS_CA_BUNDLE and so on. The region of a call is the prefix of the pool's id.\n\nNamed kubectl-upmfa and on the PATH, this binary is a plugin of kubectl: kubectl upmfa diff customers.yaml"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch the objects and keep Cognito equal to them, until SIGTERM or SIGINT.
    Run(Box<RunFlags>),
    /// All else.
    #[command(flatten)]
    Tool(ToolCommand),
}

/// The commands that end by themselves.
#[derive(Debug, Subcommand)]
pub enum ToolCommand {
    /// Print the CustomResourceDefinition as YAML.
    #[command(after_help = "Example: cognito-mfa-operator crd | kubectl apply --server-side -f -")]
    Crd,
    /// Check manifests as the API server would, without a cluster.
    Validate(Validate),
    /// Show what the operator would change in Cognito, field by field.
    Diff(Box<Diff>),
    /// Set the pools of manifests once, without a cluster.
    Apply(Box<Apply>),
    /// Write live pools as manifests.
    Export(Box<Export>),
    /// Turn the AWS CLI's JSON into a manifest, or a manifest into it.
    Import(Import),
    /// Show every object of a cluster, what needs a person first.
    Status(Status),
    /// Report what is proven of a fleet, as a page, a table or JSON.
    Report(Box<Report>),
    /// Print a completion script for a shell.
    Completion(Completion),
    /// Print the manual, or write a page of it for each command.
    Man(Manual),
}

/// Where AWS is, and who asks.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct Aws {
    /// The profile in AWS's configuration files. That of AWS_PROFILE when absent.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region whose pools `export --all` lists, and where STS and SSO are asked. A pool's own region is the start of its id.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Another address than AWS's own, such as http://127.0.0.1:4566.
    #[arg(long, value_parser = endpoint, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The part of Cognito's request quotas that is used: 0.05 to 1. They are shared with every other program in the account and region.
    #[arg(long, env = "QUOTA_SHARE", default_value = "0.5", value_parser = quota::parse_share, value_name = "SHARE")]
    pub quota_share: f64,
}

/// The SDK panics over what is no address.
fn endpoint(url: &str) -> Result<String, String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', ':', '?', '#']).next()).unwrap_or_default();
    let is_address = !host.is_empty() && !url.contains(char::is_whitespace);
    is_address
        .then(|| url.to_owned())
        .ok_or_else(|| "write it like https://host or http://127.0.0.1:4566".into())
}

/// Which manifests.
#[derive(Clone, Debug, Args)]
pub struct Inputs {
    /// YAML or JSON files, folders (their .yaml, .yml and .json files, and those of the folders in them), or - for standard input. A file may hold several documents.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Where the memory of earlier passes is: without a status, an object meets its pool for the first time.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Memory")]
pub struct Memory {
    /// The same objects with the status that an earlier pass gave them: what `kubectl get upmfa -o yaml` printed or `apply --save` wrote. An empty file is no memory.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cluster", "context"])]
    pub previous: Option<PathBuf>,
    /// Read the status from the objects of the same name in the cluster of KUBECONFIG.
    #[arg(long)]
    pub cluster: bool,
    /// The same in the cluster of this context.
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
}

/// Checks manifests.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "The rules are those of the resource definition that this binary prints (crd), so a cluster with another version may judge otherwise. What compares with an earlier version of the object, such as that userPoolId does not change, is not checked.\n\nExit codes: 0 all are valid, 2 one is not, or two are for one pool.\n\nExamples:\n  cognito-mfa-operator validate deploy/\n  kustomize build overlays/prod | cognito-mfa-operator validate -"
)]
pub struct Validate {
    /// Which manifests.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// Shows what would change.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Cognito is read and nothing is set.\n\nExit codes: 0 every pool is as declared, 1 one differs or is suspended, 2 one could not be read.\n\nExamples:\n  cognito-mfa-operator diff customers.yaml\n  cognito-mfa-operator diff --cluster deploy/\n  cognito-mfa-operator diff -o json deploy/ | jq '.[] | select(.lowers != [])'"
)]
pub struct Diff {
    /// Which manifests.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Settings in Cognito's answers that this version does not know and may overwrite, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "SETTINGS")]
    pub tolerate_settings: Vec<String>,
    /// What an earlier pass left.
    #[command(flatten)]
    pub memory: Memory,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
    /// Where AWS is.
    #[command(flatten)]
    pub aws: Aws,
}

/// Sets pools once.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "One pass of the operator over each object. Where one document is invalid, none is set. Where an operator in a cluster has an object for the same pool, it sets the pool back to that object.\n\nExit codes: 0 every pool is as declared now, 1 one differs, was left alone or is suspended, 2 something failed or was refused. With --dry-run those of diff.\n\nExamples:\n  cognito-mfa-operator apply --dry-run customers.yaml\n  cognito-mfa-operator apply --cluster deploy/\n  cognito-mfa-operator apply --previous status.yaml --save status.yaml deploy/"
)]
pub struct Apply {
    /// Show what would be done, and set nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Write the objects with their new status to this file: the --previous of the next run.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub save: Option<PathBuf>,
    /// What diff has, too.
    #[command(flatten)]
    pub diff: Diff,
}

/// Writes pools as manifests.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Settings that this version does not know would be lost, so their pools are not exported.\n\nExit codes: 0 all pools were exported, 2 one was not.\n\nExamples:\n  cognito-mfa-operator export --user-pool-id eu-west-1_AbCdEf123 > customers.yaml\n  cognito-mfa-operator export --all --region eu-west-1 --profile prod --namespace team-a > pools.yaml"
)]
pub struct Export {
    /// The pools, by their ids.
    #[arg(long, required_unless_present = "all", num_args = 1.., value_delimiter = ',', value_name = "ID")]
    pub user_pool_id: Vec<String>,
    /// All pools of the account in the region.
    #[arg(long, conflicts_with = "user_pool_id")]
    pub all: bool,
    /// The namespace that the manifests name.
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// How it prints: table is the same as yaml, several documents; json is a List.
    #[command(flatten)]
    pub output: Output,
    /// Where AWS is.
    #[command(flatten)]
    pub aws: Aws,
}

/// Turns the AWS CLI's JSON into a manifest and back.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  aws cognito-idp get-user-pool-mfa-config --user-pool-id eu-west-1_AbCdEf123 --output json |\n    cognito-mfa-operator import --user-pool-id eu-west-1_AbCdEf123 - > customers.yaml\n  cognito-mfa-operator import --to aws-cli customers.yaml > input.json\n  aws cognito-idp set-user-pool-mfa-config --cli-input-json file://input.json"
)]
pub struct Import {
    /// The JSON that get-user-pool-mfa-config printed or that set-user-pool-mfa-config takes; with --to aws-cli a manifest. - is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What it becomes.
    #[arg(long, value_enum, default_value_t = Target::Manifest, value_name = "FORM")]
    pub to: Target,
    /// The pool, where the JSON does not name it.
    #[arg(long, value_name = "ID")]
    pub user_pool_id: Option<String>,
    /// The name of the object. Made from the pool's id when absent.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The namespace that the manifest names.
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
}

/// What `import` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A UserPoolMfaConfig.
    Manifest,
    /// The input of `aws cognito-idp set-user-pool-mfa-config --cli-input-json`.
    AwsCli,
}
