//! Calls about how a machine boots, and about its interruption.
//!
//! See `ironic/api/controllers/v1/node.py`, `NodeManagementController` and `NodeStatesController`.

use serde::Serialize;

use crate::boot::{BootDevice, BootMode, NextBoot};
use crate::call::{Call, Method};
use crate::empty::Empty;
use crate::ids::NodeId;
use crate::page::Page;
use crate::version::{Microversion, feature};

/// Asks a node's BMC what the machine boots from next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetBootDevice {
    /// Of which node.
    pub node: NodeId,
}

impl Call for GetBootDevice {
    type Body = ();
    type Response = NextBoot;
    const NAME: &'static str = "get boot device";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/management/boot_device", self.node)
    }
}

/// Sets what a machine boots from next. Done when it is answered.
///
/// Ironic sets another one when it deploys, cleans or inspects the node.
/// A device that the BMC does not offer is refused (400).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetBootDevice {
    /// Of which node.
    #[serde(skip)]
    pub node: NodeId,
    /// The device.
    pub boot_device: BootDevice,
    /// Whether for all boots from now on, or for the next only.
    pub persistent: bool,
}

impl Call for SetBootDevice {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set boot device";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/management/boot_device", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Lists what a machine can be told to boot from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListBootDevices {
    /// Of which node.
    pub node: NodeId,
}

impl Call for ListBootDevices {
    type Body = ();
    type Response = Page<BootDevice>;
    const NAME: &'static str = "list boot devices";
    const MIN_VERSION: Microversion = feature::INITIAL;

    fn method(&self) -> Method {
        Method::Get
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/management/boot_device/supported", self.node)
    }
}

/// Sends a machine a non-maskable interrupt, at which its system may write a dump of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InjectNmi {
    /// Of which node.
    pub node: NodeId,
}

impl Call for InjectNmi {
    type Body = ();
    type Response = Empty;
    const NAME: &'static str = "inject NMI";
    const MIN_VERSION: Microversion = feature::INJECT_NMI;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/management/inject_nmi", self.node)
    }
}

/// Asks for a boot mode. Ironic takes it (202) and tells the BMC later, which may insist that the
/// machine is off.
///
/// Refused (409) while the node is on its way between states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetBootMode {
    /// Of which node.
    #[serde(skip)]
    pub node: NodeId,
    /// The mode.
    pub target: BootMode,
}

impl Call for SetBootMode {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set boot mode";
    const MIN_VERSION: Microversion = feature::SET_BOOT_MODE;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states/boot_mode", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Asks that a machine boots what is signed only, or anything. Ironic takes it (202) and tells the
/// BMC later.
///
/// Refused (409) while the node is on its way between states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetSecureBoot {
    /// Of which node.
    #[serde(skip)]
    pub node: NodeId,
    /// Whether it boots what is signed only.
    pub target: bool,
}

impl Call for SetSecureBoot {
    type Body = Self;
    type Response = Empty;
    const NAME: &'static str = "set secure boot";
    const MIN_VERSION: Microversion = feature::SET_BOOT_MODE;

    fn method(&self) -> Method {
        Method::Put
    }

    fn path(&self) -> String {
        format!("/v1/nodes/{}/states/secure_boot", self.node)
    }

    fn body(&self) -> Option<&Self> {
        Some(self)
    }
}
