//! The scheme of a BMC's address: which kind of BMC it is.

use std::fmt;
use std::net::Ipv6Addr;

use super::BmcAddressError;

/// A kind of BMC, and how its machine boots a ramdisk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BmcScheme {
    /// `ipmi`, and addresses without a scheme.
    Ipmi,
    /// `libvirt`: a virtual machine behind `VirtualBMC`, which speaks IPMI.
    Libvirt,
    /// `redfish`: booted from the network.
    Redfish,
    /// `ilo5-redfish`: HPE's iLO 5, spoken to as any Redfish.
    Ilo5Redfish,
    /// `idrac-redfish`: Dell's iDRAC, booted from the network.
    IdracRedfish,
    /// `redfish-virtualmedia`: booted from virtual media.
    RedfishVirtualMedia,
    /// `ilo5-virtualmedia`: HPE's iLO 5, likewise.
    Ilo5VirtualMedia,
    /// `idrac-virtualmedia`: Dell's iDRAC, likewise.
    IdracVirtualMedia,
    /// `redfish-uefihttp`: booted by the firmware's own HTTP.
    RedfishUefiHttp,
}

/// How Redfish is spoken: what follows a `+`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transport {
    /// `+https`, the default.
    #[default]
    Https,
    /// `+http`.
    Http,
}

impl BmcScheme {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Ipmi,
        Self::Libvirt,
        Self::Redfish,
        Self::Ilo5Redfish,
        Self::IdracRedfish,
        Self::RedfishVirtualMedia,
        Self::Ilo5VirtualMedia,
        Self::IdracVirtualMedia,
        Self::RedfishUefiHttp,
    ];

    /// How it is written, without a transport.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ipmi => "ipmi",
            Self::Libvirt => "libvirt",
            Self::Redfish => "redfish",
            Self::Ilo5Redfish => "ilo5-redfish",
            Self::IdracRedfish => "idrac-redfish",
            Self::RedfishVirtualMedia => "redfish-virtualmedia",
            Self::Ilo5VirtualMedia => "ilo5-virtualmedia",
            Self::IdracVirtualMedia => "idrac-virtualmedia",
            Self::RedfishUefiHttp => "redfish-uefihttp",
        }
    }

    /// Whether the BMC speaks IPMI, and not Redfish.
    pub const fn is_ipmi(self) -> bool {
        matches!(self, Self::Ipmi | Self::Libvirt)
    }
}

impl fmt::Display for BmcScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Transport {
    /// The scheme of the URL that Redfish is at.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }
}

/// The scheme, and what follows it and its `:` or `://`.
pub(super) fn split(address: &str) -> Result<((BmcScheme, Transport), &str), BmcAddressError> {
    let alone = Ok(((BmcScheme::Ipmi, Transport::default()), address));
    let end = address
        .find([':', '/', '?', '#'])
        .filter(|&end| address[end..].starts_with(':'));
    let Some(end) = end else {
        // An address that begins like a path has no host either.
        return alone;
    };
    let (before, after) = (&address[..end], &address[end + 1..]);
    if let Some(known) = known(before) {
        return Ok((known, after.strip_prefix("//").unwrap_or(after)));
    }
    if before.starts_with('[') || is_port(after) {
        return alone;
    }
    if address.parse::<Ipv6Addr>().is_ok() {
        return Err(BmcAddressError::BareIpv6);
    }
    if is_scheme(before) {
        return Err(BmcAddressError::UnknownScheme {
            scheme: before.to_owned(),
        });
    }
    Err(BmcAddressError::NoScheme)
}

fn known(text: &str) -> Option<(BmcScheme, Transport)> {
    // Schemes are the same in any case (RFC 3986, 3.1).
    let text = text.to_ascii_lowercase();
    let (name, transport) = match text.split_once('+') {
        None => (text.as_str(), None),
        Some((name, "https")) => (name, Some(Transport::Https)),
        Some((name, "http")) => (name, Some(Transport::Http)),
        Some(_) => return None,
    };
    BmcScheme::ALL
        .into_iter()
        .find(|scheme| scheme.as_str() == name)
        .filter(|scheme| transport.is_none() || !scheme.is_ipmi())
        .map(|scheme| (scheme, transport.unwrap_or_default()))
}

/// Whether what follows a colon can only be a port: then what precedes it is a host.
fn is_port(after: &str) -> bool {
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && (after.len() == digits || after[digits..].starts_with(['/', '?', '#']))
}

/// RFC 3986, 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}
