//! Where a host stands on its way to being deployed, and what is deployed on it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

use super::{
    BootMode, CustomDeploy, DeployedVolume, FirmwareConfig, Image, RaidConfig, RootDeviceHints,
};

/// Where a host stands on its way to being deployed, and what is deployed on it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ProvisionStatus {
    /// The UUID of the host's node in Ironic.
    /// It is empty before the host is registered.
    #[serde(rename = "ID")]
    pub id: String,

    /// The boot mode of the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<BootMode>,

    /// The volume that the host was deployed from.
    /// It is written before the deployment begins and removed when the release is done; while it
    /// is here, the volume belongs to this host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_volume: Option<DeployedVolume>,

    /// The custom step that the host was deployed by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_deploy: Option<CustomDeploy>,

    /// The firmware settings of the deployment.
    /// Deprecated: it is always empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<FirmwareConfig>,

    /// The image that was deployed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,

    /// The RAID configuration that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raid: Option<RaidConfig>,

    /// The root device hints of the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_device_hints: Option<RootDeviceHints>,

    /// The host's state, for example `available` or `provisioned`.
    #[schemars(with = "String")]
    pub state: ProvisioningState,
}

/// The state of a host.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum ProvisioningState {
    /// The host is new.
    #[default]
    #[serde(rename = "")]
    None,
    /// The host has no BMC, so nothing can be done with it.
    Unmanaged,
    /// Ironic is being told about the host, and its BMC is being tried.
    Registering,
    /// The host's hardware is being looked at.
    Inspecting,
    /// A state of older versions, followed by `Preparing`.
    #[serde(rename = "match profile")]
    MatchProfile,
    /// RAID and firmware are being set up, and the host is being made available.
    Preparing,
    /// The name of `Available` in older versions.
    Ready,
    /// The host can be deployed.
    Available,
    /// The host is being deployed.
    Provisioning,
    /// The host is deployed.
    Provisioned,
    /// Something else deployed the host.
    #[serde(rename = "externally provisioned")]
    ExternallyProvisioned,
    /// The host is being released.
    Deprovisioning,
    /// The host is being powered off before it is deleted.
    #[serde(rename = "powering off before delete")]
    PoweringOffBeforeDelete,
    /// The host's node is being removed from Ironic.
    Deleting,
}

impl ProvisioningState {
    /// All states, in the order of a host's life; [`MatchProfile`](Self::MatchProfile) and [`Ready`](Self::Ready) are
    /// those of older versions.
    pub const ALL: [Self; 14] = [
        Self::None,
        Self::Unmanaged,
        Self::Registering,
        Self::Inspecting,
        Self::MatchProfile,
        Self::Preparing,
        Self::Ready,
        Self::Available,
        Self::Provisioning,
        Self::Provisioned,
        Self::ExternallyProvisioned,
        Self::Deprovisioning,
        Self::PoweringOffBeforeDelete,
        Self::Deleting,
    ];

    /// The state as it stands in `status.provisioning.state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Unmanaged => "unmanaged",
            Self::Registering => "registering",
            Self::Inspecting => "inspecting",
            Self::MatchProfile => "match profile",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Available => "available",
            Self::Provisioning => "provisioning",
            Self::Provisioned => "provisioned",
            Self::ExternallyProvisioned => "externally provisioned",
            Self::Deprovisioning => "deprovisioning",
            Self::PoweringOffBeforeDelete => "powering off before delete",
            Self::Deleting => "deleting",
        }
    }
}

impl fmt::Display for ProvisioningState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
