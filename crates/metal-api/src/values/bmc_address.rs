//! Addresses of BMCs: `spec.bmc.address`.
//!
//! The grammar is Metal3's (`pkg/hardwareutils/bmc/access.go`): a URL whose scheme says which kind of BMC it is, or a
//! host alone for IPMI. It is read here without Go's URL parser, and without asking a name server.

use std::{fmt, str::FromStr};

mod authority;
mod escapes;
mod scheme;

pub use scheme::{BmcScheme, Transport};

/// Where a BMC is, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BmcAddress {
    /// Which kind of BMC it is.
    pub scheme: BmcScheme,
    /// Redfish over TLS or not; IPMI takes no notice of it.
    pub transport: Transport,
    /// A DNS name, an IPv4 address, or an IPv6 address without its brackets; as it was written.
    pub host: String,
    /// The port, where one was written.
    pub port: Option<u16>,
    /// The path with its escapes resolved: empty, or `/` and more.
    pub path: String,
    /// What IPMI may do, from the query's `privilegelevel`.
    pub privilege_level: PrivilegeLevel,
}

/// A privilege level of IPMI (IPMI 2.0, 6.8), as `ipmitool` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PrivilegeLevel {
    /// `ADMINISTRATOR`, the default.
    #[default]
    Administrator,
    /// `OPERATOR`: power and boot device, no configuration.
    Operator,
    /// `USER`: reading.
    User,
    /// `CALLBACK`.
    Callback,
}

impl PrivilegeLevel {
    const ALL: [Self; 4] = [
        Self::Administrator,
        Self::Operator,
        Self::User,
        Self::Callback,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "ADMINISTRATOR",
            Self::Operator => "OPERATOR",
            Self::User => "USER",
            Self::Callback => "CALLBACK",
        }
    }
}

impl BmcAddress {
    /// `host` or `host:port`, with brackets around an IPv6 address.
    pub fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        let brackets = if host.contains(':') {
            ("[", "]")
        } else {
            ("", "")
        };
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        format!("{}{host}{}{port}", brackets.0, brackets.1)
    }

    /// The port: the one that was written, or its protocol's.
    pub fn port_or_default(&self) -> u16 {
        self.port
            .unwrap_or_else(|| match (self.scheme.is_ipmi(), self.transport) {
                (true, _) => 623,
                (false, Transport::Https) => 443,
                (false, Transport::Http) => 80,
            })
    }
}

/// Why a text is no address of a BMC. None shows a part of the address but a scheme, and that only where no user can
/// be in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BmcAddressError {
    /// There is nothing.
    #[error("it is empty; write SCHEME://HOST:PORT/PATH, for example redfish://192.0.2.10")]
    Empty,
    /// It may hold a password.
    #[error(
        "it holds a user; put user and password into the Secret that spec.bmc.credentialsName names"
    )]
    HoldsUser,
    /// Nobody knows this kind of BMC.
    #[error("the scheme {scheme} is not known; use one of {}", Known)]
    UnknownScheme {
        /// The scheme.
        scheme: String,
    },
    /// It begins with neither a scheme nor a host.
    #[error("it begins with no scheme; begin with one of {}", Known)]
    NoScheme,
    /// It has no host.
    #[error("it has no host; write SCHEME://HOST:PORT/PATH")]
    NoHost,
    /// Its host can't be one.
    #[error(
        "its host is neither a DNS name nor an IP address; give letters, digits, '-' and '.', or an \
         IPv6 address in brackets"
    )]
    Host,
    /// Its host is an IPv6 address whose end nobody sees.
    #[error("its host is an IPv6 address without brackets; write it like [2001:db8::1]:623")]
    BareIpv6,
    /// Its port is no port.
    #[error("its port is none; give a number from 1 to 65535, or leave it out for the default")]
    Port,
    /// Its path can't be read.
    #[error(
        "its path has an escape that can't be read; write % and two hexadecimal digits that make \
         UTF-8, or %25 for the sign itself"
    )]
    Escape,
    /// It has line breaks or worse.
    #[error("it has control characters; remove them")]
    ControlCharacter,
    /// IPMI has no such privilege level.
    #[error("its privilegelevel is none; use ADMINISTRATOR, OPERATOR, USER or CALLBACK")]
    PrivilegeLevel,
}

/// All schemes, in words.
struct Known;

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scheme) in BmcScheme::ALL.into_iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{scheme}")?;
        }
        f.write_str("; those of Redfish also with +http or +https")
    }
}

impl FromStr for BmcAddress {
    type Err = BmcAddressError;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        match parse(address) {
            // A password with a character out of place ends up anywhere: nothing of the address is shown.
            Err(_) if address.contains('@') => Err(BmcAddressError::HoldsUser),
            result => result,
        }
    }
}

fn parse(address: &str) -> Result<BmcAddress, BmcAddressError> {
    if address.is_empty() {
        return Err(BmcAddressError::Empty);
    }
    if address.chars().any(|c| c.is_ascii_control()) {
        return Err(BmcAddressError::ControlCharacter);
    }
    let ((scheme, transport), rest) = scheme::split(address)?;
    let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = authority::split(authority)?;
    Ok(BmcAddress {
        scheme,
        transport,
        host,
        port,
        path: escapes::resolve(path).ok_or(BmcAddressError::Escape)?,
        privilege_level: if scheme.is_ipmi() {
            privilege_level(query)?
        } else {
            PrivilegeLevel::default()
        },
    })
}

/// Metal3 takes a query that it can't read for none, and so for the highest level; here that is an error.
fn privilege_level(query: &str) -> Result<PrivilegeLevel, BmcAddressError> {
    let mut pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let Some((_, value)) = pairs.find(|(key, _)| *key == "privilegelevel") else {
        return Ok(PrivilegeLevel::default());
    };
    let value = escapes::resolve(value).ok_or(BmcAddressError::PrivilegeLevel)?;
    PrivilegeLevel::ALL
        .into_iter()
        .find(|level| level.as_str().eq_ignore_ascii_case(&value))
        .ok_or(BmcAddressError::PrivilegeLevel)
}

#[cfg(test)]
mod tests;
