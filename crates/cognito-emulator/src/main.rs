//! `cognito-emulator`: the emulator as a program, for clients in any language.

use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
};

use clap::Parser;
use cognito_emulator::{Emulator, EmulatorState};
use tokio::signal::unix::{SignalKind, signal};

/// A strict local emulator for Amazon Cognito's MFA operations.
///
/// Serves GetUserPoolMfaConfig, SetUserPoolMfaConfig, CreateUserPool, DescribeUserPool, UpdateUserPool, DeleteUserPool,
/// ListUserPools, and AssumeRole and GetCallerIdentity of STS, all on one port. It refuses requests that AWS is known
/// to refuse. Requests must be signed, with any credentials. All state is in memory and lost when the program stops.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Use it with any AWS client:
  export AWS_ENDPOINT_URL=http://ADDRESS AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1
  aws cognito-idp create-user-pool --pool-name demo

Script it with unsigned JSON (README.md lists all paths):
  curl http://ADDRESS/_admin/calls
  curl -X PATCH http://ADDRESS/_admin/pools/us-east-1_Pool00001 -d '{\"live\": {\"MfaConfiguration\": \"OFF\"}}'"
)]
struct Arguments {
    /// Address to listen on. Port 0 selects a free port. The program prints the address once it listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", env = "EMULATOR_LISTEN")]
    listen: SocketAddr,

    /// Enforce AWS's quotas per second: 20 GetUserPoolMfaConfig, 15 SetUserPoolMfaConfig, 5 per pool and operation
    #[arg(long, env = "EMULATOR_QUOTAS")]
    quotas: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cognito-emulator: cannot listen on {}: {error}", arguments.listen);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    // A parent process may stop the program as soon as it reads the address, so the signal handlers come first.
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut state = EmulatorState::default();
    state.quota.enabled = arguments.quotas;
    let emulator = Emulator::listen(arguments.listen, state).await?;
    let mut out = io::stdout();
    writeln!(out, "{}", emulator.address())?;
    out.flush()?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        _ = interrupted.recv() => Ok(()),
    }
}
