//! The HTTP client. Cognito in every region and the credential providers (STS, SSO) share its connections, proxies and
//! trusted certificates.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::SharedHttpClient, runtime_components::RuntimeComponents};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{named_host::NamesHost, setup_error::SetupError};

/// A client that trusts the system's certificates (SSL_CERT_FILE and SSL_CERT_DIR included), or only those of
/// `ca_bundle`, as the AWS CLI does. HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY come from the
/// environment; as in every SDK, NO_PROXY must name the credential endpoints of the node (169.254.169.254,
/// 169.254.170.2, 169.254.170.23, fd00:ec2::23) where HTTP_PROXY is set.
///
/// `build_with_connector_fn` is how the SDK builds its default client; the plain `Builder` takes no proxy.
pub(super) fn client(ca_bundle: Option<PathBuf>) -> Result<SharedHttpClient, SetupError> {
    let trust = ca_bundle.filter(|path| !path.as_os_str().is_empty()).map(bundle).transpose()?;
    let tls = TlsContext::builder()
        .with_trust_store(trust.unwrap_or_default())
        .build()
        .expect("a context of certificates alone is valid");
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls.clone()).build()
    });
    Ok(SharedHttpClient::new(NamesHost(client)))
}

fn bundle(path: PathBuf) -> Result<TrustStore, SetupError> {
    match certificates(&path) {
        Ok(pem) => Ok(TrustStore::empty().with_pem_certificate(pem)),
        Err(reason) => Err(SetupError::CaBundle { path, reason }),
    }
}

/// Reads the bundle and tries every certificate: the SDK would panic at the first connection with one that it cannot
/// use.
fn certificates(path: &Path) -> Result<Vec<u8>, String> {
    let pem = fs::read(path).map_err(|error| format!("cannot be read ({error})"))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| format!("is not PEM ({error})"))?;
        roots.add(certificate).map_err(|error| {
            format!("has a certificate (number {}) that cannot be used ({error})", roots.len() + 1)
        })?;
    }
    if roots.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(pem) }
}
