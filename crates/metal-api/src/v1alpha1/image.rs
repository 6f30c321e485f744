//! Deployments from an image or by a custom step.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]

mod rules;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An image that is written to a host's disk.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = rules::known_scheme(),
    validation = rules::checksum_where_it_counts(),
    validation = rules::no_checksum_of_an_artifact(),
)]
pub struct Image {
    /// The checksum of the image, or the URL of a file with it.
    /// It is required, except for the format `live-iso` and for `oci://` images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,

    /// The algorithm of the checksum.
    /// The default is `md5`; `auto` tells it from the checksum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_type: Option<ChecksumType>,

    /// The format of the image.
    /// A `live-iso` is booted without being written to a disk.
    /// The empty string means the same as an unset field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ImageFormat>,

    /// The name of the Secret, in the host's namespace, with the credentials of the registry of an
    /// `oci://` image.
    /// Its type is `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oci_auth_secret_name: Option<String>,

    /// The URL of the image.
    pub url: String,
}

/// The algorithm of a checksum.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ChecksumType {
    /// MD5.
    Md5,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// Whichever fits the checksum.
    Auto,
}

/// The format of an image.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ImageFormat {
    /// The bytes of the disk.
    Raw,
    /// QEMU's copy-on-write format.
    Qcow2,
    /// The format of `VirtualBox`.
    Vdi,
    /// The format of `VMware`.
    Vmdk,
    /// An ISO 9660 image that is booted without being written to a disk.
    #[serde(rename = "live-iso")]
    LiveIso,
    /// The same as an unset format.
    /// Metal3's Cluster API provider sends it for machines that name no format.
    #[serde(rename = "")]
    Unset,
}

/// A deployment that is done by a step of the deployment ramdisk.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct CustomDeploy {
    /// The name of the step.
    /// The value `boot-volume` stands for a deployment from the host's `bootVolume`.
    pub method: String,
}
