//! The labels of DNS names (RFC 1035, 2.3.1, and RFC 1123, 2.1).

const MAX_LABEL: usize = 63;

/// Whether a text is one.
pub(super) fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}
