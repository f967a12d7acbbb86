//! The cluster that a kubeconfig names, or that a Pod runs in.
//!
//! kube's own loader of kubeconfigs is not used: it compares NO_PROXY with the proxy's address instead of the server's, and
//! it refuses a NO_PROXY with a trailing comma, whatever the server is.

mod proxy;

use std::{error::Error, path::Path};

use axum::http::Uri;
use kube::{
    Config,
    config::{AuthInfo, Cluster, ExecAuthCluster, Kubeconfig, KubeconfigError},
};
use rustls::pki_types::{CertificateDer, pem::PemObject};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The cluster of the kubeconfig, or, where that cannot be used, the one that this process's Pod runs in.
///
/// # Errors
/// What is wrong with the kubeconfig.
pub fn infer() -> Result<Config> {
    load(None, None).or_else(|error| Config::incluster().map_err(|_| error)).map(|mut config| {
        config.apply_debug_overrides();
        config
    })
}

/// The cluster of a context of a kubeconfig: of this file, or of those that KUBECONFIG names.
///
/// # Errors
/// What is wrong with the kubeconfig.
pub fn load(file: Option<&Path>, context: Option<&str>) -> Result<Config> {
    let kubeconfig = file.map_or_else(Kubeconfig::read, Kubeconfig::read_from)?;
    of_context(kubeconfig, context)
}

fn of_context(kubeconfig: Kubeconfig, context: Option<&str>) -> Result<Config> {
    let name = context.map(str::to_owned).or(kubeconfig.current_context);
    let name = name.ok_or(KubeconfigError::CurrentContextNotSet)?;
    let context = kubeconfig.contexts.into_iter().find(|known| known.name == name);
    let context = context.and_then(|known| known.context).ok_or(KubeconfigError::LoadContext(name))?;
    let cluster = kubeconfig.clusters.into_iter().find(|known| known.name == context.cluster);
    let cluster = cluster.and_then(|known| known.cluster);
    let cluster = cluster.ok_or_else(|| KubeconfigError::LoadClusterOfContext(context.cluster.clone()))?;
    // As for kubectl, a missing user is no mistake.
    let user = context.user.as_ref();
    let user = user.and_then(|user| kubeconfig.auth_infos.into_iter().find(|known| known.name == *user));
    let mut config = of_cluster(&cluster, user.and_then(|user| user.auth_info).unwrap_or_default())?;
    if let Some(namespace) = context.namespace {
        config.default_namespace = namespace;
    }
    Ok(config)
}

fn of_cluster(cluster: &Cluster, mut user: AuthInfo) -> Result<Config> {
    let server = cluster.server.as_ref().ok_or(KubeconfigError::MissingClusterUrl)?;
    let server: Uri = server.parse().map_err(KubeconfigError::ParseClusterUrl)?;
    let about_cluster = ExecAuthCluster::try_from(cluster)?;
    let certificates = about_cluster.certificate_authority_data.as_deref();
    let mut config = Config::new(server);
    config.root_cert = certificates.map(der).transpose()?;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.tls_server_name.clone_from(&cluster.tls_server_name);
    config.proxy_url = match cluster.proxy_url.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => Some(proxy::parse(url)?),
        None => proxy::proxy(&config.cluster_url, |name| std::env::var(name).ok())?,
    };
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        exec.cluster = Some(about_cluster);
    }
    config.auth_info = user;
    Ok(config)
}

fn der(pem: &[u8]) -> Result<Vec<Vec<u8>>> {
    let certificates = CertificateDer::pem_slice_iter(pem).map(|one| one.map(|one| one.to_vec()));
    let certificates: std::result::Result<Vec<_>, _> = certificates.collect();
    certificates
        .map_err(|error| format!("the certificate authority of the cluster is not PEM: {error}").into())
}
