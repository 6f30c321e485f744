//! What the storage interfaces demand (`drivers/modules/storage/{external,cinder}.py`).

use crate::drivers::Interface;
use crate::model::{Node, NodeKey, Store};

/// What Ironic says when it looks for Cinder: the real stack has none, and so has this one.
pub(crate) const CINDER_IS_DOWN: &str = "Unable to find a version discovery document at \
    http://172.22.0.1:8776/v3, the service is unavailable or misconfigured. Required version range \
    (any - any), version hack disabled.";

/// Whether Cinder would be asked to attach or detach volumes.
pub(crate) fn needs_cinder(store: &Store, key: NodeKey) -> bool {
    let is_cinder = store
        .nodes
        .get(&key)
        .is_some_and(|node| node.interface(Interface::Storage) == "cinder");
    is_cinder && store.targets_of(key).next().is_some()
}

/// What the storage interface of a node has to say against it.
pub(crate) fn validate(store: &Store, key: NodeKey, writes_image: bool) -> Result<(), String> {
    let Some(node) = store.nodes.get(&key) else {
        return Ok(());
    };
    match node.interface(Interface::Storage) {
        "external" => {
            if !writes_image && !boots_ipxe(node) {
                return Err(format!(
                    "Failed to validate external storage interface for node {}. To support \
                     network booting to an iSCSI volume, the boot interface must be set to \
                     ``ipxe``.",
                    node.uuid
                ));
            }
            Ok(())
        }
        "cinder" => cinder(store, key, node).map_err(|reason| {
            format!(
                "Failed to validate cinder storage interface for node {}. {reason}",
                node.uuid
            )
        }),
        _ => Ok(()),
    }
}

/// Whether the boot interface has the capability `ipxe_boot`.
fn boots_ipxe(node: &Node) -> bool {
    matches!(
        node.interface(Interface::Boot),
        "ipxe" | "http-ipxe" | "fake"
    )
}

fn is_on(node: &Node, capability: &str) -> bool {
    node.capability(capability).is_some_and(|value| {
        matches!(
            value.to_lowercase().as_str(),
            "1" | "t" | "true" | "on" | "y" | "yes"
        )
    })
}

fn cinder(store: &Store, key: NodeKey, node: &Node) -> Result<(), String> {
    let count = |kind: &str| {
        store
            .connectors_of(key)
            .filter(|connector| connector.kind == kind)
            .count()
    };
    let iqn = count("iqn");
    let (ports, nodes) = (count("wwpn"), count("wwnn"));
    if iqn > 0 && !boots_ipxe(node) {
        return Err(
            "The [pxe]/ipxe_enabled option must be set to True or the boot interface must be set \
             to ``ipxe`` to support network booting to an iSCSI volume."
                .to_owned(),
        );
    }
    if ports != nodes {
        return Err(format!(
            "Cinder requires both wwnn and wwpn entries for FCoE connections. There must be a wwpn \
             entry for every wwnn entry. There are {ports} wwpn entries and {nodes} wwnn entries."
        ));
    }
    let (iscsi_boot, fc_boot) = (is_on(node, "iscsi_boot"), is_on(node, "fibre_channel_boot"));
    if iscsi_boot && iqn == 0 {
        return Err(
            "In order to enable the 'iscsi_boot' capability for the node, an associated \
             volume_connector type must be valid for iSCSI (iqn)."
                .to_owned(),
        );
    }
    if fc_boot && ports == 0 {
        return Err(
            "In order to enable the 'fibre_channel_boot' capability for the node, an associated \
             volume_connector type must be valid for Fibre Channel (wwpn, wwnn)."
                .to_owned(),
        );
    }
    store
        .targets_of(key)
        .try_for_each(|target| match target.volume_type.as_str() {
            "iscsi" if !iscsi_boot && target.boot_index == 0 => Err(format!(
                "Volume target {} is configured for 'iscsi', however the capability 'iscsi_boot' \
                 is not set for the node.",
                target.uuid
            )),
            "iscsi" if iqn == 0 => Err(format!(
                "Volume target {} is configured for 'iscsi', however no iSCSI connectors are \
                 configured for the node.",
                target.uuid
            )),
            "fibre_channel" if !fc_boot && target.boot_index == 0 => Err(format!(
                "Volume target {} is configured for 'fibre_channel', however the capability \
                 'fibre_channel_boot' is not set on node.",
                target.uuid
            )),
            "fibre_channel" if ports == 0 => Err(format!(
                "Volume target {} is configured for 'fibre_channel', however no Fibre Channel \
                 WWPNs are configured for the node volume connectors.",
                target.uuid
            )),
            "iscsi" | "fibre_channel" => Ok(()),
            other => Err(format!(
                "Volume target {} is of an unknown type '{other}'. Supported types: 'iscsi' or \
                 'fibre_channel'",
                target.uuid
            )),
        })
}
