//! The fields in directory records by which Unix systems see true names, modes and owners: the System Use Sharing Protocol
//! (SUSP) and the Rock Ridge Interchange Protocol (RRIP) on top of it.
//!
//! Modes are stricter than Ironic's: the drive holds secrets, so only root may read it where somebody mounts it.

use super::directory::short;
use super::numbers::both32;
use super::{DIRECTORIES, ROCK_RIDGE_CONTINUATION};

/// `S_IFDIR` of POSIX, and `r-x------`.
const DIRECTORY_MODE: u32 = 0o040_500;

/// `S_IFREG`, and `r--------`.
const FILE_MODE: u32 = 0o100_400;

/// What the root's own record has: that SUSP is used, and where it is said for what.
pub(super) fn root() -> Vec<u8> {
    let extensions = extensions_reference();
    let mut continuation = both32(ROCK_RIDGE_CONTINUATION).to_vec();
    continuation.extend(both32(0)); // offset in the sector
    continuation.extend(both32(super::length(&extensions)));
    [
        field(*b"SP", &[0xbe, 0xef, 0]), // SUSP 5.3: two check bytes, nothing to skip in each record
        directory(0),
        field(*b"CE", &continuation), // SUSP 5.1
    ]
    .concat()
}

/// Of a directory at a depth, in all of its records.
pub(super) fn directory(depth: usize) -> Vec<u8> {
    // Its name in its parent, its own `.`, and the `..` of what is in it.
    let links = if depth < DIRECTORIES.len() { 3 } else { 2 };
    attributes(DIRECTORY_MODE, links)
}

/// Of a file.
pub(super) fn file() -> Vec<u8> {
    attributes(FILE_MODE, 1)
}

/// With a name before (RRIP 4.1.4).
pub(super) fn named(name: &str, fields: Vec<u8>) -> Vec<u8> {
    let content = [&[0], name.as_bytes()].concat(); // flags: the whole name
    [field(*b"NM", &content), fields].concat()
}

/// Mode, links, user, group (RRIP 4.1.1), without the serial number that version 1.12 adds: what `RRIP_1991A` has.
fn attributes(mode: u32, links: u32) -> Vec<u8> {
    field(*b"PX", &[mode, links, 0, 0].map(both32).concat())
}

/// Which extension SUSP is used for (SUSP 5.5, RRIP 4.3), with the words that RRIP asks for.
pub(super) fn extensions_reference() -> Vec<u8> {
    let id = b"RRIP_1991A";
    let description =
        b"THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";
    let source = b"PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.";
    let lengths = [short(id), short(description), short(source), 1]; // version of the extension
    field(*b"ER", &[&lengths[..], id, description, source].concat())
}

/// A field: signature, length, version, content (SUSP 4.1).
fn field(signature: [u8; 2], content: &[u8]) -> Vec<u8> {
    let mut field = signature.to_vec();
    field.extend([0, 1]);
    field.extend(content);
    field[2] = short(&field);
    field
}
