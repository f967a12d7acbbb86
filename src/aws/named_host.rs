//! Names the host in the error of a request that did not reach it. The connector's own words do not: an endpoint that does
//! not exist, as some FIPS endpoints, could not be distinguished from a network without DNS.

use std::{error::Error, fmt};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        connector_metadata::ConnectorMetadata,
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use axum::http::Uri;

/// The addresses from which a node gives credentials, and what answers there.
const LOCAL_SOURCES: [(&str, &str); 5] = [
    ("169.254.170.23", "the node's EKS Pod Identity agent"),
    ("[fd00:ec2::23]", "the node's EKS Pod Identity agent"),
    ("169.254.170.2", "the node's ECS agent"),
    ("169.254.169.254", "the node's instance metadata service"),
    ("[fd00:ec2::254]", "the node's instance metadata service"),
];

/// A client whose errors name the host.
#[derive(Debug)]
pub(super) struct NamesHost(pub(super) SharedHttpClient);

impl HttpClient for NamesHost {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(NamesHostOnError(self.0.http_connector(settings, components)))
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

#[derive(Debug)]
struct NamesHostOnError(SharedHttpConnector);

impl HttpConnector for NamesHostOnError {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = host(request.uri());
        let call = self.0.call(request);
        HttpConnectorFuture::new(async move { call.await.map_err(|error| with_host(error, host)) })
    }
}

/// The host of an address, with the port if there is one, and with what is known to answer there.
fn host(address: &str) -> String {
    let uri: Uri = address.parse().unwrap_or_default();
    let known = LOCAL_SOURCES.iter().find(|(host, _)| uri.host() == Some(*host));
    let port = uri.port().map_or_else(String::new, |port| format!(":{port}"));
    let host = format!("{}{port}", uri.host().unwrap_or("(no host)"));
    known.map_or_else(|| host.clone(), |(_, what)| format!("{host} ({what})"))
}

fn with_host(error: ConnectorError, host: String) -> ConnectorError {
    let is = (error.is_timeout(), error.is_user(), error.is_io(), error.as_other());
    let named = Box::new(Unreached { host, source: error.into_source() });
    match is {
        (true, ..) => ConnectorError::timeout(named),
        (_, true, ..) => ConnectorError::user(named),
        (_, _, true, _) => ConnectorError::io(named),
        (.., kind) => ConnectorError::other(named, kind),
    }
}

#[derive(Debug)]
struct Unreached {
    host: String,
    source: BoxError,
}

impl fmt::Display for Unreached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.host)
    }
}

impl Error for Unreached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_without_path_and_user_and_with_what_answers_there() {
        for (address, named) in [
            (
                "https://cognito-idp-fips.us-gov-west-1.amazonaws.com/",
                "cognito-idp-fips.us-gov-west-1.amazonaws.com",
            ),
            ("http://user:secret@127.0.0.1:4566/path?token", "127.0.0.1:4566"),
            ("http://[fd00:ec2::23]/v1/credentials", "[fd00:ec2::23] (the node's EKS Pod Identity agent)"),
            ("http://169.254.170.23/v1/credentials", "169.254.170.23 (the node's EKS Pod Identity agent)"),
        ] {
            assert_eq!(host(address), named);
        }
    }

    #[test]
    fn an_error_keeps_its_kind_and_its_cause() {
        let cause = || -> BoxError { "dns error".into() };
        let named = |error| with_host(error, "host".into());
        assert!(named(ConnectorError::timeout(cause())).is_timeout());
        assert!(named(ConnectorError::user(cause())).is_user());
        assert!(named(ConnectorError::other(cause(), None)).is_other());
        let error = named(ConnectorError::io(cause()));
        assert!(error.is_io());
        let source = error.into_source();
        assert_eq!(
            (source.to_string(), source.source().unwrap().to_string()),
            ("host".into(), "dns error".into())
        );
    }
}
