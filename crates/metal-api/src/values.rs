//! Values whose form matters to a boot.
//!
//! Ironic writes them into a script for iPXE, so a character in the wrong place is more than a
//! blemish. Admission checks the same grammar; these types check again, because objects get in by
//! other ways too.

mod iqn;
mod lun;
mod mac;
mod portal;
mod volume_id;

pub use iqn::{Iqn, IqnError, default_connector_id};
pub use lun::{Lun, LunError};
pub use mac::{Mac, MacError};
pub use portal::{Portal, PortalError};
pub use volume_id::{VolumeId, VolumeIdError};
