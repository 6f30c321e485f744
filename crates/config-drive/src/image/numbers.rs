//! How ISO 9660 writes numbers, texts and times.

/// A 16-bit number in both byte orders (7.2.3).
pub(super) fn both16(number: u16) -> [u8; 4] {
    let mut bytes = [0; 4];
    bytes[..2].copy_from_slice(&number.to_le_bytes());
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// A 32-bit number in both byte orders (7.3.3).
pub(super) fn both32(number: u32) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// UCS-2 with the most significant byte first, as Joliet writes texts. Ours are ASCII.
pub(super) fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The time of everything in an image, 1970-01-01 00:00 UTC: the same content has to give the same bytes, and readers show
/// nonsense for "not specified" (9.1.5).
pub(super) const EPOCH: [u8; 7] = [70, 1, 1, 0, 0, 0, 0];

/// A time in a volume descriptor that isn't specified (8.4.26.1). So libblkid finds no UUID, which would be made of it.
pub(super) const NO_TIME: [u8; 17] = *b"0000000000000000\0";
