//! A server that plays scripted answers and records its requests.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::Value;

/// One scripted answer.
#[derive(Clone)]
pub enum Reply {
    /// A whole answer; the connection stays open.
    Answer(u16, Vec<u8>),
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// A body without end.
    Flood,
    /// No answer ever.
    Hang,
    /// A whole answer with the status 200, at the earliest after this time.
    Late(Duration, Vec<u8>),
}

/// An answer with a JSON body.
pub fn json(status: u16, body: &Value) -> Reply {
    Reply::Answer(status, body.to_string().into_bytes())
}

/// An error as awsJson1.1 sends it.
pub fn error(status: u16, code: &str, message: &str) -> Reply {
    json(status, &serde_json::json!({ "__type": code, "message": message }))
}

/// A Cognito that answers every request with the mode ON.
pub fn cognito() -> Server {
    Server::start([json(200, &serde_json::json!({ "MfaConfiguration": "ON" }))])
}

/// A proxy that refuses every request: only its record matters.
pub fn proxy() -> Server {
    Server::start([Reply::Answer(403, vec![])])
}

/// An address where nothing listens.
pub fn nowhere() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The request lines that the server received so far.
pub fn lines(server: &Server) -> Vec<String> {
    server.requests().into_iter().map(|request| request.line).collect()
}

/// One request. Header names are in lower case.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The answers are played in order; the last one stays.
pub struct Server {
    port: u16,
    received: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn start(replies: impl Into<Vec<Reply>>) -> Self {
        Self::listen(replies.into(), |stream, play| play(&mut BufReader::new(stream)))
    }

    /// Starts a server over TLS with a new certificate for "localhost"; returns that certificate as PEM.
    pub fn start_tls(replies: impl Into<Vec<Reply>>) -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes()).unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key)
                .unwrap();
        let config = Arc::new(config);
        let server = Self::listen(replies.into(), move |stream, play| {
            let session = rustls::ServerConnection::new(config.clone()).unwrap();
            play(&mut BufReader::new(rustls::StreamOwned::new(session, stream)));
        });
        (server, made.cert.pem())
    }

    fn listen(
        replies: Vec<Reply>,
        wrap: impl Fn(TcpStream, &dyn Fn(&mut dyn Duplex)) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (log, wrap) = (received.clone(), Arc::new(wrap));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, replies, wrap) = (log.clone(), replies.clone(), wrap.clone());
                thread::spawn(move || wrap(stream.unwrap(), &|stream| serve(stream, &log, &replies)));
            }
        });
        Self { port, received }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn tls_url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.received.lock().unwrap().clone()
    }
}

pub trait Duplex: BufRead {
    fn out(&mut self) -> &mut dyn Write;
}

impl<T: Read + Write> Duplex for BufReader<T> {
    fn out(&mut self) -> &mut dyn Write {
        self.get_mut()
    }
}

fn serve(stream: &mut dyn Duplex, received: &Mutex<Vec<Request>>, replies: &[Reply]) {
    while let Some(request) = read(stream) {
        let number = {
            let mut received = received.lock().unwrap();
            received.push(request);
            received.len() - 1
        };
        match &replies[number.min(replies.len() - 1)] {
            Reply::Answer(status, body) => {
                if answer(stream.out(), *status, body).is_err() {
                    return;
                }
            }
            Reply::Late(delay, body) => {
                thread::sleep(*delay);
                if answer(stream.out(), 200, body).is_err() {
                    return;
                }
            }
            Reply::Raw(bytes) => {
                let _ = stream.out().write_all(bytes).and_then(|()| stream.out().flush());
                return;
            }
            Reply::Flood => {
                let mut sent = stream.out().write_all(b"HTTP/1.1 200 X\r\n\r\n");
                while sent.is_ok() {
                    sent = stream.out().write_all(&[b' '; 8192]);
                }
                return;
            }
            // The next read blocks until the client gives up and closes the connection.
            Reply::Hang => {}
        }
    }
}

fn answer(out: &mut dyn Write, status: u16, body: &[u8]) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
    out.write_all(head.as_bytes())?;
    out.write_all(body)?;
    out.flush()
}

fn read(stream: &mut dyn Duplex) -> Option<Request> {
    let mut request = Request { line: line(stream)?, ..Request::default() };
    while let Some(header) = line(stream).filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':').unwrap();
        request.headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

fn line(stream: &mut dyn Duplex) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}
