//! BMCs: what `spec.bmc` means to Ironic.
//!
//! The kinds of BMC and what Ironic is told of each are Metal3's (`pkg/hardwareutils/bmc/`).

use ironic_types::Node;
use metal_api::v1alpha1::{BareMetalHost, BmcDetails};
use metal_api::values::{BmcAddress, BmcScheme};
use serde_json::{Map, Value};

mod driver_info;
mod identity;
mod interfaces;

pub use identity::BmcIdentity;
pub use interfaces::{InterfaceKind, Interfaces};

/// A BMC as a host's spec describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bmc {
    address: BmcAddress,
    verify_ca: bool,
}

/// Why an address can't be used: names the field, and shows nothing of the address but a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BmcAddressError(metal_api::values::BmcAddressError);

impl std::fmt::Display for BmcAddressError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "spec.bmc.address: {}", self.0)
    }
}

impl std::error::Error for BmcAddressError {}

impl Bmc {
    /// Reads `spec.bmc`.
    pub fn parse(details: &BmcDetails) -> Result<Self, BmcAddressError> {
        Ok(Self {
            address: details.address.parse().map_err(BmcAddressError)?,
            verify_ca: !details.disable_certificate_verification.unwrap_or_default(),
        })
    }

    /// The kind of BMC, as the address names it.
    pub fn scheme(&self) -> BmcScheme {
        self.address.scheme
    }

    /// Ironic's hardware type.
    pub fn driver(&self) -> &'static str {
        match self.scheme() {
            BmcScheme::Ipmi | BmcScheme::Libvirt => "ipmi",
            BmcScheme::Redfish
            | BmcScheme::Ilo5Redfish
            | BmcScheme::RedfishVirtualMedia
            | BmcScheme::Ilo5VirtualMedia
            | BmcScheme::RedfishUefiHttp => "redfish",
            BmcScheme::IdracRedfish | BmcScheme::IdracVirtualMedia => "idrac",
        }
    }

    /// The interfaces of Ironic that its nodes get.
    pub fn interfaces(&self) -> Interfaces {
        Interfaces::of(self.scheme())
    }

    /// The interface that inspects a machine through its BMC; none where only the agent can.
    ///
    /// Metal3 has `redfish` for `idrac` too, which that hardware type doesn't support
    /// (`ironic/drivers/drac.py`, `supported_inspect_interfaces`): it takes its own one in its place.
    pub fn fast_inspect_interface(&self) -> Option<&'static str> {
        match self.driver() {
            "ipmi" => None,
            "idrac" => Some("idrac-redfish"),
            redfish => Some(redfish),
        }
    }

    /// Whether `spec.bootMACAddress` is required, inspected or not: `VirtualBMC` doesn't tell it, and its address isn't the
    /// machine's, so an agent couldn't be recognised.
    pub fn needs_mac(&self) -> bool {
        self.scheme() == BmcScheme::Libvirt
    }

    /// Whether the machine can boot from virtual media by its own boot interface.
    pub fn takes_virtual_media(&self) -> bool {
        match self.scheme() {
            BmcScheme::RedfishVirtualMedia
            | BmcScheme::Ilo5VirtualMedia
            | BmcScheme::IdracVirtualMedia => true,
            BmcScheme::Ipmi
            | BmcScheme::Libvirt
            | BmcScheme::Redfish
            | BmcScheme::Ilo5Redfish
            | BmcScheme::IdracRedfish
            | BmcScheme::RedfishUefiHttp => false,
        }
    }

    /// Whether its ramdisk may be an ISO image: by virtual media, or by the firmware's HTTP.
    pub fn boots_iso(&self) -> bool {
        self.takes_virtual_media() || self.scheme() == BmcScheme::RedfishUefiHttp
    }

    /// Whether the machine boots its ramdisk from the provisioning network alone.
    pub fn needs_provisioning_network(&self) -> bool {
        !self.boots_iso()
    }

    /// Whether Ironic can switch secure boot on.
    pub fn supports_secure_boot(&self) -> bool {
        !self.scheme().is_ipmi()
    }

    /// The key of `driver_info` that holds the user.
    pub fn username_key(&self) -> &'static str {
        if self.scheme().is_ipmi() {
            "ipmi_username"
        } else {
            "redfish_username"
        }
    }

    /// The key of `driver_info` that holds the password.
    pub fn password_key(&self) -> &'static str {
        if self.scheme().is_ipmi() {
            "ipmi_password"
        } else {
            "redfish_password"
        }
    }

    /// What `driver_info` says of the BMC, but for user and password.
    pub fn driver_info(&self) -> Map<String, Value> {
        driver_info::of(&self.address, self.verify_ca)
    }

    /// Whether a node's `driver_info`, as Ironic shows it, leads to this BMC in this way. Keys that somebody added are
    /// left out of account.
    pub fn is_reached_by(&self, node: &Node) -> bool {
        driver_info::is_same(&self.address, self.verify_ca, &node.driver_info)
    }

    /// Which BMC it is, whichever way its address is written.
    pub fn identity(&self) -> BmcIdentity {
        BmcIdentity::of(&self.address)
    }
}

/// The driver that the host's BMC needs; none without a BMC, or with an address that can't be read.
pub fn driver(host: &BareMetalHost) -> Option<&'static str> {
    let details = host.spec.bmc.as_ref()?;
    Some(Bmc::parse(details).ok()?.driver())
}
