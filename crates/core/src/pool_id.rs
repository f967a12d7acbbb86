//! The ids of user pools, and what is mistaken for one: the ARN, the issuer's URL, and the ids of other things.

/// The form of an id, as the end of a sentence.
pub const FORM: &str = "write the pool's id, such as eu-west-1_AbCdEf123";
/// The length of an app client's id.
const CLIENT_LENGTH: usize = 26;
/// The lengths of the parts of a UUID.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// Whether a text has the form of a user pool's id: the region, an underscore, letters and digits.
#[must_use]
pub fn is_pool_id(text: &str) -> bool {
    let (region, rest) = text.split_once('_').unwrap_or_default();
    is_region(region) && !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric())
}

/// What a text is that is no id, and what to write; None when it is not known what it is.
#[must_use]
pub fn explain(text: &str) -> Option<String> {
    if is_pool_id(text) {
        return None;
    }
    if let Some(id) = text.split(['/', ':']).find_map(corrected) {
        return Some(format!("write the id alone, which is {id}"));
    }
    if is_identity_pool(text) {
        return Some(format!("this is the id of an identity pool, which has no MFA settings: {FORM}"));
    }
    if is_client(text) {
        return Some(format!("this looks like the id of an app client: {FORM}"));
    }
    let id = with_underscore(text)?;
    Some(format!("the underscore after the region is missing: is it {id}?"))
}

/// The id in one part of a text: without blanks and quotes around it, and with the region in small letters.
fn corrected(part: &str) -> Option<String> {
    let part = part.trim_matches(|c: char| c.is_whitespace() || "\"'`".contains(c));
    let (region, rest) = part.split_once('_')?;
    let id = format!("{}_{rest}", region.to_ascii_lowercase());
    is_pool_id(&id).then_some(id)
}

fn with_underscore(text: &str) -> Option<String> {
    // Every region of AWS ends with one digit.
    let end = text.find(|c: char| c.is_ascii_digit())? + 1;
    let id = format!("{}_{}", &text[..end], text[end..].trim_start_matches('-'));
    is_pool_id(&id).then_some(id)
}

fn is_region(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    let [first, middle @ .., last] = &text.split('-').collect::<Vec<_>>()[..] else { return false };
    let is_number = !last.is_empty() && last.chars().all(|c| c.is_ascii_digit());
    first.len() >= 2
        && is_word(first)
        && !middle.is_empty()
        && middle.iter().copied().all(is_word)
        && is_number
}

fn is_identity_pool(text: &str) -> bool {
    let (region, uuid) = text.rsplit_once(':').unwrap_or_default();
    let parts: Vec<_> = uuid.split('-').collect();
    let is_uuid = parts.iter().map(|part| part.len()).eq(UUID)
        && parts.iter().all(|part| part.chars().all(|c| c.is_ascii_hexdigit()));
    is_uuid && is_region(region.rsplit(['/', ':']).next().unwrap_or(region))
}

fn is_client(text: &str) -> bool {
    text.len() == CLIENT_LENGTH && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "[a-z]{2,4}(-[a-z]{1,6}){1,3}-[0-9]_[0-9A-Za-z]{1,9}";

    fn explanation(text: &str) -> String {
        explain(text).unwrap_or_default()
    }

    #[test]
    fn ids_of_other_things_are_named() {
        let identity = "eu-west-1:01234567-89ab-cdef-0123-456789abcdef";
        assert!(explanation(identity).contains("an identity pool"), "{}", explanation(identity));
        assert!(explanation("3n4b5urk1ft4fl3mg5e62d9ado").contains("an app client"));
        for unknown in ["customers", "", "_", "eu-west-1", "eu-west-1_", "Ünïcode_1", "arn:aws:iam::1:role/x"]
        {
            assert_eq!(explain(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_uuid_without_a_region_is_no_identity_pool() {
        for other in
            ["x:01234567-89ab-cdef-0123-456789abcdef", "eu-west-1:01234567-89ab-cdef-0123-456789abcdeg"]
        {
            assert_eq!(explain(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn the_id_in_other_spellings_is_found(id in ID) {
            prop_assert!(is_pool_id(&id));
            prop_assert_eq!(explain(&id), None);
            let region = id.split('_').next().unwrap();
            for other in [
                format!("arn:aws:cognito-idp:{region}:123456789012:userpool/{id}"),
                format!("arn:aws-us-gov:cognito-idp:{region}:123456789012:userpool/{id}"),
                format!("https://cognito-idp.{region}.amazonaws.com/{id}"),
                format!("https://cognito-idp.{region}.amazonaws.com/{id}/.well-known/jwks.json"),
                format!("cognito-idp.{region}.amazonaws.com/{id}"),
                format!(" {id}\n"),
                format!("'{id}'"),
                id.replace(region, &region.to_uppercase()),
            ] {
                prop_assert_eq!(explanation(&other), format!("write the id alone, which is {id}"), "{}", other);
            }
            for other in [id.replace('_', ""), id.replace('_', "-")] {
                prop_assert!(explanation(&other).ends_with(&format!("is it {id}?")), "{}", other);
            }
        }

        #[test]
        fn any_text_is_explained_without_a_panic(text in any::<String>()) {
            prop_assert!(explain(&text).is_none() || !is_pool_id(&text));
        }
    }
}
