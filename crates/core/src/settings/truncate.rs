//! Settings as the status can hold them: an external id alone may have 131,072 characters, and a status that is
//! too large for etcd could never be written.

use serde_json::Value;

use crate::{api::v1alpha1::MfaSettings, digest::digest};

const EMAIL_MESSAGE: usize = 20_000;
const OTHER: usize = 2_048;

/// The settings with every string cut at the length that the spec may have; a cut string ends in its own hash, so
/// that a change behind the cut still shows.
#[must_use]
pub fn bounded(settings: &MfaSettings) -> MfaSettings {
    let mut value = serde_json::to_value(settings).unwrap_or_default();
    cut(&mut value);
    serde_json::from_value(value).unwrap_or_else(|_| settings.clone())
}

fn cut(value: &mut Value) {
    // Settings are objects of strings, enums and booleans.
    for (name, child) in value.as_object_mut().into_iter().flatten() {
        match child {
            Value::String(text) => cut_string(text, if name == "message" { EMAIL_MESSAGE } else { OTHER }),
            other => cut(other),
        }
    }
}

fn cut_string(text: &mut String, limit: usize) {
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
    fn what_the_spec_may_hold_is_kept_whole() {
        let settings = with_subject(&"s".repeat(140));
        assert_eq!(bounded(&settings), settings);
    }

    #[test]
    fn a_change_behind_the_cut_still_shows() {
        let (a, b) = (with_subject(&"s".repeat(200_000)), with_subject(&("s".repeat(199_999) + "t")));
        assert_ne!(bounded(&a), bounded(&b));
        assert!(serde_json::to_vec(&bounded(&a)).unwrap().len() < 50_000);
    }
}
