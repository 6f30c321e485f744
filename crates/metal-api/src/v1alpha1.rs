//! The API version `metal3.io/v1alpha1`.
//!
//! The documentation of a field is what `kubectl explain` shows for it.

mod bare_metal_host;
mod bmc;
mod boot_volume;
mod firmware;
mod hardware;
mod hardware_data;
mod image;
mod network;
mod provisioning;
mod raid;
mod root_device_hints;
mod schema;
mod status;

pub use bare_metal_host::{
    AutomatedCleaningMode, BareMetalHost, BareMetalHostSpec, BootMode, InspectionMode,
};
pub use bmc::{BmcDetails, CredentialsStatus};
pub use boot_volume::{
    AuthMethod, BootVolume, BootVolumeStatus, ConfigDrive, DataVolume, DeployedVolume, IscsiTarget,
    IscsiTargetType, LunMapping, MAX_DATA_VOLUMES, MAX_PORTALS, ProvisionOn, ReclaimPolicy,
    TargetType, UsedCredentials, VolumeDriver,
};
pub use firmware::FirmwareConfig;
pub use hardware::{
    Bios, Cpu, DiskType, Firmware, HardwareDetails, HardwareSystemVendor, Lldp, Nic, Storage, Vlan,
};
pub use hardware_data::{HardwareData, HardwareDataSpec};
pub use image::{ChecksumType, CustomDeploy, Image, ImageFormat};
pub use network::{HostNetworkAttachmentRef, NetworkInterface, SwitchPort};
pub use provisioning::{ProvisionStatus, ProvisioningState};
pub use raid::{
    HardwareRaidLevel, HardwareRaidVolume, RaidConfig, SoftwareRaidLevel, SoftwareRaidVolume,
};
pub use root_device_hints::RootDeviceHints;
pub use status::{
    BareMetalHostStatus, ErrorType, OperationHistory, OperationMetric, OperationalStatus,
};
