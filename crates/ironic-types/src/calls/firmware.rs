//! Calls about a node's firmware.
//!
//! See `ironic/api/controllers/v1/firmware.py` and "Bare Metal API reference, Node Firmware".

use crate::call::{Call, Method};
use crate::firmware::FirmwareComponent;
use crate::ids::NodeId;
use crate::page::Page;
use crate::version::{Microversion, feature};

/// Lists a node's firmware components, as Ironic last read them: when the node became manageable,
/// was inspected, cleaned or serviced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListFirmware {
    /// Of which node.
    pub node: NodeId,
    /// Whether the vendor, model and serial number of each is wanted, too. Since 1.114.
    pub identity: bool,
}

impl Call for ListFirmware {
    type Body = ();
    type Response = Page<FirmwareComponent>;
    const NAME: &'static str = "list firmware components";
    const MIN_VERSION: Microversion = feature::FIRMWARE_INTERFACE;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/firmware", self.node)
    }

    fn required_version(&self) -> Microversion {
        if self.identity {
            feature::FIRMWARE_IDENTITY
        } else {
            Self::MIN_VERSION
        }
    }
}
