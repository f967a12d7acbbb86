//! `probe`: asks a running operator whether it works, as the chart's test does.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use cognito_mfa_core::schedule::interval::parse_duration;

use super::{ExitStatus, output};

/// For each connection, each write and each read.
const TIMEOUT: Duration = Duration::from_secs(10);
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The flags of `probe`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "It fails unless /readyz answers that the operator is ready, which it is once the API server has listed the objects, and that nothing is wrong; and unless /metrics shows the version of this binary.\n\nExample: cognito-mfa-operator probe cognito-mfa-operator.cognito-mfa-operator:8080 --wait 1m"
)]
pub struct Probe {
    /// Where the operator serves /readyz and /metrics: HOST:PORT.
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// How long to ask again, once a second, until the answers are right.
    #[arg(long, value_parser = duration, value_name = "DURATION", default_value = "0s")]
    pub wait: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "write it like 30s".into())
}

pub(super) fn run(flags: &Probe) -> Result<ExitStatus, String> {
    let started = Instant::now();
    while let Err(error) = check(flags) {
        if started.elapsed() >= flags.wait {
            return Err(error);
        }
        thread::sleep(Duration::from_secs(1));
    }
    output::print(&format!("the operator at {} is ready and of version {VERSION}\n", flags.address))?;
    Ok(ExitStatus::Success)
}

fn check(flags: &Probe) -> Result<(), String> {
    check_ready(&get(&flags.address, "/readyz")?)?;
    check_version(&get(&flags.address, "/metrics")?)
}

/// A page, and whether its status is 200.
struct Page {
    ok: bool,
    body: String,
}

fn get(address: &str, path: &str) -> Result<Page, String> {
    let answer = ask(address, path).map_err(|error| {
        format!("http://{address}{path}: {error}; is the operator running, and is this where it listens? --wait asks again")
    })?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Ok(Page { ok: head.split(' ').nth(1) == Some("200"), body: body.to_owned() })
}

fn ask(address: &str, path: &str) -> std::io::Result<String> {
    let mut connection = connect(address)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.set_write_timeout(Some(TIMEOUT))?;
    // With HTTP/1.0 the server closes the connection after its answer.
    write!(connection, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Connects to the first of the name's addresses that answers: the name of a Service may have an address of each family.
fn connect(address: &str) -> std::io::Result<TcpStream> {
    let mut failure = std::io::Error::other("the name has no address");
    for candidate in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&candidate, TIMEOUT) {
            Ok(connection) => return Ok(connection),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn check_ready(page: &Page) -> Result<(), String> {
    let is_wrong = |line: &&str| *line != "ok" && !line.starts_with("observe-only:");
    let wrong: Vec<&str> = page.body.lines().filter(is_wrong).collect();
    if page.ok && wrong.is_empty() { Ok(()) } else { Err(format!("/readyz says: {}", wrong.join("; "))) }
}

fn check_version(page: &Page) -> Result<(), String> {
    let found =
        page.body.lines().find_map(|line| line.strip_prefix("cognito_mfa_operator_build_info{version=\""));
    match found.and_then(|rest| rest.split_once('"')) {
        Some((VERSION, _)) => Ok(()),
        Some((other, _)) => Err(format!("the operator that answers is of version {other}, and this is {VERSION}")),
        None => Err("/metrics does not show the operator's version: another program answers there, or an older operator".into()),
    }
}
