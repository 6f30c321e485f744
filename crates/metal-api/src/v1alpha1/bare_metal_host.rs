//! What a user asks of a host.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]
#![expect(
    clippy::duplicated_attributes,
    reason = "printer columns may have the same type and the same priority"
)]

mod rules;

use k8s_openapi::api::core::v1::{ObjectReference, SecretReference, Taint};
use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use super::{
    BareMetalHostStatus, BmcDetails, BootVolume, CustomDeploy, DataVolume, FirmwareConfig, Image,
    NetworkInterface, ProvisioningState, RaidConfig, RootDeviceHints, boot_volume::data_volume,
    schema,
};

/// The desired state of a host.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "metal3.io",
    version = "v1alpha1",
    kind = "BareMetalHost",
    plural = "baremetalhosts",
    shortname = "bmh",
    shortname = "bmhost",
    namespaced,
    status = "BareMetalHostStatus",
    schema = "manual",
    derive = "PartialEq",
    derive = "Default",
    doc = "A physical machine that Ironic manages.",
    // By the first `clusterctl` looks at hosts, by the second it moves all of a namespace with what they own.
    label("clusterctl.cluster.x-k8s.io", ""),
    label("clusterctl.cluster.x-k8s.io/move-hierarchy", ""),
    printcolumn(
        name = "Status",
        type_ = "string",
        description = "Operational status",
        json_path = ".status.operationalStatus",
        priority = 1
    ),
    printcolumn(
        name = "State",
        type_ = "string",
        description = "Provisioning status",
        json_path = ".status.provisioning.state"
    ),
    printcolumn(
        name = "Consumer",
        type_ = "string",
        description = "Consumer using this host",
        json_path = ".spec.consumerRef.name"
    ),
    printcolumn(
        name = "BMC",
        type_ = "string",
        description = "Address of management controller",
        json_path = ".spec.bmc.address",
        priority = 1
    ),
    printcolumn(
        name = "Online",
        type_ = "string",
        description = "Whether the host is online or not",
        json_path = ".spec.online"
    ),
    printcolumn(
        name = "Error",
        type_ = "string",
        description = "Type of the most recent error",
        json_path = ".status.errorType"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        description = "Time duration since creation of BaremetalHost",
        json_path = ".metadata.creationTimestamp"
    ),
    printcolumn(
        name = "Volume",
        type_ = "string",
        description = "The volume that the host boots from",
        json_path = ".spec.bootVolume.volumeId",
        priority = 1
    )
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = rules::boot_mac_address_present(),
    validation = rules::boot_mac_address_whole(),
    validation = rules::boot_mac_address_of_libvirt(),
    validation = rules::no_image(),
    validation = rules::no_other_custom_deploy(),
    validation = rules::power_off_allowed(),
    validation = rules::not_externally_provisioned(),
    validation = rules::data_volumes_beside_a_boot_volume(),
    validation = rules::volume_ids_differ(),
    validation = rules::targets_differ(),
    validation = rules::metal3::boot_mac_address_without_inspection(),
    validation = rules::metal3::boot_mac_address_parses(),
    validation = rules::metal3::boot_mac_address_is_kept(),
    validation = rules::metal3::secure_boot_for_driver(),
    validation = rules::metal3::fast_inspection_for_driver(),
    validation = rules::metal3::hardware_raid_for_driver(),
    validation = rules::metal3::one_root_device(),
    validation = rules::metal3::root_device_name(),
    validation = rules::metal3::online_where_power_stays(),
)]
pub struct BareMetalHostSpec {
    /// The CPU architecture of the host, for example `x86_64` or `aarch64`.
    /// When it is unset, inspection fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,

    /// Whether Ironic cleans the host's disks before a host becomes available and after its
    /// release.
    /// `metadata` erases partition tables, `disabled` erases nothing.
    /// The default is `metadata`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "metadata"))]
    pub automated_cleaning_mode: Option<AutomatedCleaningMode>,

    /// How to reach the host's board management controller (BMC).
    /// A host without it is not managed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bmc: Option<BmcDetails>,

    /// The MAC address of the network interface that the host boots from.
    /// It is required with `bootVolume`, because iPXE starts on this interface.
    /// It is never the BMC's own MAC address.
    #[serde(
        default,
        rename = "bootMACAddress",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(extend("pattern" = "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}"))]
    pub boot_mac_address: Option<String>,

    /// How the host's firmware starts: `UEFI`, `UEFISecureBoot` or `legacy` (BIOS).
    /// The default is `UEFI`.
    /// With a `bootVolume`, `UEFISecureBoot` needs an iPXE that is signed for the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<BootMode>,

    /// The network volume that the host boots from, instead of an image on a local disk.
    /// Setting it deploys the host, at once or once it is claimed (`provisionOn`); removing it shuts
    /// the host down and releases the volume, whose data is never touched.
    /// Once the host is deployed, the volume's identity (volumeId, volumeDriver, targetType,
    /// connectorId, the target's IQN and LUN) can't change until `bootVolume` was removed and the
    /// release is done.
    /// It can't be used together with `image`, with a `customDeploy` whose method is not
    /// `boot-volume`, with `disablePowerOff` or with `externallyProvisioned`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_volume: Option<BootVolume>,

    /// What uses the host, usually a machine of Cluster API.
    /// A host with a consumer is in use and is not given to another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub consumer_ref: Option<ObjectReference>,

    /// A deployment that is done by a step of the deployment ramdisk instead of writing `image`.
    /// Setting it deploys the host.
    /// The method `boot-volume` is no such step: it claims a host whose `bootVolume` has
    /// `provisionOn: Claim`, and clearing it releases that host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_deploy: Option<CustomDeploy>,

    /// Further volumes of a host that boots from its `bootVolume`, at most 8, which its operating
    /// system gets beside it.
    /// They need a `bootVolume`, and are released with it.
    /// A change takes effect with the next deployment; the condition `DataVolumesApplied` shows
    /// whether one is pending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "data_volume::list")]
    pub data_volumes: Vec<DataVolume>,

    /// A text for people that helps to recognise the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,

    /// Never power the host off; reboot it where a power-off would be needed.
    /// The default is `false`.
    /// It can't be used together with `bootVolume`: a volume is released only after the host was
    /// powered off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_power_off: Option<bool>,

    /// Something else deployed the host, and only its power is managed.
    /// The default is `false`.
    /// It can be set when the host is created, or later while the host is available.
    /// It can't be used together with `bootVolume`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externally_provisioned: Option<bool>,

    /// Settings of the host's firmware.
    /// Deprecated: no driver supports it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<FirmwareConfig>,

    /// The name of a hardware profile.
    /// Deprecated: use `rootDeviceHints` and `architecture` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware_profile: Option<String>,

    /// The image to write to the host's disk.
    /// Setting it deploys the host.
    /// It can't be used together with `bootVolume`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,

    /// How the host's hardware is looked at before it becomes available: by a ramdisk that is
    /// booted on it (`agent`), by its BMC alone (`fast`), or not at all (`disabled`).
    /// The default is `agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_mode: Option<InspectionMode>,

    /// The Secret with the metadata that the operating system reads from the config drive.
    /// Metadata is generated when it is unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub meta_data: Option<SecretReference>,

    /// The Secret with the network configuration that the operating system reads from the config
    /// drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub network_data: Option<SecretReference>,

    /// The networks that the host's interfaces are attached to.
    /// Each entry names an interface that inspection found, by its name or by its MAC address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network_interfaces: Vec<NetworkInterface>,

    /// Whether the host is powered on.
    /// In a stable state (for example `provisioned`) the host's power is made to match it.
    /// A host is deployed only while it is `true`.
    pub online: bool,

    /// The name of the Secret, in the host's namespace, with the network configuration of the
    /// ramdisk.
    /// It is also given to the operating system when `networkData` is unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preprovisioning_network_data_name: Option<String>,

    /// The RAID volumes to create before the host is deployed.
    /// When it is unset, the present configuration is kept.
    /// Only one of `hardwareRAIDVolumes` and `softwareRAIDVolumes` can be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raid: Option<RaidConfig>,

    /// Which of the host's disks the image is written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_device_hints: Option<RootDeviceHints>,

    /// Taints for the machine.
    /// Deprecated: they were never acted on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<Taint>,

    /// The Secret with the user data that the operating system's first-boot software (for example
    /// cloud-init) reads from the config drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-map-type" = "atomic"))]
    pub user_data: Option<SecretReference>,
}

impl BareMetalHost {
    /// Where it is in its life; none before its first status.
    pub fn state(&self) -> ProvisioningState {
        self.status
            .as_ref()
            .map(|status| status.provisioning.state)
            .unwrap_or_default()
    }
}

impl JsonSchema for BareMetalHost {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "BareMetalHost".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let spec = generator.subschema_for::<BareMetalHostSpec>();
        let status = generator.subschema_for::<BareMetalHostStatus>();
        schema::CustomResource {
            description: "A physical machine that Ironic manages.",
            spec,
            status: Some(status),
            rules: vec![
                rules::identity_is_kept(),
                rules::no_other_volume_before_the_release_is_done(),
                rules::not_removed_from_a_consumer(),
                rules::provision_on_is_kept(),
                rules::metal3::bmc_address_is_kept(),
                rules::metal3::externally_provisioned_only_when_available(),
            ],
        }
        .into()
    }
}

/// Whether the host's disks are cleaned automatically.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum AutomatedCleaningMode {
    /// Erase partition tables.
    #[default]
    Metadata,
    /// Erase nothing.
    Disabled,
}

/// How the host's firmware starts.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BootMode {
    /// UEFI.
    #[default]
    #[serde(rename = "UEFI")]
    Uefi,
    /// UEFI that starts only signed programs.
    #[serde(rename = "UEFISecureBoot")]
    UefiSecureBoot,
    /// BIOS.
    #[serde(rename = "legacy")]
    Legacy,
}

/// How the host's hardware is looked at.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum InspectionMode {
    /// Not at all.
    Disabled,
    /// By a ramdisk that is booted on the host.
    #[default]
    Agent,
    /// By the host's BMC alone, without booting anything.
    Fast,
}
