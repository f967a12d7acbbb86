//! Encoding and decoding of the two AWS protocols: awsJson1.1 (Cognito) and awsQuery (STS).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use serde_json::{Map, Value};

use crate::{error::ApiError, iam::CredentialScope, state::Request};

/// The protocol of a request and of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson1.1: JSON in both directions.
    Json,
    /// awsQuery: the request is a form, the answer is XML.
    Query,
}

const TARGET: &str = "AWSCognitoIdentityProviderService.";

/// Only awsJson1.1 names the operation in a header.
#[must_use]
pub fn protocol(headers: &HeaderMap) -> Protocol {
    if headers.contains_key("x-amz-target") { Protocol::Json } else { Protocol::Query }
}

/// Decodes a request.
///
/// # Errors
/// UnknownOperationException when no operation is named, SerializationException when the body is not JSON.
pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Request, ApiError> {
    let scope = header(headers, "authorization").and_then(read_scope);
    match protocol(headers) {
        Protocol::Json => {
            let target = header(headers, "x-amz-target").unwrap_or_default();
            let operation = target.strip_prefix(TARGET).ok_or_else(|| ApiError::unknown_operation(target))?;
            let body = serde_json::from_slice(body)
                .map_err(|error| ApiError::serialization(format!("The body is not JSON: {error}")))?;
            Ok(Request { operation: operation.into(), body, scope })
        }
        Protocol::Query => {
            let body = form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into()));
            let body: Map<String, Value> = body.collect();
            let operation = body
                .get("Action")
                .and_then(Value::as_str)
                .ok_or_else(|| ApiError::unknown_operation("none"))?;
            Ok(Request { operation: operation.into(), body: Value::Object(body), scope })
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads `AWS4-HMAC-SHA256 Credential=AKID/date/region/service/aws4_request, SignedHeaders=…, Signature=…`.
/// The signature cannot be verified without the secret key, but all three parts must be present.
fn read_scope(authorization: &str) -> Option<CredentialScope> {
    let parts = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let part = |name: &str| {
        let value = parts.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        value.filter(|value| !value.is_empty())
    };
    let (credential, _, _) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
    let [access_key_id, _date, region, service, "aws4_request"] =
        credential.split('/').collect::<Vec<_>>()[..]
    else {
        return None;
    };
    Some(CredentialScope {
        access_key_id: access_key_id.into(),
        region: region.into(),
        service: service.into(),
    })
}

/// The body of a successful answer.
#[must_use]
pub fn success_body(protocol: Protocol, operation: &str, answer: &Value) -> String {
    match protocol {
        Protocol::Json => answer.to_string(),
        Protocol::Query => {
            let result = xml(&format!("{operation}Result"), answer);
            let namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
            format!("<{operation}Response xmlns=\"{namespace}\">{result}</{operation}Response>")
        }
    }
}

/// The HTTP status, the error code and the body of an error.
#[must_use]
pub fn error_parts(protocol: Protocol, error: ApiError) -> (u16, String, String) {
    match protocol {
        Protocol::Json => (error.status, error.code.clone(), error.to_json().to_string()),
        Protocol::Query => {
            let ApiError { code, status, message, .. } = to_query_error(error);
            let detail = format!("<Code>{}</Code><Message>{}</Message>", escape(&code), escape(&message));
            let body = format!("<ErrorResponse><Error><Type>Sender</Type>{detail}</Error></ErrorResponse>");
            (status, code, body)
        }
    }
}

/// The error in the terms of awsQuery: its code loses `Exception`, and refused credentials get status 403. [docs]
fn to_query_error(error: ApiError) -> ApiError {
    let forbidden = ["AccessDenied", "ExpiredToken", "InvalidSignature", "MissingAuthenticationToken"];
    let code = error.code.strip_suffix("Exception").unwrap_or(&error.code).to_owned();
    let status = if forbidden.contains(&code.as_str()) { 403 } else { error.status };
    ApiError { code, status, ..error }
}

fn xml(name: &str, value: &Value) -> String {
    let content = match value {
        Value::Object(members) => members.iter().map(|(name, value)| xml(name, value)).collect(),
        Value::String(text) => escape(text),
        other => other.to_string(),
    };
    format!("<{name}>{content}</{name}>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An HTTP response with the headers that AWS sends. The request id is the call's sequence number.
#[must_use]
pub fn response(
    protocol: Protocol,
    sequence: u64,
    status: u16,
    code: Option<&str>,
    body: String,
) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = match protocol {
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::Query => "text/xml",
    };
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    let id = format!("00000000-0000-4000-8000-{sequence:012}");
    for (name, value) in [("x-amzn-requestid", Some(id.as_str())), ("x-amzn-errortype", code)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}
