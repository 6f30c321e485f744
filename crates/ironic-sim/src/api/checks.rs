//! What names, UUIDs and addresses look like.

/// Whether a text is a UUID, with or without its dashes, as `oslo_utils` takes it.
pub(crate) fn is_uuid_like(text: &str) -> bool {
    let bare: String = text
        .replace("urn:", "")
        .replace("uuid:", "")
        .trim_matches(['{', '}'])
        .chars()
        .filter(|&char| char != '-')
        .collect();
    bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text may be a name: RFC 3986's unreserved characters, 255 at most.
pub(crate) fn is_logical_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Whether a text is a host's name: what a node's had to be before 1.10.
pub(crate) fn is_hostname(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// A MAC address in lower case.
pub(crate) fn normalised_mac(text: &str) -> Option<String> {
    let mut parts = 0;
    for part in text.split(':') {
        if part.len() != 2 || !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        parts += 1;
    }
    (parts == 6).then(|| text.to_lowercase())
}
