//! The network volume that a host boots from.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]

pub(super) mod data_volume;
mod deployed;
mod rules;

use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::fmt;

use super::schema;

pub use data_volume::{DataVolume, MAX_DATA_VOLUMES};
pub use deployed::{BootVolumeStatus, DeployedVolume, UsedCredentials};

/// The network volume that a host boots from.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = rules::iscsi_target_present(),
    validation = rules::chap_needs_credentials(),
    validation = rules::no_chap_takes_no_credentials(),
    validation = rules::reclaim_policy_of_claims_only(),
)]
pub struct BootVolume {
    /// How the machine gets `userData`, `networkData` and `metaData`.
    /// Ironic writes no config drive for a machine that boots from a volume.
    /// With `VirtualMedia` Ironboot makes one (label `config-2`) and has Ironic insert it as a CD by the BMC's virtual
    /// media before the machine starts; it is ejected when the host is released.
    /// With `None` the machine gets none, and a host with `provisionOn: Claim` is offered though its BMC has no virtual
    /// media.
    /// The default is `VirtualMedia` when any of `userData`, `networkData` and `metaData` is set.
    /// The condition `UserDataDelivered` tells what came of it.
    /// A change takes effect with the next deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_drive: Option<ConfigDrive>,

    /// The name of the initiator, which the storage must let use the volume: an IQN as in RFC 3720
    /// and RFC 3721 (`iqn.yyyy-mm.reversed.domain[:unique]`), or a name that begins with `eui.` or
    /// `naa.`; at most 223 bytes.
    /// The default is `iqn.2026-11.io.ironboot:<namespace>.<name>`, cut and closed with `-` and 10
    /// hexadecimal digits of SHA-256(`namespace/name`) where it would be longer.
    /// `status.bootVolume.connectorId` shows the name in use.
    /// It can't change while the host is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxLength" = 223))]
    #[x_kube(validation = rules::connector_id())]
    pub connector_id: Option<String>,

    /// The name of the Secret, in the host's namespace, with the CHAP credentials of the initiator
    /// (keys `username` and `password`).
    /// The Secret must be meant for this: its type is `kubernetes.io/iscsi-chap`, or its label
    /// `ironboot.io/iscsi-credentials` is `"true"`.
    /// The password has at least 12 and should have at most 16 characters (RFC 7143).
    /// Problems with the Secret are shown in the condition `BootVolumeReady`.
    /// A change takes effect with the next deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxLength" = 253))]
    #[x_kube(validation = rules::iscsi_credentials_name())]
    pub iscsi_credentials_name: Option<String>,

    /// Where the volume is.
    /// It is required with the driver `external`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iscsi_target: Option<IscsiTarget>,

    /// When the host is deployed from the volume.
    /// `Immediate` deploys it as soon as it is available and `online`.
    /// `Claim` offers it to consumers, such as Cluster API, with the label
    /// `ironboot.io/boot-volume: "true"`; it is deployed once one of them sets `customDeploy.method`
    /// to `boot-volume`, and released when that is cleared.
    /// The default is `Immediate`.
    /// It can't change while the host is deployed or has a consumer.
    #[serde(default)]
    pub provision_on: ProvisionOn,

    /// What becomes of the volume when the consumer of a host with `provisionOn: Claim` lets go.
    /// `Retain` holds it: the host is neither offered nor deployed until another volume is named, or
    /// until the annotation `ironboot.io/reuse-volume` gives this one free.
    /// `Reuse` offers it, with its data, to the next consumer.
    /// The default is `Retain`.
    /// It can be set only with `provisionOn: Claim`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reclaim_policy: Option<ReclaimPolicy>,

    /// How the host reaches the volume.
    /// The default, and at present the only value, is `iscsi`.
    /// It can't change while the host is deployed.
    #[serde(default)]
    pub target_type: TargetType,

    /// Who provides the volume.
    /// `external` boots from a volume that exists already and that `iscsiTarget` describes.
    /// `noop` keeps this block without using it: the host behaves as if it had no `bootVolume`.
    /// It can't change while the host is deployed.
    pub volume_driver: VolumeDriver,

    /// The name of the volume in the system that it comes from, 1 to 255 characters without
    /// control characters.
    /// It can't change while the host is deployed.
    #[schemars(extend("maxLength" = 255))]
    #[x_kube(validation = rules::volume_id())]
    pub volume_id: String,
}

impl BootVolume {
    /// Whether the host boots from the volume.
    ///
    /// A block with the driver `noop` is kept and not used.
    pub const fn is_used(&self) -> bool {
        match self.volume_driver {
            VolumeDriver::External => true,
            VolumeDriver::Noop => false,
        }
    }
}

/// How a machine gets its user data.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigDrive {
    /// As a CD, by its BMC's virtual media.
    VirtualMedia,
    /// Not at all.
    None,
}

/// When a host is deployed from its volume.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProvisionOn {
    /// As soon as it can be.
    #[default]
    Immediate,
    /// Once a consumer asks for it.
    Claim,
}

impl ProvisionOn {
    /// The value as it stands in `provisionOn`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "Immediate",
            Self::Claim => "Claim",
        }
    }
}

impl fmt::Display for ProvisionOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of a volume that a consumer has used.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReclaimPolicy {
    /// It is held until somebody says how to go on.
    #[default]
    Retain,
    /// The next consumer gets it as it is.
    Reuse,
}

/// Where an iSCSI volume is.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = rules::one_of_portal_and_portals())]
pub struct IscsiTarget {
    /// How the initiator identifies itself to the target.
    /// The default is `CHAP` when `iscsiCredentialsName` is set and `None` otherwise.
    /// `CHAP` needs `iscsiCredentialsName`, and `None` excludes it.
    /// A change takes effect with the next deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_method: Option<AuthMethod>,

    /// What kind of name `iqn` is.
    /// The default, and the only value, is `iqn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub i_type: Option<IscsiTargetType>,

    /// The name of the target: an IQN as in RFC 3720 and RFC 3721
    /// (`iqn.yyyy-mm.reversed.domain[:unique]`), or a name that begins with `eui.` or `naa.`; at
    /// most 223 bytes.
    /// Upper and lower case are kept.
    /// Of a boot volume it can't change while the host is deployed.
    #[schemars(extend("maxLength" = 223))]
    #[x_kube(validation = rules::iqn())]
    pub iqn: String,

    /// The number of the volume in the target, 0 to 255.
    /// The default is 0.
    /// Of a boot volume it can't change while the host is deployed.
    #[serde(default)]
    #[x_kube(validation = rules::lun())]
    pub lun: i64,

    /// What `lun` counts.
    /// With `Shared`, the default, a number means the same volume for every initiator, so that two hosts with one `iqn`
    /// and one `lun` are two hosts on one volume.
    /// With `PerInitiator` the storage numbers the volumes of each initiator apart, under one `iqn` for all: there
    /// volumes are told apart by `volumeId`.
    /// Of a boot volume it can't change while the host is deployed.
    #[serde(default)]
    pub lun_mapping: LunMapping,

    /// The target's address, `host[:port]`.
    /// The host is an IPv4 address or a DNS name; the port is 3260 by default.
    /// IPv6 addresses can't be used: Ironic splits the address at the first colon.
    /// Either `portal` or `portals` is required.
    /// A change takes effect with the next deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxLength" = 259))]
    #[x_kube(
        validation = rules::portal_is_not_ipv6("portal"),
        validation = rules::portal("portal"),
    )]
    pub portal: Option<String>,

    /// The addresses of a target that is reached in several ways, 1 to 8, each like `portal`.
    /// The firmware boots by the first that answers; the operating system gets all of them, in this order.
    /// Either `portal` or `portals` is required.
    /// A change takes effect with the next deployment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "portals")]
    #[x_kube(validation = rules::portals_differ())]
    pub portals: Vec<String>,
}

impl IscsiTarget {
    /// All addresses of the target, the first first: `portal`, or `portals`.
    pub fn all_portals(&self) -> impl Iterator<Item = &str> {
        self.portal.iter().chain(&self.portals).map(String::as_str)
    }
}

fn portals(_: &mut SchemaGenerator) -> Schema {
    let item = json_schema!({ "type": "string", "maxLength": 259 });
    let rules = [
        rules::portal_is_not_ipv6("portals[*]"),
        rules::portal("portals[*]"),
    ];
    json_schema!({
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_PORTALS,
        "items": schema::with_rules(item, rules),
    })
}

/// The most addresses that one target has.
pub const MAX_PORTALS: usize = 8;

/// Who provides a volume.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum VolumeDriver {
    /// The volume exists already.
    External,
    /// Nobody: the volume is not used.
    Noop,
}

impl VolumeDriver {
    /// The driver as it stands in `volumeDriver`, which is also the name of Ironic's storage
    /// interface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Noop => "noop",
        }
    }
}

impl fmt::Display for VolumeDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a host reaches a volume.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum TargetType {
    /// By iSCSI.
    #[default]
    Iscsi,
}

impl TargetType {
    /// The target type as it stands in `targetType`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iscsi => "iscsi",
        }
    }
}

impl fmt::Display for TargetType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an initiator identifies itself to a target.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// By the challenge-handshake authentication protocol.
    #[serde(rename = "CHAP")]
    Chap,
    /// By nothing but its name.
    None,
}

/// What the number of a volume counts in its target.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LunMapping {
    /// A number means the same volume for every initiator.
    #[default]
    Shared,
    /// Each initiator has numbers of its own.
    PerInitiator,
}

/// What kind of name a target has.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum IscsiTargetType {
    /// An iSCSI name.
    Iqn,
}
