//! What a request asks for, in a few words.

use axum::http::{Method, request::Parts};
use serde_json::Value;

/// A request of the API server, such as `PUT userpoolmfaconfigs/status NAME`, `POST events REASON` or
/// `WATCH userpoolmfaconfigs`.
pub fn of_kube(parts: &Parts, body: &[u8]) -> String {
    let path: Vec<_> = parts.uri.path().split('/').skip_while(|part| *part != "namespaces").skip(2).collect();
    let (kind, name, part) = (path.first(), path.get(1), path.get(2));
    let resource = [kind, part].into_iter().flatten().copied().collect::<Vec<_>>().join("/");
    let is_watch = parts.uri.query().is_some_and(|query| query.contains("watch=true"));
    let verb = match (&parts.method, name) {
        (&Method::GET, None) if is_watch => "WATCH",
        (&Method::GET, None) => "LIST",
        (method, _) => method.as_str(),
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let about = if resource == "events" { body["reason"].as_str() } else { name.copied() };
    format!("{verb} {resource} {}", about.unwrap_or_default()).trim_end().to_owned()
}

/// The operation of a call of AWS.
pub fn of_aws(parts: &Parts, _: &[u8]) -> String {
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned()
}

/// Whether a request of the API server changes something there.
pub fn is_write(what: &str) -> bool {
    !["GET", "LIST", "WATCH"].iter().any(|verb| what.starts_with(verb))
}

/// Whether it is a call of AWS: those are one word.
pub fn is_of_aws(what: &str) -> bool {
    !what.contains(' ')
}
