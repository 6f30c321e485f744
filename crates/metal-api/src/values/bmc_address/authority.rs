//! `host`, `host:port`, `[host]` or `[host]:port`.

use std::net::Ipv6Addr;

use super::BmcAddressError;
use crate::values::label::is_label;

pub(super) fn split(authority: &str) -> Result<(String, Option<u16>), BmcAddressError> {
    if authority.contains('@') {
        return Err(BmcAddressError::HoldsUser);
    }
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, port) = bracketed.split_once(']').ok_or(BmcAddressError::Host)?;
        // A zone, as in `fe80::1%eth0`, is the machine's that asks: Ironic's, of which nobody here knows.
        host.parse::<Ipv6Addr>()
            .map_err(|_| BmcAddressError::Host)?;
        (host, port)
    } else {
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        if authority.parse::<Ipv6Addr>().is_ok() {
            return Err(BmcAddressError::BareIpv6);
        }
        if host.is_empty() {
            return Err(BmcAddressError::NoHost);
        }
        // As Metal3 has it: a host of digits and dots that is no IPv4 address counts as a name.
        if !host.split('.').all(is_label) {
            return Err(BmcAddressError::Host);
        }
        (host, port)
    };
    let port = match port.strip_prefix(':') {
        // RFC 3986, 3.2.3: no port after the colon is the default one.
        Some("") => None,
        Some(port) => Some(parse_port(port)?),
        None if port.is_empty() => None,
        None => return Err(BmcAddressError::Host),
    };
    Ok((host.to_owned(), port))
}

fn parse_port(port: &str) -> Result<u16, BmcAddressError> {
    // `parse` would also accept a sign.
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BmcAddressError::Port);
    }
    match port.parse() {
        Ok(0) | Err(_) => Err(BmcAddressError::Port),
        Ok(port) => Ok(port),
    }
}
