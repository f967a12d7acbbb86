//! `cognito-emulator`: the emulator as a program of its own, for the demo and for other clients.

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
/// Serves GetUserPoolMfaConfig, SetUserPoolMfaConfig, Create-, Describe-, Update-, Delete- and ListUserPools, and
/// STS AssumeRole and GetCallerIdentity, all on one port. It refuses what AWS is known to refuse. Requests must be
/// signed, with any credentials. Everything is in memory and gone when it stops.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Point any AWS client at it:
  export AWS_ENDPOINT_URL=http://ADDRESS AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1
  aws cognito-idp create-user-pool --pool-name demo

Script it (unsigned JSON; README.md has all paths):
  curl http://ADDRESS/_admin/calls
  curl -X PATCH http://ADDRESS/_admin/pools/us-east-1_Pool00001 -d '{\"live\": {\"MfaConfiguration\": \"OFF\"}}'"
)]
struct Arguments {
    /// Address to listen on; port 0 takes a free one. The address is printed on one line once it listens
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", env = "EMULATOR_LISTEN")]
    listen: SocketAddr,

    /// Limit the request rates as AWS's quotas do: Get 20/s, Set 15/s, 5/s an operation and pool
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
    // Before the address is printed: whoever waits for that line may stop the program right after it.
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut world = EmulatorState::default();
    world.quota.enabled = arguments.quotas;
    let emulator = Emulator::listen(arguments.listen, world).await?;
    let mut out = io::stdout();
    writeln!(out, "{}", emulator.address())?;
    out.flush()?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        _ = interrupted.recv() => Ok(()),
    }
}
