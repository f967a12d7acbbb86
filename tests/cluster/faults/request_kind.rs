//! The kind of a request as a short text, by which tests count and choose requests.

use axum::http::{Method, request::Parts};
use serde_json::Value;

/// The kind of a request to the API server, such as `PUT userpoolmfaconfigs/status NAME`, `POST events REASON` or
/// `WATCH userpoolmfaconfigs`.
pub fn kube_request(parts: &Parts, body: &[u8]) -> String {
    let path: Vec<_> = parts.uri.path().split('/').skip_while(|part| *part != "namespaces").skip(2).collect();
    let (plural, name, subresource) = (path.first(), path.get(1), path.get(2));
    let resource = [plural, subresource].into_iter().flatten().copied().collect::<Vec<_>>().join("/");
    let is_watch = parts.uri.query().is_some_and(|query| query.contains("watch=true"));
    let verb = match (&parts.method, name) {
        (&Method::GET, None) if is_watch => "WATCH",
        (&Method::GET, None) => "LIST",
        (method, _) => method.as_str(),
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let subject = if resource == "events" { body["reason"].as_str() } else { name.copied() };
    format!("{verb} {resource} {}", subject.unwrap_or_default()).trim_end().to_owned()
}

/// The operation of a request to AWS.
pub fn aws_request(parts: &Parts, _: &[u8]) -> String {
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned()
}

/// Whether a kind of request to the API server is a write.
pub fn is_kube_write(kind: &str) -> bool {
    !["GET", "LIST", "WATCH"].iter().any(|verb| kind.starts_with(verb))
}

/// Whether a kind is of a request to AWS, which is one word.
pub fn is_aws_request(kind: &str) -> bool {
    !kind.contains(' ')
}
