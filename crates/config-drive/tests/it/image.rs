//! What a reader of ISO 9660 finds in an image.

use config_drive::{ConfigDrive, Image, MAX_BYTES};
use proptest::prelude::*;
use rstest::rstest;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::reader::{Volume, volumes};
use super::{bare, drive, full, with_user_data};

/// The two trees, in order.
fn trees(image: &Image) -> [Volume; 2] {
    let volumes: [Volume; 2] = volumes(image.as_ref()).try_into().ok().unwrap();
    assert_eq!([volumes[0].kind, volumes[1].kind], [1, 2]);
    volumes
}

/// Both trees hold exactly the files of the drive.
fn agree(drive: &ConfigDrive) {
    let image = drive.image();
    for volume in trees(&image) {
        let found: Vec<(String, &[u8])> = volume
            .files
            .iter()
            .map(|(path, file)| (path.clone(), &file.bytes[..]))
            .collect();
        let expected: Vec<(String, &[u8])> = drive
            .files()
            .map(|(name, bytes)| (format!("/openstack/latest/{name}"), bytes.expose_secret()))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(volume.sectors * 2048, image.size());
    }
}

#[test]
fn all_files_are_in_both_trees() {
    agree(&drive(full()));
    agree(&drive(bare()));
}

#[rstest]
fn files_of_all_lengths_are_whole(
    #[values(1, 2, 2047, 2048, 2049, 4095, 4096, 4097, MAX_BYTES - 1, MAX_BYTES)] length: usize,
) {
    let bytes: Vec<u8> = (0..length)
        .map(|index| u8::try_from(index % 251).unwrap())
        .collect();
    agree(&drive(with_user_data(bytes)));
}

/// cloud-init looks for the label, and udev shows it.
#[test]
fn both_trees_have_the_label_of_a_config_drive() {
    for volume in trees(&drive(full()).image()) {
        assert_eq!(volume.id, "config-2");
    }
}

/// Secrets are for root only, also where somebody mounts the drive.
#[test]
fn only_root_may_read_what_is_there() {
    let [primary, _] = trees(&drive(full()).image());
    for file in primary.files.values() {
        assert_eq!(file.entry.attributes, Some([0o100_400, 1, 0, 0]));
    }
    let directories: Vec<_> = primary
        .directories
        .iter()
        .map(|(path, entry)| (path.as_str(), entry.attributes))
        .collect();
    assert_eq!(
        directories,
        [
            ("", Some([0o040_500, 3, 0, 0])),
            ("/openstack", Some([0o040_500, 3, 0, 0])),
            ("/openstack/latest", Some([0o040_500, 2, 0, 0])),
        ]
    );
}

#[test]
fn a_small_drive_is_a_small_image() {
    assert_eq!(drive(full()).image().size(), 34 * 2048);
}

/// It changes with the layout only. Whoever changes that looks at an image with other readers again: this one was read by
/// Linux 6.1 (by Rock Ridge, by Joliet, and with neither), libblkid, libarchive, 7-Zip, cdrkit's isoinfo and isovfy, and
/// pycdlib.
#[test]
fn an_image_is_the_same_everywhere_and_always() {
    let image = drive(full()).image();
    assert_eq!(drive(full()).image().as_ref(), image.as_ref());
    assert_eq!(
        format!("{:x}", Sha256::digest(image.as_ref())),
        "4f5a22a10acb732503ebe39fed0cd6f7e27202a75641e74400945c638462c12f"
    );
}

proptest! {
    #[test]
    fn whatever_the_user_data_is_it_is_there(
        bytes in proptest::collection::vec(any::<u8>(), 1..5000),
    ) {
        agree(&drive(with_user_data(bytes)));
    }
}
