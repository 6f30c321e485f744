//! Values whose form matters: to a boot, or to the way to a BMC.
//!
//! Ironic writes most of them into a script for iPXE, so a character in the wrong place is more than a
//! blemish. Admission checks the same grammar; these types check again, because objects get in by
//! other ways too.

mod bmc_address;
mod iqn;
mod label;
mod lun;
mod mac;
mod portal;
mod volume_id;

pub use bmc_address::{BmcAddress, BmcAddressError, BmcScheme, PrivilegeLevel, Transport};
pub use iqn::{Iqn, IqnError, default_connector_id};
pub use label::{is_dns_label, is_object_name};
pub use lun::{Lun, LunError};
pub use mac::{Mac, MacError};
pub use portal::{Portal, PortalError};
pub use volume_id::{VolumeId, VolumeIdError};
