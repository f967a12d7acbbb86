//! The causes of an error: the SDK wraps its errors several times.

use std::error::Error;

use aws_config::imds::client::error::ImdsError;

pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

pub(super) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The causes from the outside in. An outer one often ends with the text of its cause, which is then not repeated.
pub(super) fn causes_in_order(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error).map(shown).filter(|cause| !cause.is_empty()) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// The text of a cause. The SDK's text of an answer of the metadata service has all headers, the date among them.
fn shown(cause: &(dyn Error + 'static)) -> String {
    match cause.downcast_ref() {
        Some(ImdsError::ErrorResponse(answer)) => {
            format!(
                "the node's metadata service answered with status {}",
                answer.response().status().as_u16()
            )
        }
        _ => cause.to_string(),
    }
}
