//! AWS's messages without the parts that differ from call to call. With them each failure would change the status, and so
//! cost a write and an event.

use std::borrow::Cow;

use crate::text::{MAX_MESSAGE, safe};

/// What follows one of these, in any case, differs from call to call.
const MARKERS: [&str; 6] = [
    "encoded authorization failure message:",
    "(service:",
    "request id:",
    "requestid:",
    "requestid=",
    "aws_request_id",
];

/// What precedes the name of a session in an ARN: the role's name stands between.
const SESSION_MARKER: &str = ":assumed-role/";

/// AWS's message without request ids, encoded denials, times of signatures and the varying parts of session names.
#[must_use]
pub fn without_call_details(message: &str) -> String {
    let lower = message.to_ascii_lowercase();
    let end = MARKERS.iter().filter_map(|marker| lower.find(marker)).min().unwrap_or(message.len());
    let words = message[..end].split_whitespace().map(without_varying_parts).collect::<Vec<_>>();
    safe(words.join(" ").trim_end_matches(|c: char| " ,;{(".contains(c)), MAX_MESSAGE)
}

fn without_varying_parts(word: &str) -> Cow<'_, str> {
    if is_time(word) { Cow::Borrowed("<time>") } else { with_equal_session_names(word) }
}

/// The word with equal names for all sessions of a role. The SDK puts the time into the name (`web-identity-token-` and
/// milliseconds), and EKS a UUID (`eks-`, the cluster, the Pod, the UUID).
fn with_equal_session_names(word: &str) -> Cow<'_, str> {
    let Some((before, role_and_session)) = word.split_once(SESSION_MARKER) else {
        return Cow::Borrowed(word);
    };
    let Some((role, session)) = role_and_session.split_once('/') else { return Cow::Borrowed(word) };
    let end = session.find(|c| !is_in_session_name(c)).unwrap_or(session.len());
    let (name, after) = session.split_at(end);
    let (fixed, rest) = (without_varying_end(name), with_equal_session_names(after));
    Cow::Owned(format!("{before}{SESSION_MARKER}{role}/{fixed}{rest}"))
}

/// The characters of a RoleSessionName (AssumeRole, "Request Parameters").
fn is_in_session_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

/// The name with `<id>` for the time or the UUID that it ends with.
fn without_varying_end(name: &str) -> Cow<'_, str> {
    match varying_end(name) {
        0 => Cow::Borrowed(name),
        length => Cow::Owned(format!("{}<id>", &name[..name.len() - length])),
    }
}

/// The length of the UUID or of the time in seconds or smaller units that a name ends with.
fn varying_end(name: &str) -> usize {
    let uuid = name.len().checked_sub(36).and_then(|start| name.get(start..));
    if uuid.is_some_and(is_uuid) {
        return 36;
    }
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if digits >= 10 { digits } else { 0 }
}

fn is_uuid(text: &str) -> bool {
    text.chars().enumerate().all(|(index, c)| match index {
        8 | 13 | 18 | 23 => c == '-',
        _ => c.is_ascii_hexdigit(),
    })
}

/// Whether a word is a time in the format of AWS signatures, such as 20261123T061500Z.
fn is_time(word: &str) -> bool {
    let time = word.trim_matches(|c: char| !c.is_alphanumeric());
    time.len() == 16
        && time.chars().enumerate().all(|(index, c)| match index {
            8 => c == 'T',
            15 => c == 'Z',
            _ => c.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests;
