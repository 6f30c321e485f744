//! Names of initiators and targets.

use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

use crate::names::DEFAULT_CONNECTOR_PREFIX;

/// The longest iSCSI name in bytes (RFC 3720, 3.2.6.1).
const MAX_BYTES: usize = 223;

/// How many hexadecimal digits of a digest close a default name that was cut.
const DIGEST_DIGITS: usize = 10;

/// The name of an iSCSI initiator or target.
///
/// One of
/// * `iqn.yyyy-mm.reversed.domain[:unique]`, where the unique part consists of letters, digits,
///   `.`, `-`, `:` and `_`;
/// * `eui.` and 16 hexadecimal digits (an EUI-64);
/// * `naa.` and 16 or 32 hexadecimal digits (RFC 3980).
///
/// RFC 3720 allows more characters beyond ASCII. They are refused here: nothing on the way to the
/// firmware's boot table is known to keep them. The underscore is not in the RFC, and is accepted
/// because targets in use have it. Upper and lower case are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iqn(String);

impl Iqn {
    /// The name as a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the same name: their case doesn't count (RFC 3722).
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }

    /// Whether it begins as the names do that hosts have by [default](default_connector_id).
    pub fn is_a_default(&self) -> bool {
        self.0
            .get(..DEFAULT_CONNECTOR_PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(DEFAULT_CONNECTOR_PREFIX))
    }
}

impl AsRef<str> for Iqn {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Iqn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Iqn> for String {
    fn from(iqn: Iqn) -> Self {
        iqn.0
    }
}

/// Why a string is no iSCSI name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IqnError {
    /// It is empty.
    #[error("the name is empty; give one like iqn.2026-11.org.example:name")]
    Empty,
    /// It is too long.
    #[error("the name has {bytes} bytes; shorten it to at most {MAX_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It contains a character that a name or the boot script can't have.
    #[error(
        "the character {character:?} can't be used; use letters, digits, '.', '-', ':' and '_'"
    )]
    Character {
        /// The first such character.
        character: char,
    },
    /// It is of no known kind.
    #[error("the name begins with none of iqn., eui. and naa.; add the one that fits")]
    Kind,
    /// An `iqn.` name has no year and month.
    #[error("iqn. is not followed by a year and a month; write them like iqn.2026-11.org.example")]
    Date,
    /// An `iqn.` name has no domain, or one that is no domain name.
    #[error(
        "the year and month are not followed by a reversed domain name; \
         write it like iqn.2026-11.org.example"
    )]
    Domain,
    /// The part behind the colon of an `iqn.` name is empty.
    #[error("nothing follows the colon; add a name, or remove the colon")]
    Unique,
    /// An `eui.` name has the wrong digits.
    #[error("eui. is not followed by exactly 16 hexadecimal digits; copy the name from its device")]
    Eui,
    /// A `naa.` name has the wrong digits.
    #[error(
        "naa. is not followed by exactly 16 or 32 hexadecimal digits; \
         copy the name from its device"
    )]
    Naa,
}

impl FromStr for Iqn {
    type Err = IqnError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name.is_empty() {
            return Err(IqnError::Empty);
        }
        if name.len() > MAX_BYTES {
            return Err(IqnError::TooLong { bytes: name.len() });
        }
        if let Some(character) = name.chars().find(|c| !is_name_character(*c)) {
            return Err(IqnError::Character { character });
        }
        let (kind, rest) = name.split_once('.').ok_or(IqnError::Kind)?;
        match kind.to_ascii_lowercase().as_str() {
            "iqn" => check_qualified(rest)?,
            "eui" if is_hexadecimal(rest) && rest.len() == 16 => {}
            "eui" => return Err(IqnError::Eui),
            "naa" if is_hexadecimal(rest) && matches!(rest.len(), 16 | 32) => {}
            "naa" => return Err(IqnError::Naa),
            _ => return Err(IqnError::Kind),
        }
        Ok(Self(name.to_owned()))
    }
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_')
}

fn is_hexadecimal(digits: &str) -> bool {
    digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Checks what follows `iqn.`.
fn check_qualified(rest: &str) -> Result<(), IqnError> {
    let (authority, unique) = match rest.split_once(':') {
        Some((authority, unique)) => (authority, Some(unique)),
        None => (rest, None),
    };
    let (date, domain) = match authority.split_once('.') {
        Some((date, domain)) => (date, Some(domain)),
        None => (authority, None),
    };
    if !is_year_and_month(date) {
        return Err(IqnError::Date);
    }
    if !domain.is_some_and(|domain| domain.split('.').all(is_label)) {
        return Err(IqnError::Domain);
    }
    if unique == Some("") {
        return Err(IqnError::Unique);
    }
    Ok(())
}

fn is_year_and_month(date: &str) -> bool {
    let Some((year, month)) = date.split_once('-') else {
        return false;
    };
    year.len() == 4
        && year.bytes().all(|b| b.is_ascii_digit())
        && month.len() == 2
        && month
            .parse()
            .is_ok_and(|month: u8| (1..=12).contains(&month))
}

/// Whether a part of a domain name, which consists of a name's characters, is one.
fn is_label(label: &str) -> bool {
    !label.is_empty() && !label.contains('_') && !label.starts_with('-') && !label.ends_with('-')
}

/// The name of the initiator of a host whose spec names none:
/// `iqn.2026-11.io.ironboot:<namespace>.<name>`.
///
/// Where that would be longer than 223 bytes, it is cut and closed with `-` and 10 hexadecimal
/// digits of SHA-256(`namespace/name`). It doesn't depend on the host's UID, which changes when the
/// host is moved to another cluster.
///
/// The result is a valid name for every namespace and name that Kubernetes accepts.
pub fn default_connector_id(namespace: &str, name: &str) -> Iqn {
    let whole = format!("{DEFAULT_CONNECTOR_PREFIX}{namespace}.{name}");
    if whole.len() <= MAX_BYTES {
        return Iqn(whole);
    }
    let digest = Sha256::digest(format!("{namespace}/{name}"));
    let mut cut = whole;
    cut.truncate(cut.floor_char_boundary(MAX_BYTES - DIGEST_DIGITS - "-".len()));
    Iqn(format!("{cut}-{}", &format!("{digest:x}")[..DIGEST_DIGITS]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("iqn.2026-11.org.example")]
    #[case("iqn.2026-11.org.example:vol-1")]
    #[case("iqn.2001-05.com.equallogic:0-8a0906-f6b5d1c04-1f1a2b3c4d5e6f70-vol_1")]
    #[case("iqn.1992-08.com.netapp:sn.135098765:vs.3")]
    #[case("iqn.2004-04.com.qnap:TS-453:iSCSI.Target-1.ABCDEF")]
    #[case("IQN.2004-04.COM.EXAMPLE:UPPER")]
    #[case("eui.02004567A425678D")]
    #[case("naa.52004567BA64678D")]
    #[case("naa.62004567BA64678D0123456789ABCDEF")]
    fn names_in_use_are_accepted_and_kept(#[case] name: &str) {
        assert_eq!(name.parse::<Iqn>().unwrap().as_str(), name);
    }

    #[rstest]
    #[case("", IqnError::Empty)]
    #[case("vol-1", IqnError::Kind)]
    #[case("iqm.2026-11.org.example", IqnError::Kind)]
    #[case("iqn.org.example:vol-1", IqnError::Date)]
    #[case("iqn.2026-13.org.example:vol-1", IqnError::Date)]
    #[case("iqn.2026-00.org.example", IqnError::Date)]
    #[case("iqn.26-11.org.example", IqnError::Date)]
    #[case("iqn.2026-1.org.example", IqnError::Date)]
    #[case("iqn.2026-11", IqnError::Domain)]
    #[case("iqn.2026-11:vol-1", IqnError::Domain)]
    #[case("iqn.2026-11.:vol-1", IqnError::Domain)]
    #[case("iqn.2026-11.org..example", IqnError::Domain)]
    #[case("iqn.2026-11.org.-example", IqnError::Domain)]
    #[case("iqn.2026-11.org.ex_ample", IqnError::Domain)]
    #[case("iqn.2026-11.org.example:", IqnError::Unique)]
    #[case("eui.02004567A425678", IqnError::Eui)]
    #[case("eui.02004567A425678G", IqnError::Eui)]
    #[case("naa.52004567BA64678D0", IqnError::Naa)]
    fn other_strings_are_refused_with_what_is_wrong(#[case] name: &str, #[case] error: IqnError) {
        assert_eq!(name.parse::<Iqn>(), Err(error));
    }

    #[rstest]
    fn characters_that_mean_something_to_ipxe_are_refused(
        #[values(' ', '\t', '\n', '\0', '$', '#', '"', '\'', '\\', '{', '&', '|', 'ü')] c: char,
    ) {
        assert_eq!(
            format!("iqn.2026-11.org.example:a{c}b").parse::<Iqn>(),
            Err(IqnError::Character { character: c })
        );
    }

    #[test]
    fn a_name_has_at_most_223_bytes() {
        let longest = format!("iqn.2026-11.org.example:{}", "a".repeat(199));
        assert_eq!(longest.len(), 223);
        longest.parse::<Iqn>().unwrap();
        assert_eq!(
            format!("{longest}a").parse::<Iqn>(),
            Err(IqnError::TooLong { bytes: 224 })
        );
    }

    #[test]
    fn an_error_says_what_to_do() {
        assert_eq!(
            "iqn.2026-11.org.example:a b"
                .parse::<Iqn>()
                .unwrap_err()
                .to_string(),
            "the character ' ' can't be used; use letters, digits, '.', '-', ':' and '_'"
        );
    }

    #[test]
    fn the_default_name_consists_of_namespace_and_name() {
        assert_eq!(
            default_connector_id("metal", "node-0").as_str(),
            "iqn.2026-11.io.ironboot:metal.node-0"
        );
    }

    #[test]
    fn a_long_default_name_is_cut_and_stays_unique_and_valid() {
        let namespace = "n".repeat(63);
        let one = default_connector_id(&namespace, &format!("{}1", "a".repeat(252)));
        let two = default_connector_id(&namespace, &format!("{}2", "a".repeat(252)));
        assert_eq!(one.as_str().len(), 223);
        assert_ne!(one, two);
        assert_eq!(one.as_str().parse(), Ok(one.clone()));
        assert_eq!(
            one,
            default_connector_id(&namespace, &format!("{}1", "a".repeat(252)))
        );
    }

    #[test]
    fn a_default_name_is_cut_only_where_it_is_too_long() {
        let namespace = "n".repeat(63);
        let fits = default_connector_id(&namespace, &"a".repeat(135));
        assert_eq!(fits.as_str().len(), 223);
        assert!(fits.as_str().ends_with("aaa"));
        let cut = default_connector_id(&namespace, &"a".repeat(136));
        assert_eq!(cut.as_str().len(), 223);
        assert_eq!(cut.as_str().as_bytes()[212], b'-');
    }
}
