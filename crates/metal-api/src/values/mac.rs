//! MAC addresses.

use std::{fmt, str::FromStr};

/// A MAC address, shown in lower case with colons, as Ironic keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac([u8; 6]);

/// Why a string is no MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a MAC address; \
     give six pairs of hexadecimal digits with colons between them, for example 52:54:00:e2:e0:01"
)]
pub struct MacError;

impl FromStr for Mac {
    type Err = MacError;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 6];
        let mut pairs = address.split(':');
        for byte in &mut bytes {
            let pair = pairs.next().ok_or(MacError)?;
            // `from_str_radix` would also accept a sign.
            if pair.len() != 2 || !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(MacError);
            }
            *byte = u8::from_str_radix(pair, 16).map_err(|_| MacError)?;
        }
        match pairs.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(MacError),
        }
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ":" };
            write!(f, "{separator}{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn an_address_is_shown_in_lower_case() {
        let mac: Mac = "52:54:00:E2:e0:01".parse().unwrap();
        assert_eq!(mac.to_string(), "52:54:00:e2:e0:01");
    }

    #[rstest]
    #[case("")]
    #[case("52:54:00:e2:e0")]
    #[case("52:54:00:e2:e0:01:02")]
    #[case("52-54-00-e2-e0-01")]
    #[case("525400e2e001")]
    #[case("52:54:00:e2:e0:1")]
    #[case("52:54:00:e2:e0:+1")]
    #[case("52:54:00:e2:e0:0g")]
    #[case("x52:54:00:e2:e0:01")]
    fn other_strings_are_refused(#[case] address: &str) {
        assert_eq!(address.parse::<Mac>(), Err(MacError));
    }
}
