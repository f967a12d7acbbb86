//! Truncates settings for the status. An external id alone may have 131,072 characters, and the API server refuses a
//! status that is too large for etcd.

use serde_json::Value;

use crate::{api::v1alpha1::MfaSettings, digest::digest};

const MAX_EMAIL_MESSAGE: usize = 20_000;
const MAX_OTHER: usize = 2_048;

/// The settings with every string truncated to the length that the spec allows. A truncated string ends in a hash of the
/// whole string, so that a change behind the cut is still a difference.
#[must_use]
pub fn truncated(settings: &MfaSettings) -> MfaSettings {
    let mut value = serde_json::to_value(settings).unwrap_or_default();
    truncate_value(&mut value);
    serde_json::from_value(value).unwrap_or_else(|_| settings.clone())
}

fn truncate_value(value: &mut Value) {
    // Settings are objects of strings, enums and booleans.
    for (name, child) in value.as_object_mut().into_iter().flatten() {
        match child {
            Value::String(text) => {
                truncate_text(text, if name == "message" { MAX_EMAIL_MESSAGE } else { MAX_OTHER });
            }
            other => truncate_value(other),
        }
    }
}

fn truncate_text(text: &mut String, limit: usize) {
    let Some((end, _)) = text.char_indices().nth(limit) else { return };
    *text = format!("{}… sha256:{:032x}", &text[..end], digest(text.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_subject(subject: &str) -> MfaSettings {
        serde_json::from_value(serde_json::json!({
            "mfaConfiguration": "OPTIONAL", "emailMfaConfiguration": {"message": "ä".repeat(20_000), "subject": subject}
        }))
        .unwrap()
    }

    #[test]
    fn settings_that_the_spec_allows_are_not_truncated() {
        let settings = with_subject(&"s".repeat(998));
        assert_eq!(truncated(&settings), settings);
    }

    #[test]
    fn a_change_behind_the_cut_is_still_a_difference() {
        let (a, b) = (with_subject(&"s".repeat(200_000)), with_subject(&("s".repeat(199_999) + "t")));
        assert_ne!(truncated(&a), truncated(&b));
        assert!(serde_json::to_vec(&truncated(&a)).unwrap().len() < 50_000);
    }
}
