//! What Ironic holds.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result};
use ironic_client::Ironic;
use ironic_types::calls::{
    DeleteNode, ListConnectors, ListNodes, ListPorts, ListTargets, SetMaintenance,
};
use ironic_types::{Node, Port, VolumeConnector, VolumeTarget};

use crate::progress::step;
use crate::wait::until;

/// All nodes, ports, volume connectors and volume targets.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Ports.
    pub ports: Vec<Port>,
    /// Volume connectors.
    pub connectors: Vec<VolumeConnector>,
    /// Volume targets.
    pub targets: Vec<VolumeTarget>,
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} nodes, {} ports, {} connectors, {} targets",
            self.nodes.len(),
            self.ports.len(),
            self.connectors.len(),
            self.targets.len()
        )
    }
}

impl Inventory {
    /// Reads it.
    pub async fn read(ironic: &Ironic) -> Result<Self> {
        Ok(Self {
            nodes: ironic
                .list_all(&ListNodes {
                    fields: Node::FIELDS,
                    ..ListNodes::default()
                })
                .await
                .context("failed to list nodes")?,
            ports: ironic
                .list_all(&ListPorts {
                    detail: true,
                    ..ListPorts::default()
                })
                .await
                .context("failed to list ports")?,
            connectors: ironic
                .list_all(&ListConnectors {
                    detail: true,
                    ..ListConnectors::default()
                })
                .await
                .context("failed to list volume connectors")?,
            targets: ironic
                .list_all(&ListTargets {
                    detail: true,
                    ..ListTargets::default()
                })
                .await
                .context("failed to list volume targets")?,
        })
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        let Self {
            nodes,
            ports,
            connectors,
            targets,
        } = self;
        nodes.is_empty() && ports.is_empty() && connectors.is_empty() && targets.is_empty()
    }

    /// The only node.
    pub fn node(&self) -> Result<&Node> {
        match self.nodes.as_slice() {
            [node] => Ok(node),
            nodes => anyhow::bail!("Ironic has {} nodes, not one", nodes.len()),
        }
    }
}

/// Removes everything, by force: for the next test, after one that went wrong. The machines must be off.
pub(crate) async fn empty_by_force(ironic: &Ironic) -> Result<()> {
    const LIMIT: Duration = Duration::from_secs(90);
    until("Ironic is empty", LIMIT, async || {
        let inventory = Inventory::read(ironic).await?;
        for node in &inventory.nodes {
            if let Err(error) = remove(ironic, node).await {
                step(format!(
                    "  cleanup  node {} is not gone yet: {error:#}",
                    node.uuid
                ));
            }
        }
        Ok(inventory.nodes.is_empty().then_some(()))
    })
    .await
}

async fn remove(ironic: &Ironic, node: &Node) -> Result<()> {
    ironic
        .send(&SetMaintenance {
            node: node.uuid,
            reason: Some("an end-to-end test failed".to_owned()),
        })
        .await?;
    ironic.send(&DeleteNode { node: node.uuid }).await?;
    Ok(())
}
