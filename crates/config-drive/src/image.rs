//! The drive as an ISO 9660 image, with Rock Ridge for Linux and other Unix systems and Joliet for Windows.
//!
//! Sources: ECMA-119, 2nd edition (which is ISO 9660), the System Use Sharing Protocol and the Rock Ridge Interchange
//! Protocol (IEEE P1281 and P1282, draft 1.12), and Microsoft's Joliet specification of 1995; numbers in comments are
//! their sections. What they leave open is as `mkisofs -J -r` does it, with which Ironic makes its config drives.
//!
//! The tree is always `/openstack/latest` with a few small files in it, which keeps this small: each directory and each
//! path table has one sector of its own.
//!
//! ```text
//!  0–15  system area, zeros
//! 16–18  primary and supplementary (Joliet) volume descriptor, terminator
//! 19–22  path tables: primary, then Joliet, each with the least and then with the most significant byte first
//! 23–28  directories: primary, then Joliet, each /, /openstack and /openstack/latest
//!    29  what of the root's Rock Ridge fields doesn't fit into its record
//! 30–    files, which both trees share
//! ```

mod directory;
mod numbers;
mod rock_ridge;
mod volume;

use std::fmt;

use secrecy::{ExposeSecret, SecretSlice};

use crate::content::File;
use directory::Extent;

/// What the image is found by: cloud-init's `DataSourceConfigDrive.py` and Ignition's OpenStack provider look for a file
/// system with this label.
pub const VOLUME_ID: &str = "config-2";

/// What the image is served as.
pub const MEDIA_TYPE: &str = "application/x-iso9660-image";

/// `Cache-Control` of the answers to HEAD and GET: with `no-store` Ironic keeps no copy in its cache of images (`show` of
/// `HttpImageService` in `ironic/common/image_service.py`, `ironic/drivers/modules/image_cache.py`).
pub const CACHE_CONTROL: &str = "no-store";

/// The size of a logical sector and of a logical block, in bytes (6.1.2, 6.2.2).
const SECTOR: usize = 2048;

/// Below the root, each in the one before.
const DIRECTORIES: [&str; 2] = ["openstack", "latest"];

/// The root and [`DIRECTORIES`].
const DEPTHS: usize = DIRECTORIES.len() + 1;

/// The first sector of the data area (6.2.1).
const VOLUME_DESCRIPTORS: u32 = 16;
const ROCK_RIDGE_CONTINUATION: u32 = 29;
const FIRST_FILE: u32 = 30;

/// One of the two trees over the same files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tree {
    /// With upper-case names of ISO 9660, and the true ones in Rock Ridge's fields.
    Primary,
    /// With the true names in UCS-2.
    Joliet,
}

impl Tree {
    /// With the least significant byte first.
    const fn path_table_l(self) -> u32 {
        match self {
            Self::Primary => 19,
            Self::Joliet => 21,
        }
    }

    /// With the most significant byte first.
    const fn path_table_m(self) -> u32 {
        self.path_table_l() + 1
    }

    const fn root(self) -> u32 {
        match self {
            Self::Primary => 23,
            Self::Joliet => 26,
        }
    }

    /// The extents of the root and of [`DIRECTORIES`].
    fn directories(self) -> [Extent; DEPTHS] {
        let root = self.root();
        [root, root + 1, root + 2].map(|sector| Extent {
            sector,
            bytes: SECTOR_BYTES,
        })
    }
}

/// [`SECTOR`] as extents have it.
const SECTOR_BYTES: u32 = 2048;

/// A file and where it is.
struct Placed<'a> {
    file: &'a File,
    extent: Extent,
}

/// The bytes of an image, which are as secret as what is in it.
pub struct Image(SecretSlice<u8>);

impl Image {
    /// How many bytes it has: a whole number of sectors.
    pub fn size(&self) -> usize {
        self.0.expose_secret().len()
    }
}

/// For the body of a response.
impl AsRef<[u8]> for Image {
    fn as_ref(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// The image of files that are sorted by name.
pub(crate) fn of(files: &[File]) -> Image {
    let (files, end) = place(files);
    let mut image = Sectors::new(end);
    volume::write(&mut image, end);
    for tree in [Tree::Primary, Tree::Joliet] {
        image.put(
            tree.path_table_l(),
            &directory::path_table(tree, u32::to_le_bytes, u16::to_le_bytes),
        );
        image.put(
            tree.path_table_m(),
            &directory::path_table(tree, u32::to_be_bytes, u16::to_be_bytes),
        );
        for (depth, extent) in tree.directories().into_iter().enumerate() {
            image.put(extent.sector, &directory::records(tree, depth, &files));
        }
    }
    image.put(ROCK_RIDGE_CONTINUATION, &rock_ridge::extensions_reference());
    for placed in &files {
        image.put(placed.extent.sector, placed.file.bytes.expose_secret());
    }
    Image(image.0.into())
}

/// Gives each file sectors of its own, in order, and says which sector is the first behind them.
fn place(files: &[File]) -> (Vec<Placed<'_>>, u32) {
    let mut sector = FIRST_FILE;
    let placed = files
        .iter()
        .map(|file| {
            let extent = Extent {
                sector,
                bytes: length(file.bytes.expose_secret()),
            };
            sector += extent.bytes.div_ceil(SECTOR_BYTES);
            Placed { file, extent }
        })
        .collect();
    (placed, sector)
}

#[expect(
    clippy::expect_used,
    reason = "ConfigDrive::new lets no file be larger than MAX_BYTES, and a record has at most 255 bytes"
)]
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("at most 1 MiB")
}

/// The image while it is written. It is as large as it gets from the start: no copy is left behind when it grows.
struct Sectors(Vec<u8>);

impl Sectors {
    fn new(count: u32) -> Self {
        Self(vec![0; count as usize * SECTOR])
    }

    /// Writes from the beginning of a sector on; the rest of the last one stays zero.
    fn put(&mut self, sector: u32, bytes: &[u8]) {
        let start = sector as usize * SECTOR;
        self.0[start..start + bytes.len()].copy_from_slice(bytes);
    }
}
