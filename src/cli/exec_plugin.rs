//! What went wrong with the program by which a kubeconfig signs in, such as `aws eks get-token`.

use std::{error::Error, iter::successors};

use cognito_mfa_core::text;
use kube::{client::AuthError, config::ExecConfig};

/// The program's failure in a sentence: its name, its own words, and the hint of the kubeconfig. None when the error is
/// about something else.
pub fn describe(error: &(dyn Error + 'static), plugin: Option<&ExecConfig>) -> Option<String> {
    let cause = successors(Some(error), |&cause| cause.source()).find_map(|cause| cause.downcast_ref())?;
    let why = match cause {
        AuthError::AuthExecStart(error) => format!("cannot be started: {error}"),
        AuthError::AuthExecRun { out, .. } => format!("failed with {}{}", out.status, own_words(&out.stderr)),
        AuthError::AuthExecParse(_) => "printed no ExecCredential in JSON".to_owned(),
        _ => return None,
    };
    let command = plugin.and_then(|plugin| plugin.command.as_deref()).unwrap_or("(unnamed)");
    let hint = plugin.and_then(|plugin| plugin.install_hint.as_deref()).map(str::trim).unwrap_or_default();
    let hint = if hint.is_empty() { String::new() } else { format!(". Its hint: {hint}") };
    let sentence = format!("the program {command}, by which the kubeconfig signs in, {why}{hint}");
    Some(text::safe(&sentence, text::MAX_MESSAGE))
}

/// Where the program may ask the user, its standard error is this process's, and the user has read it.
fn own_words(stderr: &[u8]) -> String {
    let words = String::from_utf8_lossy(stderr);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { String::new() } else { format!(": {words}") }
}
