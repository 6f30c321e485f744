//! Addresses of targets.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use super::label::is_label;

/// The port of iSCSI (RFC 7143, 13.1).
const DEFAULT_PORT: u16 = 3260;

/// The longest DNS name in characters, without its final dot (RFC 1035, 2.3.4).
const MAX_HOST: usize = 253;

/// The address of an iSCSI target, `host[:port]`.
///
/// The host is an IPv4 address or a DNS name. It is always shown with its port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Portal {
    host: String,
    port: u16,
}

impl Portal {
    /// The IPv4 address or DNS name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        write!(f, "{host}:{port}")
    }
}

/// Why a string is no target address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortalError {
    /// Its host is an IPv6 address.
    #[error(
        "IPv6 addresses can't be used, because Ironic splits the portal at the first colon; \
         give an IPv4 address or a DNS name"
    )]
    Ipv6,
    /// It has no host.
    #[error("the portal has no host; write it like 192.0.2.10:3260")]
    NoHost,
    /// Its host is neither an IPv4 address nor a DNS name.
    #[error("{host:?} is neither an IPv4 address nor a DNS name; correct the address")]
    Host {
        /// The host.
        host: String,
    },
    /// Its port is no port.
    #[error("{port:?} is not a port; give a number from 1 to 65535, or leave it out for 3260")]
    Port {
        /// The port.
        port: String,
    },
}

impl FromStr for Portal {
    type Err = PortalError;

    fn from_str(portal: &str) -> Result<Self, Self::Err> {
        if portal.contains('[') || portal.matches(':').count() > 1 {
            return Err(PortalError::Ipv6);
        }
        let (host, port) = match portal.split_once(':') {
            Some((host, port)) => (host, parse_port(port)?),
            None => (portal, DEFAULT_PORT),
        };
        if host.is_empty() {
            return Err(PortalError::NoHost);
        }
        if !is_host(host) {
            return Err(PortalError::Host {
                host: host.to_owned(),
            });
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

fn parse_port(port: &str) -> Result<u16, PortalError> {
    // `parse` would also accept a sign and leading zeros.
    let canonical = !port.starts_with(['+', '0']);
    match port.parse() {
        Ok(number) if canonical => Ok(number),
        _ => Err(PortalError::Port {
            port: port.to_owned(),
        }),
    }
}

/// A name whose last label is a number can only be an IPv4 address: resolvers take it for one.
fn is_host(host: &str) -> bool {
    let labels = host.split('.');
    let numeric = labels
        .clone()
        .next_back()
        .is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if numeric {
        host.parse::<Ipv4Addr>().is_ok()
    } else {
        host.len() <= MAX_HOST && labels.into_iter().all(is_label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("172.22.0.1", "172.22.0.1:3260")]
    #[case("172.22.0.1:3261", "172.22.0.1:3261")]
    #[case("storage", "storage:3260")]
    #[case("San-1.example.org:860", "San-1.example.org:860")]
    #[case("3par.example.org", "3par.example.org:3260")]
    #[case("host:65535", "host:65535")]
    fn an_address_is_shown_with_its_port(#[case] portal: &str, #[case] shown: &str) {
        assert_eq!(portal.parse::<Portal>().unwrap().to_string(), shown);
    }

    #[rstest]
    #[case("[2001:db8::1]:3260")]
    #[case("[2001:db8::1]")]
    #[case("2001:db8::1")]
    #[case("::1")]
    fn an_ipv6_address_is_refused_with_the_reason(#[case] portal: &str) {
        let error = portal.parse::<Portal>().unwrap_err();
        assert_eq!(error, PortalError::Ipv6);
        assert!(error.to_string().contains("Ironic splits"));
    }

    #[rstest]
    #[case("")]
    #[case(":3260")]
    fn an_address_needs_a_host(#[case] portal: &str) {
        assert_eq!(portal.parse::<Portal>(), Err(PortalError::NoHost));
    }

    #[rstest]
    #[case("256.0.0.1")]
    #[case("10.0.1")]
    #[case("10.0.0.01")]
    #[case("12345")]
    #[case("example.1")]
    #[case("a b")]
    #[case("a$b")]
    #[case("a_b")]
    #[case("-a")]
    #[case("a-")]
    #[case("a..b")]
    #[case("example.org.")]
    #[case("bücher.example")]
    #[case("host\n")]
    fn a_host_is_an_ipv4_address_or_a_dns_name(#[case] host: &str) {
        let error = PortalError::Host { host: host.into() };
        assert_eq!(host.parse::<Portal>(), Err(error));
    }

    #[rstest]
    #[case("")]
    #[case("0")]
    #[case("65536")]
    #[case("+80")]
    #[case("080")]
    #[case("http")]
    #[case("3260 ")]
    fn a_port_is_a_number_from_1_to_65535(#[case] port: &str) {
        let error = PortalError::Port { port: port.into() };
        assert_eq!(format!("host:{port}").parse::<Portal>(), Err(error));
    }

    #[test]
    fn a_label_has_at_most_63_characters_and_a_name_253() {
        assert!("a".repeat(63).parse::<Portal>().is_ok());
        assert!("a".repeat(64).parse::<Portal>().is_err());
        let name = [
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(61),
        ]
        .join(".");
        assert_eq!(name.len(), 253);
        assert!(name.parse::<Portal>().is_ok());
        assert!(format!("{name}d").parse::<Portal>().is_err());
    }
}
