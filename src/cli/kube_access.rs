//! Access to the objects of a cluster: the flags that name it, the connection, and its errors as sentences.

use std::{error::Error, path::PathBuf, time::Duration};

use clap::Args;
use cognito_mfa_core::{api::v1alpha1::UserPoolMfaConfig, text};
use kube::{
    Api, Client, Config,
    api::{ApiResource, ListParams},
    config::KubeconfigError,
    core::DynamicObject,
};
use tokio::time::sleep;

use super::{exec_plugin, output};
use crate::{controller::client, kubeconfig};

/// Between two requests, where the API server asks to wait.
const WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The cluster and the namespaces.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Cluster")]
pub struct Cluster {
    /// The context of the kubeconfig file. Its current context when absent.
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// The kubeconfig file. That of KUBECONFIG, or ~/.kube/config, when absent.
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// This namespace alone. All of them when absent.
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// All namespaces, which is what happens without it, too.
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,
}

/// A cluster, and the objects that the flags name.
pub struct KubeAccess {
    /// Each object is decoded later and by itself, so that one invalid object does not hide the others.
    pub objects: Api<DynamicObject>,
    server: String,
    scope: String,
}

impl KubeAccess {
    /// Reads the kubeconfig. No request is sent yet.
    ///
    /// # Errors
    /// A sentence, when there is no kubeconfig or it cannot be used.
    pub fn open(cluster: &Cluster) -> Result<Self, String> {
        let (client, server) = client(config(cluster)?)?;
        let kind = ApiResource::erase::<UserPoolMfaConfig>(&());
        let (objects, scope) = match &cluster.namespace {
            Some(namespace) => {
                (Api::namespaced_with(client, namespace, &kind), format!("namespace {namespace}"))
            }
            None => (Api::all_with(client, &kind), "all namespaces".to_owned()),
        };
        Ok(Self { objects, server, scope })
    }

    /// Reads all objects of the namespaces.
    ///
    /// # Errors
    /// A sentence from [`Self::describe_error`].
    pub async fn list(&self) -> Result<Vec<DynamicObject>, String> {
        let mut waited = Duration::ZERO;
        loop {
            match self.objects.list(&ListParams::default()).await {
                Ok(list) => return Ok(list.items),
                Err(error) if waited < LONGEST_WAIT && asks_to_wait(&error) => {}
                Err(error) => return Err(self.describe_error(&error)),
            }
            if waited.is_zero() {
                output::say("note: the API server asks to wait: trying again");
            }
            sleep(WAIT).await;
            waited += WAIT;
        }
    }

    /// The namespaces and the server's address, for messages.
    #[must_use]
    pub fn source(&self) -> String {
        format!("{} of {}", self.scope, self.server)
    }

    /// What went wrong and what to do, in a sentence.
    #[must_use]
    pub fn describe_error(&self, error: &kube::Error) -> String {
        let objects = format!("the UserPoolMfaConfig objects of {}", self.scope);
        describe_error(
            &self.server,
            &objects,
            "ask for the verbs list and watch, or name a namespace with -n",
            error,
        )
    }
}

/// Whether the API server refuses the request for now. It does so for some seconds after a definition was created.
fn asks_to_wait(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 429)
}

/// A client of the cluster, and the cluster's address.
///
/// # Errors
/// A sentence, when the kubeconfig's certificates or proxy cannot be used.
pub fn client(config: Config) -> Result<(Client, String), String> {
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let plugin = config.auth_info.exec.clone();
    let client = client::for_calls(config).map_err(|error| {
        let why = exec_plugin::describe(&error, plugin.as_ref()).unwrap_or_else(|| deepest(&error));
        format!("the cluster at {server} cannot be asked: {why}")
    })?;
    Ok((client, server))
}

/// Why a server did not show some objects, and what to do, in a sentence.
#[must_use]
pub fn describe_error(server: &str, objects: &str, remedy: &str, error: &kube::Error) -> String {
    let kube::Error::Api(status) = error else {
        let why = exec_plugin::describe(error, None).unwrap_or_else(|| {
            let advice =
                "check the server of the kubeconfig, the network and the proxy, or choose another --context";
            format!("{}; {advice}", deepest(error))
        });
        return format!("the cluster at {server} cannot be reached: {why}");
    };
    let message = text::safe(&status.message, text::MAX_MESSAGE);
    match status.code {
        401 => format!(
            "the cluster at {server} does not know who you are: {message}; log in again, or choose another --context"
        ),
        403 => format!("you may not see {objects}: {message}; {remedy}"),
        404 => format!(
            "the cluster at {server} does not have the kind UserPoolMfaConfig: is the operator installed, and is this the right --context?"
        ),
        500.. => format!("the cluster at {server} answered {}: {message}; try again later", status.code),
        code => format!("the cluster at {server} answered {code}: {message}"),
    }
}

/// The configuration of the cluster that the flags name.
///
/// # Errors
/// A sentence, when there is no kubeconfig or it cannot be used.
pub fn config(cluster: &Cluster) -> Result<Config, String> {
    let (file, context) = (cluster.kubeconfig.as_deref(), cluster.context.as_deref());
    let config = if file.is_none() && context.is_none() {
        kubeconfig::infer()
    } else {
        kubeconfig::load(file, context)
    };
    config.map_err(|error| {
        let why = describe_config_error(&*error);
        format!("there is no cluster to ask: {why}; set KUBECONFIG, or choose with --context")
    })
}

/// What is wrong with a kubeconfig. Of a parser's error only the first line is a sentence.
fn describe_config_error(error: &(dyn Error + 'static)) -> String {
    let mut causes = std::iter::successors(Some(error), |&cause| cause.source());
    match causes.find_map(|cause| cause.downcast_ref()) {
        Some(KubeconfigError::ReadConfig(error, file)) => {
            format!("{} cannot be read: {error}", text::safe(&file.to_string_lossy(), text::MAX_VALUE))
        }
        Some(other) => text::safe(other.to_string().lines().next().unwrap_or_default(), text::MAX_MESSAGE),
        None => deepest(error),
    }
}

/// The last cause of an error: the first ones say little more than "client error".
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    text::safe(&cause.to_string(), text::MAX_MESSAGE)
}
