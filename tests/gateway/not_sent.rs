//! Which failed writes surely never reached AWS. All others may have been done.

use serde_json::{Value, json};

use crate::{
    child::{Child, file},
    credentials::irsa,
    server::{Reply, Server, cognito, error, nowhere},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";

fn write(child: Child) -> Value {
    child.set(POOL, &json!({ "mfaConfiguration": "OFF" })).outcome()
}

#[test]
fn a_write_without_a_connection_is_not_sent() {
    let refusing_proxy = Server::start([Reply::Answer(407, vec![])]);
    let (other_certificate, _) = Server::start_tls([Reply::Hang]);
    let hanging = Server::start([Reply::Hang]);
    let children = [
        ("refused", Child::at(&nowhere())),
        ("DNS", Child::at("http://cognito.invalid")),
        ("CONNECT", Child::new().env("HTTPS_PROXY", &refusing_proxy.url())),
        ("CONNECT hangs", Child::new().env("HTTPS_PROXY", &hanging.url()).env("CHILD_TIMEOUT_MS", "300")),
        ("TLS", Child::at(&other_certificate.tls_url()).env("AWS_CA_BUNDLE", &own_certificate())),
    ];
    for (why, child) in children {
        let outcome = write(child);
        assert_eq!(
            (&outcome["class"], &outcome["sent"]),
            (&json!("Transient"), &json!(false)),
            "{why}: {outcome}"
        );
    }
}

/// A bundle with the certificate of no server.
fn own_certificate() -> String {
    let (_, certificate) = Server::start_tls([Reply::Hang]);
    file("not-sent.pem", &certificate)
}

#[test]
fn a_write_that_a_proxy_wants_a_login_for_is_not_sent() {
    let (proxy, server) = (Server::start([Reply::Answer(407, vec![])]), cognito());
    let outcome = write(Child::at(&server.url()).env("HTTP_PROXY", &proxy.url()));
    assert_eq!((&outcome["code"], &outcome["sent"]), (&json!("HttpError"), &json!(false)), "{outcome}");
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 0));
}

#[test]
fn a_write_without_credentials_is_not_sent() {
    let server = cognito();
    let children = [
        Child::at(&server.url()).without_credentials(),
        irsa().env("AWS_ENDPOINT_URL", &server.url()).env("AWS_ENDPOINT_URL_STS", &nowhere()),
    ];
    for child in children {
        let outcome = write(child);
        assert_eq!(outcome["sent"], false, "{outcome}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_write_that_reached_a_server_may_be_sent_whatever_the_answer() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"MfaConfiguration\":\"ON\"}".to_vec();
    for fault in [
        Reply::Hang,
        Reply::Raw(vec![]),
        Reply::Raw(cut),
        Reply::Answer(502, vec![]),
        Reply::Answer(408, vec![]),
        Reply::Answer(200, vec![]),
        error(500, "InternalErrorException", "x"),
    ] {
        let server = Server::start([fault]);
        let outcome = write(Child::at(&server.url()).env("CHILD_TIMEOUT_MS", "300"));
        assert_eq!((&outcome["class"], &outcome["sent"]), (&json!("Transient"), &json!(true)), "{outcome}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_write_on_a_connection_that_breaks_may_be_sent() {
    let accepted = Reply::Answer(200, br#"{"MfaConfiguration":"ON"}"#.to_vec());
    let server = Server::start([accepted, Reply::Raw(vec![])]);
    let child = Child::at(&server.url()).get(POOL).set(POOL, &json!({ "mfaConfiguration": "OFF" }));
    assert_eq!(child.run().outcomes[1]["sent"], true);
}
