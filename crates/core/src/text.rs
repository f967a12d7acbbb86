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
}
