//! The labels of DNS names (RFC 1035, 2.3.1, and RFC 1123, 2.1), and the names of Kubernetes' objects, which are made of
//! them.

const MAX_LABEL: usize = 63;
const MAX_OBJECT_NAME: usize = 253;

/// Whether a text is a label, in any case.
pub(super) fn is_label(text: &str) -> bool {
    is_label_of_any_length(text) && text.len() <= MAX_LABEL
}

/// Whether Kubernetes takes a text for a label: of at most 63 characters, and in lower case.
pub fn is_dns_label(text: &str) -> bool {
    is_label(text) && is_lower(text)
}

/// Whether Kubernetes takes a text for the name of an object: labels of any length with dots between them, 253 characters
/// at most.
pub fn is_object_name(text: &str) -> bool {
    text.len() <= MAX_OBJECT_NAME && is_lower(text) && text.split('.').all(is_label_of_any_length)
}

fn is_label_of_any_length(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_lower(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_at_most_63_characters_and_an_object_s_name_253() {
        assert!(is_dns_label(&"a".repeat(63)) && !is_dns_label(&"a".repeat(64)));
        assert!(is_object_name(&"a".repeat(253)) && !is_object_name(&"a".repeat(254)));
    }

    #[test]
    fn only_an_object_s_name_has_dots_and_neither_has_upper_case() {
        assert!(is_object_name("vol-1.example") && !is_dns_label("vol-1.example"));
        for text in ["", "Vol", "-a", "a-", "a_b"] {
            assert!(!is_dns_label(text) && !is_object_name(text), "{text:?}");
        }
        // The last would lead to another object in a URL.
        for text in ["a..b", ".a", "a.", "a.-b", "a/b", "../../other/secrets/bmc"] {
            assert!(!is_object_name(text), "{text:?}");
        }
        assert!(is_label("Vol"));
    }
}
