//! The tables, and what must be unique in them.

use std::collections::{BTreeMap, HashMap};

use super::{Connector, Node, Port, Target};
use crate::api::Error;

/// A node's row: given once, never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeKey(pub(crate) u64);

/// Ironic's database. Rows are in the order of their creation, as Ironic lists them.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) nodes: BTreeMap<NodeKey, Node>,
    pub(crate) ports: BTreeMap<u64, Port>,
    pub(crate) connectors: BTreeMap<u64, Connector>,
    pub(crate) targets: BTreeMap<u64, Target>,
    last_key: u64,
    nodes_by_uuid: HashMap<String, NodeKey>,
    nodes_by_name: HashMap<String, NodeKey>,
    nodes_by_instance: HashMap<String, NodeKey>,
    ports_by_uuid: HashMap<String, u64>,
    ports_by_address: HashMap<String, u64>,
    ports_by_name: HashMap<String, u64>,
    connectors_by_uuid: HashMap<String, u64>,
    connectors_by_id: HashMap<(String, String), u64>,
    targets_by_uuid: HashMap<String, u64>,
}

impl Store {
    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    // Nodes.

    pub(crate) fn node_by_uuid(&self, uuid: &str) -> Option<NodeKey> {
        self.nodes_by_uuid.get(uuid).copied()
    }

    pub(crate) fn node_by_name(&self, name: &str) -> Option<NodeKey> {
        self.nodes_by_name.get(name).copied()
    }

    pub(crate) fn node_by_instance(&self, instance: &str) -> Option<NodeKey> {
        self.nodes_by_instance.get(instance).copied()
    }

    pub(crate) fn add_node(&mut self, node: Node) -> Result<NodeKey, Error> {
        let (name, instance) = (node.name.as_deref(), node.instance_uuid.as_deref());
        self.check_names(&node.uuid, name, instance, None)?;
        if self.nodes_by_uuid.contains_key(&node.uuid) {
            return Err(Error::conflict(format!(
                "A node with UUID {} already exists.",
                node.uuid
            )));
        }
        let key = NodeKey(self.next_key());
        self.nodes_by_uuid.insert(node.uuid.clone(), key);
        self.index_names(key, node.name.as_deref(), node.instance_uuid.as_deref());
        self.nodes.insert(key, node);
        Ok(key)
    }

    /// Gives a node another name and another instance.
    pub(crate) fn rename_node(
        &mut self,
        key: NodeKey,
        name: Option<String>,
        instance: Option<String>,
    ) -> Result<(), Error> {
        let Some(node) = self.nodes.get(&key) else {
            return Ok(());
        };
        self.check_names(&node.uuid, name.as_deref(), instance.as_deref(), Some(key))?;
        self.forget_names(key);
        self.index_names(key, name.as_deref(), instance.as_deref());
        if let Some(node) = self.nodes.get_mut(&key) {
            node.name = name;
            node.instance_uuid = instance;
        }
        Ok(())
    }

    /// Takes away the name of its instance, which is unique.
    pub(crate) fn clear_instance(&mut self, key: NodeKey) {
        if let Some(node) = self.nodes.get_mut(&key) {
            if let Some(instance) = node.instance_uuid.take() {
                self.nodes_by_instance.remove(&instance);
            }
            node.instance_info.clear();
            node.instance_name = None;
        }
    }

    fn check_names(
        &self,
        uuid: &str,
        name: Option<&str>,
        instance: Option<&str>,
        own: Option<NodeKey>,
    ) -> Result<(), Error> {
        let is_taken = |index: &HashMap<String, NodeKey>, text: &str| {
            index.get(text).is_some_and(|&other| Some(other) != own)
        };
        if let Some(name) = name.filter(|name| is_taken(&self.nodes_by_name, name)) {
            return Err(Error::conflict(format!(
                "A node with name {name} already exists."
            )));
        }
        if let Some(instance) = instance.filter(|id| is_taken(&self.nodes_by_instance, id)) {
            return Err(Error::conflict(format!(
                "Instance {instance} is already associated with a node, it cannot be associated \
                 with this other node {uuid}"
            )));
        }
        Ok(())
    }

    fn index_names(&mut self, key: NodeKey, name: Option<&str>, instance: Option<&str>) {
        if let Some(name) = name {
            self.nodes_by_name.insert(name.to_owned(), key);
        }
        if let Some(instance) = instance {
            self.nodes_by_instance.insert(instance.to_owned(), key);
        }
    }

    fn forget_names(&mut self, key: NodeKey) {
        if let Some(old) = self.nodes.get(&key) {
            if let Some(name) = &old.name {
                self.nodes_by_name.remove(name);
            }
            if let Some(instance) = &old.instance_uuid {
                self.nodes_by_instance.remove(instance);
            }
        }
    }

    /// Removes a node and all that belongs to it.
    pub(crate) fn remove_node(&mut self, key: NodeKey) {
        self.forget_names(key);
        let Some(node) = self.nodes.remove(&key) else {
            return;
        };
        self.nodes_by_uuid.remove(&node.uuid);
        for port in node.ports {
            self.remove_port(port);
        }
        for connector in node.connectors {
            self.remove_connector(connector);
        }
        for target in node.targets {
            self.remove_target(target);
        }
    }

    // Ports.

    pub(crate) fn port_by_uuid(&self, uuid: &str) -> Option<u64> {
        self.ports_by_uuid.get(uuid).copied()
    }

    pub(crate) fn port_by_name(&self, name: &str) -> Option<u64> {
        self.ports_by_name.get(name).copied()
    }

    pub(crate) fn port_by_address(&self, address: &str) -> Option<u64> {
        self.ports_by_address.get(address).copied()
    }

    pub(crate) fn add_port(&mut self, port: Port) -> Result<u64, Error> {
        self.check_address(&port, None)?;
        let is_name_taken = port
            .name
            .as_ref()
            .is_some_and(|name| self.ports_by_name.contains_key(name));
        // Ironic takes a name that is taken for a UUID that is.
        if is_name_taken || self.ports_by_uuid.contains_key(&port.uuid) {
            return Err(Error::conflict(format!(
                "A port with UUID {} already exists.",
                port.uuid
            )));
        }
        let key = self.next_key();
        self.index_port(key, &port);
        if let Some(node) = self.nodes.get_mut(&port.node) {
            node.ports.insert(key);
        }
        self.ports.insert(key, port);
        Ok(key)
    }

    pub(crate) fn replace_port(&mut self, key: u64, port: Port) -> Result<(), Error> {
        self.check_address(&port, Some(key))?;
        let is_name_taken = port
            .name
            .as_ref()
            .and_then(|name| self.ports_by_name.get(name))
            .is_some_and(|&other| other != key);
        if is_name_taken {
            let name = port.name.as_deref().unwrap_or_default();
            return Err(Error::conflict(format!(
                "A port with name {name} already exists."
            )));
        }
        let new_node = port.node;
        self.remove_port(key);
        self.index_port(key, &port);
        self.ports.insert(key, port);
        if let Some(node) = self.nodes.get_mut(&new_node) {
            node.ports.insert(key);
        }
        Ok(())
    }

    fn check_address(&self, port: &Port, own: Option<u64>) -> Result<(), Error> {
        match self.ports_by_address.get(&port.address) {
            Some(&other) if Some(other) != own => Err(Error::conflict(format!(
                "A port with MAC address {} already exists.",
                port.address
            ))),
            _ => Ok(()),
        }
    }

    fn index_port(&mut self, key: u64, port: &Port) {
        self.ports_by_uuid.insert(port.uuid.clone(), key);
        self.ports_by_address.insert(port.address.clone(), key);
        if let Some(name) = &port.name {
            self.ports_by_name.insert(name.clone(), key);
        }
    }

    pub(crate) fn remove_port(&mut self, key: u64) {
        if let Some(port) = self.ports.remove(&key) {
            self.ports_by_uuid.remove(&port.uuid);
            self.ports_by_address.remove(&port.address);
            if let Some(name) = &port.name {
                self.ports_by_name.remove(name);
            }
            if let Some(node) = self.nodes.get_mut(&port.node) {
                node.ports.remove(&key);
            }
        }
    }

    // Volume connectors.

    pub(crate) fn connector_by_uuid(&self, uuid: &str) -> Option<u64> {
        self.connectors_by_uuid.get(uuid).copied()
    }

    pub(crate) fn add_connector(&mut self, connector: Connector) -> Result<u64, Error> {
        self.check_connector(&connector, None)?;
        if self.connectors_by_uuid.contains_key(&connector.uuid) {
            return Err(Error::conflict(format!(
                "A volume connector with UUID {} already exists.",
                connector.uuid
            )));
        }
        let key = self.next_key();
        self.put_connector(key, connector);
        Ok(key)
    }

    pub(crate) fn replace_connector(
        &mut self,
        key: u64,
        connector: Connector,
    ) -> Result<(), Error> {
        self.check_connector(&connector, Some(key))?;
        self.remove_connector(key);
        self.put_connector(key, connector);
        Ok(())
    }

    fn check_connector(&self, connector: &Connector, own: Option<u64>) -> Result<(), Error> {
        let id = (connector.kind.clone(), connector.connector_id.clone());
        match self.connectors_by_id.get(&id) {
            Some(&other) if Some(other) != own => Err(Error::conflict(format!(
                "A volume connector with type {} and connector ID {} already exists.",
                connector.kind, connector.connector_id
            ))),
            _ => Ok(()),
        }
    }

    fn put_connector(&mut self, key: u64, connector: Connector) {
        self.connectors_by_uuid.insert(connector.uuid.clone(), key);
        let id = (connector.kind.clone(), connector.connector_id.clone());
        self.connectors_by_id.insert(id, key);
        if let Some(node) = self.nodes.get_mut(&connector.node) {
            node.connectors.insert(key);
        }
        self.connectors.insert(key, connector);
    }

    pub(crate) fn remove_connector(&mut self, key: u64) {
        if let Some(connector) = self.connectors.remove(&key) {
            self.connectors_by_uuid.remove(&connector.uuid);
            self.connectors_by_id
                .remove(&(connector.kind, connector.connector_id));
            if let Some(node) = self.nodes.get_mut(&connector.node) {
                node.connectors.remove(&key);
            }
        }
    }

    // Volume targets.

    pub(crate) fn target_by_uuid(&self, uuid: &str) -> Option<u64> {
        self.targets_by_uuid.get(uuid).copied()
    }

    /// The targets of a node, in the order of their creation.
    pub(crate) fn targets_of(&self, key: NodeKey) -> impl Iterator<Item = &Target> {
        self.nodes
            .get(&key)
            .into_iter()
            .flat_map(|node| &node.targets)
            .filter_map(|target| self.targets.get(target))
    }

    /// The connectors of a node, in the order of their creation.
    pub(crate) fn connectors_of(&self, key: NodeKey) -> impl Iterator<Item = &Connector> {
        self.nodes
            .get(&key)
            .into_iter()
            .flat_map(|node| &node.connectors)
            .filter_map(|connector| self.connectors.get(connector))
    }

    /// The ports of a node, in the order of their creation.
    pub(crate) fn ports_of(&self, key: NodeKey) -> impl Iterator<Item = &Port> {
        self.nodes
            .get(&key)
            .into_iter()
            .flat_map(|node| &node.ports)
            .filter_map(|port| self.ports.get(port))
    }

    pub(crate) fn add_target(&mut self, target: Target) -> Result<u64, Error> {
        self.check_target(&target, None)?;
        if self.targets_by_uuid.contains_key(&target.uuid) {
            return Err(Error::conflict(format!(
                "A volume target with UUID {} already exists.",
                target.uuid
            )));
        }
        let key = self.next_key();
        self.put_target(key, target);
        Ok(key)
    }

    pub(crate) fn replace_target(&mut self, key: u64, target: Target) -> Result<(), Error> {
        self.check_target(&target, Some(key))?;
        self.remove_target(key);
        self.put_target(key, target);
        Ok(())
    }

    fn check_target(&self, target: &Target, own: Option<u64>) -> Result<(), Error> {
        let is_taken = self.nodes.get(&target.node).is_some_and(|node| {
            node.targets
                .iter()
                .filter(|&&other| Some(other) != own)
                .filter_map(|other| self.targets.get(other))
                .any(|other| other.boot_index == target.boot_index)
        });
        if is_taken {
            return Err(Error::conflict(format!(
                "A volume target with boot index '{}' for the same node already exists.",
                target.boot_index
            )));
        }
        Ok(())
    }

    fn put_target(&mut self, key: u64, target: Target) {
        self.targets_by_uuid.insert(target.uuid.clone(), key);
        if let Some(node) = self.nodes.get_mut(&target.node) {
            node.targets.insert(key);
        }
        self.targets.insert(key, target);
    }

    pub(crate) fn remove_target(&mut self, key: u64) {
        if let Some(target) = self.targets.remove(&key) {
            self.targets_by_uuid.remove(&target.uuid);
            if let Some(node) = self.nodes.get_mut(&target.node) {
                node.targets.remove(&key);
            }
        }
    }
}
