//! The program `cognito-emulator`.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cognito-emulator");

#[test]
fn the_program_prints_its_address_and_exits_cleanly_on_sigterm() {
    let mut child = Command::new(PROGRAM).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("it prints");
    let address: SocketAddr = line.trim_end().parse().expect("it prints an address and nothing else");
    TcpStream::connect(address).expect("it listens there");
    let killed = Command::new("kill").arg(child.id().to_string()).status().expect("there is a kill");
    assert!(killed.success());
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn an_address_in_use_is_reported() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it listens").to_string();
    let output = Command::new(PROGRAM).args(["--listen", &address]).output().expect("it starts");
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains(&format!("cannot listen on {address}")), "{stderr}");
}
