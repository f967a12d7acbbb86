//! What the environment must not hold when the SDK reads it.

use std::{env, ffi::OsString, io, os::unix::process::CommandExt, process::Command};

/// Starts this program anew, as the same process, without the endpoints that are set and empty, such as
/// `AWS_ENDPOINT_URL=`: like the AWS CLI it takes them as unset. The SDK panics over them at the first call, and its own
/// clients of STS and SSO, which load credentials, take no other environment than the process's.
///
/// # Errors
/// The program cannot be started. Where no endpoint is empty, there is nothing to start.
pub fn forget_empty_endpoints() -> io::Result<()> {
    let empty: Vec<OsString> = env::vars_os().filter(is_empty_endpoint).map(|(name, _)| name).collect();
    if empty.is_empty() {
        return Ok(());
    }
    let (program, mut arguments) = (env::current_exe()?, env::args_os());
    let called = arguments.next().unwrap_or_else(|| program.clone().into());
    let mut anew = Command::new(program);
    anew.arg0(called).args(arguments);
    for name in empty {
        anew.env_remove(name);
    }
    Err(anew.exec())
}

fn is_empty_endpoint((name, value): &(OsString, OsString)) -> bool {
    value.is_empty() && name.to_string_lossy().starts_with("AWS_ENDPOINT_URL")
}
