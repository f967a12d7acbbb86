//! Text from AWS or from users, made safe to show in the status, in events and in logs.

/// The longest message that is shown, in characters.
pub const MAX_MESSAGE: usize = 512;
/// The longest field value that is shown, in characters.
pub const MAX_VALUE: usize = 256;

/// One line of printable text of at most `limit` characters. Control characters and the marks that reorder text on a
/// terminal become spaces. Truncated text ends in an ellipsis.
#[must_use]
pub fn safe(text: &str, limit: usize) -> String {
    let mut shown: String = text.chars().take(limit).map(|c| if is_printable(c) { c } else { ' ' }).collect();
    if text.chars().nth(limit).is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

/// The text in at most `limit` bytes, with an ellipsis where it is truncated: the events API counts bytes, not
/// characters.
#[must_use]
pub fn truncate_bytes(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit.saturating_sub('…'.len_utf8()));
    format!("{}…", &text[..end])
}

fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        && !matches!(c, '\u{ad}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// AWS's message without the parts that differ from call to call, such as request ids. With them each failure would
/// change the status, and so cost a write.
#[must_use]
pub fn without_call_details(message: &str) -> String {
    let markers = [
        "Encoded authorization failure message:",
        "(Service:",
        "Request ID:",
        "RequestId:",
        "aws_request_id",
    ];
    let end = markers.iter().filter_map(|marker| message.find(marker)).min().unwrap_or(message.len());
    let words = message[..end].split_whitespace().map(|word| if is_time(word) { "<time>" } else { word });
    safe(words.collect::<Vec<_>>().join(" ").trim_end_matches(|c: char| " ,{(".contains(c)), MAX_MESSAGE)
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
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_become_spaces() {
        assert_eq!(safe("a\nb\u{1b}[31m\u{202e}c", 20), "a b [31m c");
        assert_eq!(safe("a\u{61c}b\u{2066}c\u{ad}d\u{e0041}e", 20), "a b c d e");
    }

    #[test]
    fn truncated_text_ends_in_an_ellipsis_and_counts_characters() {
        assert_eq!(safe("ääää", 4), "ääää");
        assert_eq!(safe("äääää", 4), "äää…");
    }

    #[test]
    fn truncation_to_bytes_splits_no_character() {
        assert_eq!(truncate_bytes("ääää", 8), "ääää");
        assert_eq!(truncate_bytes("äääää", 8), "ää…");
        assert_eq!(truncate_bytes("aääää", 8), "aää…");
    }

    #[test]
    fn request_ids_and_encoded_denials_are_removed() {
        let denied = "You are not authorized. Encoded authorization failure message: 8RkQxYz";
        assert_eq!(without_call_details(denied), "You are not authorized.");
        let traced = "Rate exceeded (Service: CognitoIdentityProvider, Status Code: 400, Request ID: 1-2)";
        assert_eq!(without_call_details(traced), "Rate exceeded");
        let refused = r#"Error { code: "AccessDenied", message: "no", aws_request_id: "1-2" }"#;
        assert_eq!(without_call_details(refused), r#"Error { code: "AccessDenied", message: "no""#);
    }

    #[test]
    fn the_times_of_an_expired_signature_are_replaced() {
        let expired = "Signature expired: 20261123T061500Z is now earlier than 20261123T062000Z (20261123T062500Z - 5 min.)";
        assert_eq!(
            without_call_details(expired),
            "Signature expired: <time> is now earlier than <time> <time> - 5 min.)"
        );
    }
}
