//! The networks that a host's interfaces are attached to.

#![expect(
    unreachable_pub,
    reason = "kube's derive of the schema copies the struct into a function"
)]

mod rules;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The network that one interface of a host is attached to.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = rules::name_or_mac_address())]
pub struct NetworkInterface {
    /// The network to attach the interface to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_network_attachment: Option<HostNetworkAttachmentRef>,

    /// The MAC address of the interface.
    /// It can't be used together with `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = "^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$"))]
    pub mac_address: Option<String>,

    /// The name of the interface, for example `eth0`.
    /// It can't be used together with `macAddress`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = "^[a-zA-Z0-9._-]+$"))]
    pub name: Option<String>,

    /// The switch port that the interface is connected to.
    /// It replaces what LLDP says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch_port: Option<SwitchPort>,
}

/// The name of a `HostNetworkAttachment`.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct HostNetworkAttachmentRef {
    /// The object's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub name: Option<String>,

    /// The object's namespace.
    /// The default is the host's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub namespace: Option<String>,
}

/// A port of a switch.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct SwitchPort {
    /// The port's name in the switch's configuration.
    #[serde(rename = "portID")]
    pub port_id: String,

    /// The switch's management MAC address.
    #[serde(rename = "switchID")]
    #[schemars(extend("pattern" = "^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$"))]
    pub switch_id: String,
}
