//! Virtual media: drives of a machine whose medium is a file somewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire_enum::closed_enum;

closed_enum! {
    /// What a virtual drive pretends to be.
    ///
    /// See `VMEDIA_DEVICES` in `ironic/common/boot_devices.py`.
    pub enum MediaType {
        /// A CD or DVD drive.
        Cdrom = "cdrom",
        /// A USB stick.
        Disk = "disk",
        /// A floppy drive.
        Floppy = "floppy",
    }
}

closed_enum! {
    /// How a BMC gets an image.
    ///
    /// See `prepare_remote_image` in `ironic/drivers/modules/image_utils.py`.
    pub enum ImageDownload {
        /// From where it is: the only way for `nfs` and `cifs`.
        Http = "http",
        /// From the conductor, which fetches it first.
        Local = "local",
        /// From OpenStack Swift, where the conductor puts it first.
        Swift = "swift",
    }
}

/// A virtual drive, as the BMC has it.
///
/// `Debug` does not show the address: it may be signed.
/// See `get_vmedia` in `ironic/drivers/modules/redfish/boot.py`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualMedia {
    /// What the drive takes, in Redfish's words, such as `CD` and `DVD`.
    #[serde(default, deserialize_with = "crate::redact::or_default")]
    pub media_types: Vec<String>,
    /// Whether there is something in it. Redfish lets a BMC say `null`.
    #[serde(default, deserialize_with = "crate::redact::or_default")]
    pub inserted: bool,
    /// Where the BMC has the image from; empty if there is none. Mostly the conductor's address,
    /// whatever the image was attached from.
    #[serde(default, deserialize_with = "crate::redact::or_default")]
    pub image: String,
}

impl fmt::Debug for VirtualMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualMedia")
            .field("media_types", &self.media_types)
            .field("inserted", &self.inserted)
            .finish_non_exhaustive()
    }
}
