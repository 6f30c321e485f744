//! What one node has: its ports, volume connectors and volume targets.

use ironic_types::calls::{ListConnectors, ListPorts, ListTargets};
use ironic_types::{ConnectorId, NodeId, Port, VolumeConnector, VolumeTarget};

use super::Inventory;
use crate::client::Ironic;
use crate::error::Error;

/// All that Ironic keeps for a node beside the node itself, as far as a boot from a volume goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Belongings {
    /// Its ports.
    pub ports: Vec<Port>,
    /// Its volume connectors.
    pub connectors: Vec<VolumeConnector>,
    /// Its volume targets.
    pub targets: Vec<VolumeTarget>,
}

impl Inventory {
    /// What a node has, without a request: as the last lists of all nodes had it, or as it was read or changed since
    /// then; none as long as nothing says.
    ///
    /// It may be five minutes old: who is about to change something because of it [reads it](Self::read_belongings) first.
    pub fn belongings(&self, node: NodeId) -> Option<Belongings> {
        let known = self.read();
        Some(Belongings {
            ports: known.ports.known(node)?,
            connectors: known.connectors.known(node)?,
            targets: known.targets.known(node)?,
        })
    }

    /// What a node has, by three requests.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list_all`].
    pub async fn read_belongings(
        &self,
        ironic: &Ironic,
        node: NodeId,
    ) -> Result<Belongings, Error> {
        Ok(Belongings {
            ports: self.read_ports(ironic, node).await?,
            connectors: self.read_connectors_of(ironic, node).await?,
            targets: self.read_targets_of(ironic, node).await?,
        })
    }

    /// The ports of a node, by a request.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list_all`].
    pub async fn read_ports(&self, ironic: &Ironic, node: NodeId) -> Result<Vec<Port>, Error> {
        let call = ListPorts {
            node: Some(node),
            detail: true,
            ..ListPorts::default()
        };
        let began = self.begin();
        let ports = ironic.list_all(&call).await?;
        self.write().ports.set(node, began, ports.clone());
        Ok(ports)
    }

    /// The volume connectors of a node, by a request.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list_all`].
    pub async fn read_connectors_of(
        &self,
        ironic: &Ironic,
        node: NodeId,
    ) -> Result<Vec<VolumeConnector>, Error> {
        let call = ListConnectors {
            node: Some(node),
            detail: true,
            ..ListConnectors::default()
        };
        let began = self.begin();
        let connectors = ironic.list_all(&call).await?;
        self.write().connectors.set(node, began, connectors.clone());
        Ok(connectors)
    }

    /// The volume targets of a node, by a request.
    ///
    /// # Errors
    ///
    /// Those of [`Ironic::list_all`].
    pub async fn read_targets_of(
        &self,
        ironic: &Ironic,
        node: NodeId,
    ) -> Result<Vec<VolumeTarget>, Error> {
        let call = ListTargets {
            node: Some(node),
            detail: true,
            ..ListTargets::default()
        };
        let began = self.begin();
        let targets = ironic.list_all(&call).await?;
        self.write().targets.set(node, began, targets.clone());
        Ok(targets)
    }

    /// Takes in a volume connector that was just created.
    pub fn learn_connector(&self, connector: VolumeConnector) {
        let mut known = self.write();
        let now = known.tick();
        let (node, id) = (connector.node_uuid, connector.uuid);
        known.connectors.change(node, now, |connectors| {
            connectors.retain(|other| other.uuid != id);
            connectors.push(connector);
        });
    }

    /// Tells that a volume connector was deleted.
    pub fn learn_no_connector(&self, node: NodeId, connector: ConnectorId) {
        let mut known = self.write();
        let now = known.tick();
        known.connectors.change(node, now, |connectors| {
            connectors.retain(|known| known.uuid != connector);
        });
    }
}
