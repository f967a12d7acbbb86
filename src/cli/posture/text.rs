//! Text from the cluster, made safe to show.

use cognito_mfa_core::text;

/// One line without characters that hide or reorder the text beside it.
pub(super) fn one_line(text: &str) -> String {
    text::safe(text, text::MAX_MESSAGE)
}
