//! The volume descriptors (ECMA-119, 8).

use super::numbers::{NO_TIME, both16, both32, ucs2};
use super::{SECTOR, Sectors, Tree, VOLUME_DESCRIPTORS, VOLUME_ID, directory};

/// "UCS-2, level 3", in the field of a supplementary descriptor that makes it one of Joliet's.
const JOLIET_LEVEL_3: &[u8] = b"%/E";

/// The program that made the image.
const APPLICATION: &str = "IRONBOOT";

/// Writes all three. `end` is the size of the volume, in sectors.
pub(super) fn write(image: &mut Sectors, end: u32) {
    image.put(VOLUME_DESCRIPTORS, &descriptor(Tree::Primary, end));
    image.put(VOLUME_DESCRIPTORS + 1, &descriptor(Tree::Joliet, end));
    image.put(VOLUME_DESCRIPTORS + 2, &header(TERMINATOR));
}

/// The types of descriptors (8.1.1).
const PRIMARY: u8 = 1;
const SUPPLEMENTARY: u8 = 2;
const TERMINATOR: u8 = 255;

/// What all descriptors begin with: type, standard identifier, version (8.1).
fn header(kind: u8) -> [u8; 7] {
    [kind, b'C', b'D', b'0', b'0', b'1', 1]
}

/// A primary (8.4) or a supplementary (8.5) volume descriptor.
fn descriptor(tree: Tree, end: u32) -> Vec<u8> {
    let (kind, escapes) = match tree {
        Tree::Primary => (PRIMARY, &b""[..]),
        Tree::Joliet => (SUPPLEMENTARY, JOLIET_LEVEL_3),
    };
    let table = directory::path_table(tree, u32::to_le_bytes, u16::to_le_bytes);
    let mut fields = Fields(Vec::with_capacity(SECTOR));
    fields.put(&header(kind));
    // Volume flags of a supplementary descriptor: all escape sequences are registered (8.5.3).
    fields.put(&[0]);
    fields.text(tree, "", 32); // system
    // In lower case, which 8.4.6 doesn't allow, and which everybody looks for.
    fields.text(tree, VOLUME_ID, 32);
    fields.zeros(8);
    fields.put(&both32(end));
    fields.padded(escapes, 32, 0);
    fields.put(&both16(1)); // volumes in the set
    fields.put(&both16(1)); // number of this one
    fields.put(&both16(2048)); // bytes of a logical block
    fields.put(&both32(super::length(&table)));
    fields.put(&tree.path_table_l().to_le_bytes());
    fields.zeros(4); // no second copy
    fields.put(&tree.path_table_m().to_be_bytes());
    fields.zeros(4);
    fields.put(&directory::root_record(tree));
    fields.text(tree, "", 128); // volume set
    fields.text(tree, "", 128); // publisher
    fields.text(tree, "", 128); // data preparer
    fields.text(tree, APPLICATION, 128);
    fields.text(tree, "", 37); // copyright file
    fields.text(tree, "", 37); // abstract file
    fields.text(tree, "", 37); // bibliographic file
    // Creation, modification, expiration, effective from.
    for _ in 0..4 {
        fields.put(&NO_TIME);
    }
    fields.put(&[1]); // file structure version
    fields.0
}

/// A descriptor while it is written, field after field.
struct Fields(Vec<u8>);

impl Fields {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn zeros(&mut self, width: usize) {
        self.padded(b"", width, 0);
    }

    /// Fills up with spaces (7.4), which in a field of odd width in UCS-2 leaves a zero at the end.
    fn text(&mut self, tree: Tree, text: &str, width: usize) {
        match tree {
            Tree::Primary => self.padded(text.as_bytes(), width, b' '),
            Tree::Joliet => {
                let text = format!("{text:<width$}", width = width / 2);
                self.padded(&ucs2(&text), width, 0);
            }
        }
    }

    fn padded(&mut self, bytes: &[u8], width: usize, filler: u8) {
        let end = self.0.len() + width;
        self.put(bytes);
        self.0.resize(end, filler);
    }
}
