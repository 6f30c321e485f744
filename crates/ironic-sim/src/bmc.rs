//! The machines, behind their BMCs.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use crate::boot::Boot;
use crate::states::{Power, PowerAction};

/// A machine with a Redfish BMC.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Machine {
    /// Scheme, host and port of the BMC: `driver_info.redfish_address`.
    pub address: String,
    /// The path of the machine on it: `driver_info.redfish_system_id`.
    pub system: String,
    /// The account that the BMC takes; `None` takes any.
    pub credentials: Option<Credentials>,
    /// Whether the BMC answers.
    pub bmc: Bmc,
    /// Whether the machine is on.
    pub power: Power,
    /// Whether it refuses to be switched.
    pub is_power_stuck: bool,
    /// Whether it goes down when its button is pressed.
    pub honours_acpi: bool,
    /// The MAC addresses of its network cards. If empty, those of the node's ports are meant.
    pub macs: Vec<String>,
    /// `uefi` or `bios`; `None` for a BMC that says nothing about it, as sushy-tools.
    pub boot_mode: Option<String>,
    /// Whether secure boot is on; `None` for a BMC that says nothing about it.
    pub secure_boot: Option<bool>,
    /// Memory in MiB. Inspection fails below 1024, which the BMC reports as 0 GiB.
    pub memory_mb: u64,
    /// Processors.
    pub cpus: u64,
    /// `x86_64` or another.
    pub architecture: String,
    /// Who made it.
    pub manufacturer: String,
    /// Whether it has a disk: without one, the boot device can't be set to it.
    pub has_disk: bool,
    /// What it boots from: `pxe`, `disk`, `cdrom`, `bios` or `uefihttp`.
    pub boot_device: String,
    /// Whether that is for good.
    pub is_boot_device_persistent: bool,
    /// Inserted virtual media: the slot, and the URL that is inserted.
    pub media: BTreeMap<Slot, String>,
    /// What it booted when it was last switched on.
    pub booted: Option<Boot>,
}

/// The account of a BMC.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// Whether a BMC answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bmc {
    /// It does.
    Present,
    /// Nothing is there: the connection is refused.
    Absent,
    /// It takes the connection and never answers.
    Hanging,
}

/// A slot for virtual media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// For `cdrom`.
    Cd,
    /// For `floppy` and `disk`.
    Floppy,
}

impl Slot {
    /// All of them, as a BMC lists them.
    pub const ALL: [Self; 2] = [Self::Cd, Self::Floppy];

    /// Where a device goes.
    pub(crate) fn of_device(device: &str) -> Option<Self> {
        match device {
            "cdrom" => Some(Self::Cd),
            "floppy" | "disk" => Some(Self::Floppy),
            _ => None,
        }
    }

    pub(crate) fn media_types(self) -> [&'static str; 2] {
        match self {
            Self::Cd => ["CD", "DVD"],
            Self::Floppy => ["Floppy", "USBStick"],
        }
    }
}

impl Machine {
    /// A machine like those of the project's real stack: off, diskless, with 1 GiB.
    pub fn new(address: impl Into<String>, system: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            system: system.into(),
            credentials: None,
            bmc: Bmc::Present,
            power: Power::Off,
            is_power_stuck: false,
            honours_acpi: true,
            macs: Vec::new(),
            boot_mode: None,
            secure_boot: Some(false),
            memory_mb: 1024,
            cpus: 1,
            architecture: "x86_64".to_owned(),
            manufacturer: "Sushy Emulator".to_owned(),
            has_disk: false,
            boot_device: "pxe".to_owned(),
            is_boot_device_persistent: false,
            media: BTreeMap::new(),
            booted: None,
        }
    }

    /// The URL of the machine on its BMC.
    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.address, self.system)
    }

    /// Whether these credentials open it.
    pub(crate) fn admits(&self, username: &str, password: &str) -> bool {
        self.credentials
            .as_ref()
            .is_none_or(|own| own.username == username && own.password.expose_secret() == password)
    }

    /// Does what is asked of its power, if it can.
    pub(crate) fn switch(&mut self, action: PowerAction) -> Result<(), BmcError> {
        let is_deaf = action.is_soft() && self.power == Power::On && !self.honours_acpi;
        if self.is_power_stuck || (is_deaf && action == PowerAction::SoftOff) {
            return Err(BmcError::Stuck(action.target()));
        }
        // sushy-tools resets a machine that does not listen, and says that it went well.
        self.power = action.target();
        Ok(())
    }
}

/// Why a BMC did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BmcError {
    /// `driver_info` does not say where it is, or says it wrongly.
    Misconfigured(String),
    /// It could not be reached.
    Unreachable { address: String, node: String },
    /// It does not take the credentials.
    Refused { url: String },
    /// It has no such machine.
    NoSystem { url: String },
    /// The machine did not get to the power state.
    Stuck(Power),
    /// It said no.
    Other(String),
}

impl BmcError {
    /// As Ironic tells it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Misconfigured(text) => text.clone(),
            Self::Unreachable { address, node } => format!(
                "Redfish connection failed for node {node}: Unable to connect to \
                 {address}/redfish/v1/. Error: Connection refused"
            ),
            Self::Refused { url } => format!(
                "Redfish exception occurred. Error: HTTP GET {url} returned code 401. \
                 Base.1.0.GeneralError: Incorrect username or password Extended information: \
                 [{{'@odata.type': '/redfish/v1/$metadata#Message.1.0.0.Message', 'MessageId': \
                 'Base.1.0.GeneralError'}}]"
            ),
            Self::NoSystem { url } => {
                format!("Redfish exception occurred. Error: Resource {url} not found")
            }
            Self::Stuck(power) => format!("Failed to set node power state to {power}."),
            Self::Other(text) => format!("Redfish exception occurred. Error: {text}"),
        }
    }
}
