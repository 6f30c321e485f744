//! Secrets that a test plants, and the search for them where they must not be.

use std::collections::BTreeSet;
use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

/// A source of secrets: each is new and can't be guessed.
#[derive(Debug, Clone, Copy)]
pub struct Secrets;

impl Secrets {
    /// A secret of this length, with characters that base64 and URLs write in another way.
    pub fn fresh(length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        std::iter::repeat_with(|| Uuid::new_v4().into_bytes())
            .flat_map(|bytes| bytes.into_iter().take(6)) // the later ones are not all random
            .take(length)
            .enumerate()
            .map(|(position, byte)| match position {
                5 => '+',
                7 => '/',
                _ => char::from(LETTERS[usize::from(byte) % LETTERS.len()]),
            })
            .collect()
    }
}

/// The secrets of one test.
#[derive(Debug, Default)]
pub struct Planted {
    secrets: Vec<Secret>,
}

struct Secret {
    what: String,
    forms: Vec<Form>,
    /// The Kubernetes Secrets that hold it: `namespace/name`.
    homes: BTreeSet<String>,
    value: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

struct Form {
    name: &'static str,
    text: String,
}

/// A secret where it must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which secret.
    pub what: String,
    /// How it is written there.
    pub form: &'static str,
    /// Where.
    pub place: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is in {} ({})", self.what, self.place, self.form)
    }
}

impl Planted {
    /// Remembers a secret; `home` is the one Kubernetes Secret, `namespace/name`, that may hold it.
    pub fn add(&mut self, what: &str, value: &str, home: &str) {
        match self.secrets.iter_mut().find(|known| known.value == value) {
            Some(known) => {
                known.homes.insert(home.to_owned());
            }
            None => self.secrets.push(Secret {
                what: what.to_owned(),
                forms: forms(value),
                homes: BTreeSet::from([home.to_owned()]),
                value: value.to_owned(),
            }),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Whether there is none, so that a search would prove nothing.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Searches a text: as it is, and with percent-encoding undone.
    pub fn search(&self, place: &str, text: &str) -> Vec<Finding> {
        self.search_all_but(place, text, None)
    }

    /// Searches a Kubernetes Secret, which may hold what was planted there and nothing else.
    pub fn search_secret(&self, home: &str, text: &str) -> Vec<Finding> {
        self.search_all_but(&format!("Secret {home}"), text, Some(home))
    }

    fn search_all_but(&self, place: &str, text: &str, home: Option<&str>) -> Vec<Finding> {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        self.secrets
            .iter()
            .filter(|secret| home.is_none_or(|home| !secret.homes.contains(home)))
            .flat_map(|secret| secret.forms.iter().map(move |form| (secret, form)))
            .filter(|(_, form)| text.contains(&form.text) || decoded.contains(&form.text))
            .map(|(secret, form)| Finding {
                what: secret.what.clone(),
                form: form.name,
                place: place.to_owned(),
            })
            .collect()
    }
}

/// The ways in which a secret may be written.
fn forms(value: &str) -> Vec<Form> {
    let bytes = value.as_bytes();
    let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let hex = |format: fn(&u8) -> String| bytes.iter().map(format).collect::<String>();
    let mut forms = vec![
        ("plain", value.to_owned()),
        ("URL-encoded", encoded.clone()),
        ("URL-encoded in lower case", lower_case_escapes(&encoded)),
        ("hexadecimal", hex(|byte| format!("{byte:02x}"))),
        ("hexadecimal", hex(|byte| format!("{byte:02X}"))),
    ];
    for before in 0..3 {
        let standard = base64_inside(bytes, before);
        let for_urls = standard.replace('+', "-").replace('/', "_");
        if for_urls != standard {
            forms.push(("base64 for URLs", for_urls));
        }
        forms.push(("base64", standard));
    }
    forms
        .into_iter()
        .map(|(name, text)| Form { name, text })
        .collect()
}

fn lower_case_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (escape, rest) = part.split_at(2);
        text.push('%');
        text.push_str(&escape.to_lowercase());
        text.push_str(rest);
    }
    text
}

/// What base64 makes of these bytes after `before` others (modulo 3) and before any others: only the
/// characters that depend on nothing but them. So it is found in `user:password`, too.
fn base64_inside(bytes: &[u8], before: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |position: usize| bytes[position / 8] >> (7 - position % 8) & 1;
    let bits = bytes.len() * 8;
    let first = (6 - before * 8 % 6) % 6;
    (first..bits.saturating_sub(5))
        .step_by(6)
        .map(|start| (start..start + 6).fold(0, |number, position| number << 1 | bit(position)))
        .map(|number: u8| char::from(ALPHABET[usize::from(number)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "metal/vol-1-chap";
    const SECRET: &str = "Ab3dE+G/iJ4kLm5n";

    fn planted() -> Planted {
        let mut planted = Planted::default();
        planted.add("the CHAP password", SECRET, HOME);
        planted
    }

    #[track_caller]
    fn found(text: &str, form: &str) {
        let log = format!("2026-11-22T08:00:00Z TRACE host: sent {text} to Ironic\n");
        let findings = planted().search("the log", &log);
        assert!(
            findings.iter().any(|finding| finding.form == form),
            "{form}: {text}: {findings:?}"
        );
    }

    #[test]
    fn a_secret_is_found_in_each_encoding() {
        // From coreutils' `base64` and Python's `urllib.parse.quote`.
        found("password=Ab3dE+G/iJ4kLm5n", "plain");
        found("Ab3dE%2BG%2FiJ4kLm5n", "URL-encoded");
        found("Ab3dE%2bG%2fiJ4kLm5n", "URL-encoded in lower case");
        found("QWIzZEUrRy9pSjRrTG01bg==", "base64");
        found("QWIzZEUrRy9pSjRrTG01bg", "base64");
        found("eEFiM2RFK0cvaUo0a0xtNW4=", "base64"); // x…
        found("YWRtaW46QWIzZEUrRy9pSjRrTG01bnh5eg==", "base64"); // admin:…xyz
        found("eHhBYjNkRStHL2lKNGtMbTVueQ==", "base64"); // xx…y
        found("eEFiM2RFK0cvaUo0a0xtNW4%3D", "base64");
        found("Ab3d%45%2BG/iJ4kLm5n", "plain"); // encoded more than needed
        found("41623364452b472f694a346b4c6d356e", "hexadecimal");
    }

    #[test]
    fn base64_for_urls_is_found() {
        let secret = "????>>>>????>>>>";
        let mut planted = Planted::default();
        planted.add("a secret", secret, HOME);
        let findings = planted.search("the log", "token Pz8_Pz4-Pj4_Pz8_Pj4-Pg and more");
        assert_eq!(findings[0].form, "base64 for URLs");
    }

    #[test]
    fn another_text_holds_no_secret() {
        let text = "Ab3dE+G/iJ4kLm5 QWIzZEUrRy9pSjRrTG01 vol-1-chap";
        assert_eq!(planted().search("the log", text), []);
    }

    #[test]
    fn a_secret_may_be_in_its_own_secret_and_in_no_other() {
        let data = r#"{"data": {"password": "QWIzZEUrRy9pSjRrTG01bg=="}}"#;
        assert_eq!(planted().search_secret(HOME, data), []);
        assert_eq!(planted().search_secret("metal/node-0-bmc", data).len(), 1);
    }

    #[test]
    fn fresh_secrets_differ_and_hold_what_urls_encode() {
        let (one, other) = (Secrets::fresh(16), Secrets::fresh(16));
        assert_ne!(one, other);
        assert_eq!(one.len(), 16);
        assert!(one.contains('+') && one.contains('/'));
    }

    #[test]
    fn a_finding_never_shows_the_secret() {
        let findings = planted().search("the log", SECRET);
        assert!(!format!("{findings:?} {} {:?}", findings[0], planted()).contains(SECRET));
    }
}
