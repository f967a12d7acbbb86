//! A plain HTTP client. An SDK would hide details of the response from the tests.

use cognito_emulator::Emulator;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A signature of AKIDTEST for us-east-1. The emulator cannot verify signatures, so any will do.
pub const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKIDTEST/20260101/us-east-1/cognito-idp/aws4_request, \
     SignedHeaders=host, Signature=5ec2e7\r\n";

/// An HTTP response.
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// `OK`, or the error's code.
    pub fn code(&self) -> String {
        self.json().get("__type").and_then(Value::as_str).unwrap_or("OK").to_owned()
    }
}

/// Sends one request and reads until the server closes the connection. None when it sends no response.
pub async fn exchange(
    emulator: &Emulator,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(emulator.address()).await.expect("it listens");
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    // A reset connection may still have delivered a response.
    let _ = stream.read_to_string(&mut answer).await;
    let (headers, body) = answer.split_once("\r\n\r\n")?;
    let status = headers.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, headers: headers.to_ascii_lowercase(), body: body.to_owned() })
}

/// Sends a signed Cognito call, which must be answered.
pub async fn call(emulator: &Emulator, operation: &str, body: &Value) -> Answer {
    call_with(emulator, operation, SIGNED, body).await.expect("it answers")
}

/// Sends a Cognito call with these headers.
pub async fn call_with(emulator: &Emulator, operation: &str, headers: &str, body: &Value) -> Option<Answer> {
    let target = format!("X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\n{headers}");
    exchange(emulator, "POST", "/", &target, &body.to_string()).await
}
