//! A reader of ISO 9660 that knows nothing of how images are written here: it follows what is recorded, and fails where two
//! recordings of one thing differ.

use std::collections::BTreeMap;

const SECTOR: usize = 2048;

/// A volume descriptor and the tree below it.
pub(crate) struct Volume {
    /// 1 is primary, 2 is supplementary.
    pub(crate) kind: u8,
    pub(crate) id: String,
    pub(crate) sectors: usize,
    /// By path.
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) directories: BTreeMap<String, Entry>,
}

pub(crate) struct File {
    pub(crate) entry: Entry,
    pub(crate) bytes: Vec<u8>,
}

/// A directory record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) sector: usize,
    pub(crate) size: usize,
    pub(crate) is_directory: bool,
    /// Of Rock Ridge: mode, links, user, group.
    pub(crate) attributes: Option<[usize; 4]>,
}

/// All volume descriptors.
pub(crate) fn volumes(image: &[u8]) -> Vec<Volume> {
    let mut volumes = Vec::new();
    for sector in 16.. {
        let descriptor = &image[sector * SECTOR..][..SECTOR];
        assert_eq!(&descriptor[1..7], b"CD001\x01");
        match descriptor[0] {
            255 => break,
            kind => volumes.push(volume(image, kind, descriptor)),
        }
    }
    volumes
}

fn volume(image: &[u8], kind: u8, descriptor: &[u8]) -> Volume {
    let joliet = &descriptor[88..91] == b"%/E";
    assert_eq!(joliet, kind == 2);
    assert_eq!(both16(&descriptor[128..]), SECTOR);
    let root = record(image, &descriptor[156..190], joliet, false);
    let mut volume = Volume {
        kind,
        id: text(&descriptor[40..72], joliet),
        sectors: both32(&descriptor[80..]),
        files: BTreeMap::new(),
        directories: BTreeMap::new(),
    };
    walk(image, &mut volume, joliet, "", &root, &root);
    path_tables(image, &volume, descriptor, joliet);
    volume
}

fn walk(image: &[u8], volume: &mut Volume, joliet: bool, path: &str, at: &Entry, parent: &Entry) {
    let mut records = entries(image, at, joliet).into_iter();
    let (itself, above) = (records.next().unwrap(), records.next().unwrap());
    assert_eq!((itself.sector, itself.size), (at.sector, at.size));
    assert_eq!((above.sector, above.size), (parent.sector, parent.size));
    if at.attributes.is_some() {
        assert_eq!(itself.attributes, at.attributes);
    }
    volume.directories.insert(path.to_owned(), itself);
    for entry in records {
        let below = format!("{path}/{}", entry.name);
        if entry.is_directory {
            walk(image, volume, joliet, &below, &entry, at);
        } else {
            let bytes = image[entry.sector * SECTOR..][..entry.size].to_vec();
            volume.files.insert(below, File { entry, bytes });
        }
    }
}

fn entries(image: &[u8], directory: &Entry, joliet: bool) -> Vec<Entry> {
    let mut rest = &image[directory.sector * SECTOR..][..directory.size];
    let mut entries = Vec::new();
    let mut before: Vec<u8> = Vec::new();
    while !rest.is_empty() && rest[0] != 0 {
        let length = usize::from(rest[0]);
        assert!(length.is_multiple_of(2));
        let id = rest[33..33 + usize::from(rest[32])].to_vec();
        // The directory itself and its parent are the first two, whatever the others are called.
        assert!(entries.len() <= 2 || before < id, "records are sorted");
        before = id;
        entries.push(record(image, &rest[..length], joliet, !joliet));
        rest = &rest[length..];
    }
    assert!(rest.iter().all(|byte| *byte == 0));
    entries
}

fn record(image: &[u8], record: &[u8], joliet: bool, rock_ridge: bool) -> Entry {
    let length = usize::from(record[32]);
    let id = &record[33..33 + length];
    let mut entry = Entry {
        name: text(id, joliet).trim_end_matches(";1").to_owned(),
        sector: both32(&record[2..]),
        size: both32(&record[10..]),
        is_directory: record[25] & 2 != 0,
        attributes: None,
    };
    if rock_ridge {
        let start = 33 + length + usize::from(length.is_multiple_of(2));
        system_use(image, &record[start..], &mut entry);
    }
    entry
}

/// Follows one continuation, as the protocol has it.
fn system_use(image: &[u8], mut area: &[u8], entry: &mut Entry) {
    while area.len() >= 4 {
        let (field, rest) = area.split_at(usize::from(area[2]));
        assert_eq!(field[3], 1);
        match &field[..2] {
            b"NM" => str::from_utf8(&field[5..])
                .unwrap()
                .clone_into(&mut entry.name),
            b"PX" => entry.attributes = Some([4, 12, 20, 28].map(|at| both32(&field[at..]))),
            b"SP" => assert_eq!(field[4..], [0xbe, 0xef, 0]),
            b"CE" => {
                let start = both32(&field[4..]) * SECTOR + both32(&field[12..]);
                let continued = &image[start..][..both32(&field[20..])];
                system_use(image, continued, entry);
            }
            b"ER" => {
                let lengths: usize = field[4..7].iter().map(|byte| usize::from(*byte)).sum();
                assert_eq!(field.len(), 8 + lengths);
                assert_eq!(&field[8..18], b"RRIP_1991A");
            }
            other => assert!(other.is_empty(), "unknown field {other:?}"),
        }
        area = rest;
    }
}

/// Both byte orders of the path table say what the directories say.
fn path_tables(image: &[u8], volume: &Volume, descriptor: &[u8], joliet: bool) {
    let size = both32(&descriptor[132..]);
    let little = number(descriptor[140..144].iter().rev());
    let big = number(descriptor[148..152].iter());
    let expected: Vec<usize> = volume
        .directories
        .values()
        .map(|entry| entry.sector)
        .collect();
    for (sector, reversed) in [(little, true), (big, false)] {
        let read = |bytes: &[u8]| {
            if reversed {
                number(bytes.iter().rev())
            } else {
                number(bytes.iter())
            }
        };
        let mut rest = &image[sector * SECTOR..][..size];
        let (mut sectors, mut paths) = (Vec::new(), Vec::<String>::new());
        while !rest.is_empty() {
            let length = usize::from(rest[0]);
            let parent = read(&rest[6..8]);
            let path = match paths.get(parent - 1) {
                Some(above) => format!(
                    "{above}/{}",
                    text(&rest[8..8 + length], joliet).to_lowercase()
                ),
                None => String::new(),
            };
            sectors.push(read(&rest[2..6]));
            paths.push(path);
            rest = &rest[8 + length.next_multiple_of(2)..];
        }
        assert_eq!(sectors, expected);
        assert!(paths.iter().eq(volume.directories.keys()));
    }
}

fn text(bytes: &[u8], joliet: bool) -> String {
    let text = if joliet && bytes.len() > 1 {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).unwrap()
    } else {
        str::from_utf8(bytes).unwrap().to_owned()
    };
    text.trim_end_matches(' ').to_owned()
}

fn both16(bytes: &[u8]) -> usize {
    both(bytes, 2)
}

fn both32(bytes: &[u8]) -> usize {
    both(bytes, 4)
}

fn both(bytes: &[u8], width: usize) -> usize {
    let little = number(bytes[..width].iter().rev());
    assert_eq!(little, number(bytes[width..2 * width].iter()));
    little
}

fn number<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    bytes.fold(0, |number, byte| number << 8 | usize::from(*byte))
}
