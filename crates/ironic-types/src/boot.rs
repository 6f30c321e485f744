//! What a machine boots from, and how.

use serde::{Deserialize, Serialize};

use crate::wire_enum::{closed_enum, open_enum};

open_enum! {
    /// What a machine can boot from.
    ///
    /// See `ironic/common/boot_devices.py`.
    pub enum BootDevice {
        /// The network, by PXE.
        Pxe = "pxe",
        /// Its disk.
        Disk = "disk",
        /// Its CD drive, a virtual one included.
        Cdrom = "cdrom",
        /// The setup of its BIOS.
        Bios = "bios",
        /// Its disk, in safe mode.
        Safe = "safe",
        /// A wide area network.
        Wanboot = "wanboot",
        /// An iSCSI volume, by its own firmware.
        Iscsiboot = "iscsiboot",
        /// Its floppy drive, a virtual one included.
        Floppy = "floppy",
        /// A URL, by its UEFI firmware.
        UefiHttp = "uefihttp",
    }
}

closed_enum! {
    /// Which kind of firmware a machine boots by.
    ///
    /// See `ironic/common/boot_modes.py`.
    pub enum BootMode {
        /// The kind of the first PCs.
        Bios = "bios",
        /// UEFI.
        Uefi = "uefi",
    }
}

/// The answer to [`GetBootDevice`](crate::calls::GetBootDevice): what the BMC says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextBoot {
    /// What the machine boots from next; `None` if the BMC does not say.
    pub boot_device: Option<BootDevice>,
    /// Whether for all boots from now on, or for the next only; `None` if the BMC does not say.
    pub persistent: Option<bool>,
}
