//! Escapes of URLs (RFC 3986, 2.1).

/// The text with its escapes resolved; none if one has no two digits, or if they make no UTF-8.
pub(super) fn resolve(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_first_chunk::<2>()?;
        bytes.push(digit(digits[0])? << 4 | digit(digits[1])?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", Some(""))]
    #[case("/a b", Some("/a b"))]
    #[case("/a%20b", Some("/a b"))]
    #[case("%2F%2f", Some("//"))]
    #[case("%c3%bc", Some("ü"))]
    #[case("%25zz", Some("%zz"))]
    #[case("%", None)]
    #[case("%2", None)]
    #[case("%zz", None)]
    #[case("%+1", None)]
    #[case("%ff", None)]
    fn an_escape_is_two_digits_and_the_whole_is_utf_8(
        #[case] text: &str,
        #[case] resolved: Option<&str>,
    ) {
        assert_eq!(resolve(text).as_deref(), resolved);
    }
}
