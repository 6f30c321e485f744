//! Directories and path tables (ECMA-119, 9.1 and 9.4).

use super::numbers::{EPOCH, both16, both32, ucs2};
use super::{DEPTHS, DIRECTORIES, Placed, SECTOR_BYTES, Tree, rock_ridge};

/// How the root, and a directory in its own records, is called (7.6.2).
const SELF: &[u8] = &[0];

/// How the parent is called.
const PARENT: &[u8] = &[1];

/// The flag of a directory (9.1.6).
const DIRECTORY: u8 = 2;
const FILE: u8 = 0;

/// Where a file or a directory is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) sector: u32,
    pub(super) bytes: u32,
}

/// The root as volume descriptors have it: without Rock Ridge (8.4.18).
pub(super) fn root_record(tree: Tree) -> Vec<u8> {
    let [root, ..] = tree.directories();
    record(SELF, root, DIRECTORY, &[])
}

/// All records of one directory: itself, its parent, what is in it. `depth` is 0 for the root.
pub(super) fn records(tree: Tree, depth: usize, files: &[Placed<'_>]) -> Vec<u8> {
    let directories = tree.directories();
    let rock_ridge = |fields: Vec<u8>| match tree {
        Tree::Primary => fields,
        Tree::Joliet => Vec::new(),
    };

    let itself = match depth {
        0 => rock_ridge::root(),
        _ => rock_ridge::directory(depth),
    };
    // The root is its own parent (6.8.2.2).
    let above = depth.saturating_sub(1);
    let parent = rock_ridge::directory(above);
    let mut records = record(SELF, directories[depth], DIRECTORY, &rock_ridge(itself));
    records.extend(record(
        PARENT,
        directories[above],
        DIRECTORY,
        &rock_ridge(parent),
    ));

    match DIRECTORIES.get(depth) {
        Some(name) => {
            let below = depth + 1;
            let fields = rock_ridge::named(name, rock_ridge::directory(below));
            let id = directory_id(tree, name);
            records.extend(record(
                &id,
                directories[below],
                DIRECTORY,
                &rock_ridge(fields),
            ));
        }
        None => {
            for Placed { file, extent } in files {
                let fields = rock_ridge::named(file.name, rock_ridge::file());
                let id = file_id(tree, file.name);
                records.extend(record(&id, *extent, FILE, &rock_ridge(fields)));
            }
        }
    }
    records
}

/// A directory record (9.1).
fn record(id: &[u8], extent: Extent, flags: u8, system_use: &[u8]) -> Vec<u8> {
    let mut record = vec![0, 0]; // its length, see below; no extended attributes
    record.extend(both32(extent.sector));
    record.extend(both32(extent.bytes));
    record.extend(EPOCH);
    record.extend([flags, 0, 0]); // not interleaved
    record.extend(both16(1)); // number of the volume
    record.push(short(id));
    record.extend(id);
    pad(&mut record);
    record.extend(system_use);
    pad(&mut record);
    record[0] = short(&record);
    record
}

/// The table of all directories, in one byte order (9.4). Records are sorted by depth, and we have one at each.
pub(super) fn path_table(
    tree: Tree,
    sector_bytes: fn(u32) -> [u8; 4],
    number_bytes: fn(u16) -> [u8; 2],
) -> Vec<u8> {
    let ids: [Vec<u8>; DEPTHS] = [
        SELF.to_vec(),
        directory_id(tree, DIRECTORIES[0]),
        directory_id(tree, DIRECTORIES[1]),
    ];
    // The root is number 1 and its own parent.
    let parents = [1, 1, 2];
    let mut table = Vec::new();
    for ((id, extent), parent) in ids.iter().zip(tree.directories()).zip(parents) {
        table.extend([short(id), 0]);
        table.extend(sector_bytes(extent.sector));
        table.extend(number_bytes(parent));
        table.extend(id);
        pad(&mut table);
    }
    table
}

/// `OPENSTACK` (7.6).
fn directory_id(tree: Tree, name: &str) -> Vec<u8> {
    match tree {
        Tree::Primary => name.to_ascii_uppercase().into_bytes(),
        Tree::Joliet => ucs2(name),
    }
}

/// `META_DATA.JSON;1`, `USER_DATA.;1` (7.5). Joliet asks for versions too, but `mkisofs` leaves them out, and so nobody shows
/// them.
fn file_id(tree: Tree, name: &str) -> Vec<u8> {
    match tree {
        Tree::Primary => {
            let dot = if name.contains('.') { "" } else { "." };
            format!("{}{dot};1", name.to_ascii_uppercase()).into_bytes()
        }
        Tree::Joliet => ucs2(name),
    }
}

/// To an even length (9.1.12, 9.1.13, 9.4.6).
fn pad(bytes: &mut Vec<u8>) {
    if !bytes.len().is_multiple_of(2) {
        bytes.push(0);
    }
}

#[expect(
    clippy::expect_used,
    reason = "names are ours and short, and no test passes with a longer record"
)]
pub(super) fn short(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.len()).expect("records and fields have at most 255 bytes")
}

/// All records of a directory fit into its sector.
const _: () = assert!(SECTOR_BYTES as usize >= 8 * 255);
