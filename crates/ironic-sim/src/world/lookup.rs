//! Nodes and machines, found.

use serde_json::Value;

use super::World;
use crate::api::Error;
use crate::api::checks::{is_logical_name, is_uuid_like};
use crate::bmc::{Bmc, BmcError, Machine};
use crate::drivers::{Interface, REDFISH};
use crate::model::{Node, NodeKey};
use crate::python;
use crate::settings::Strangers;

impl World {
    /// The node with this UUID or name.
    pub(crate) fn find_node(&self, ident: &str, minor: u16) -> Result<NodeKey, Error> {
        let missing = || Error::not_found(format!("Node {ident} could not be found."));
        if is_uuid_like(ident) {
            return self.store.node_by_uuid(ident).ok_or_else(missing);
        }
        if minor < 5 {
            return Err(missing());
        }
        if !is_logical_name(ident) {
            return Err(Error::invalid(format!(
                "Expected a logical name or UUID but received {ident}."
            )));
        }
        self.store.node_by_name(ident).ok_or_else(missing)
    }

    /// A node that was just found.
    pub(crate) fn node(&self, key: NodeKey) -> Result<&Node, Error> {
        self.store.nodes.get(&key).ok_or_else(gone)
    }

    /// A node that was just found.
    pub(crate) fn node_mut(&mut self, key: NodeKey) -> Result<&mut Node, Error> {
        self.store.nodes.get_mut(&key).ok_or_else(gone)
    }

    /// Refuses if a conductor works on the node.
    pub(crate) fn check_lock(&self, key: NodeKey) -> Result<(), Error> {
        let node = self.node(key)?;
        match node.locked_by() {
            Some(host) => Err(Error::locked(&node.uuid, host)),
            None => Ok(()),
        }
    }

    /// Where the BMC of a node is, by its `driver_info`.
    pub(crate) fn bmc_address(node: &Node) -> Result<(String, String), BmcError> {
        let info = &node.driver_info;
        let uuid = &node.uuid;
        let address = match info.get("redfish_address") {
            None => None,
            Some(value) if !crate::mask::is_truthy(value) => None,
            Some(value) => Some(value),
        };
        let Some(address) = address else {
            return Err(BmcError::Misconfigured(format!(
                "Missing the following Redfish properties in node {uuid} driver_info: \
                 ['redfish_address']"
            )));
        };
        let invalid = || {
            BmcError::Misconfigured(format!(
                "Invalid Redfish address {} set in driver_info/redfish_address on node {uuid}",
                python::text(address)
            ))
        };
        let text = address.as_str().ok_or_else(invalid)?;
        let url = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_host = !authority.is_empty() && !authority.contains([' ', '<', '>', '"', '\\']);
        if scheme.is_empty() || !is_host {
            return Err(invalid());
        }
        let system = match info.get("redfish_system_id") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(system)) => system.clone(),
            Some(other) => {
                return Err(BmcError::Misconfigured(format!(
                    "Invalid value \"{}\" set in driver_info/redfish_system_id on node {uuid}. The \
                     value should be a path (string) to the resource that the driver will interact \
                     with. For example: /redfish/v1/Systems/1",
                    python::text(other)
                )));
            }
        };
        Ok((format!("{scheme}://{authority}"), system))
    }

    /// Whether a node has a BMC.
    pub(crate) fn has_bmc(node: &Node) -> bool {
        node.interface(Interface::Power) == REDFISH || node.driver == REDFISH
    }

    /// The machine of a node, whether or not its BMC would let Ironic in.
    pub(crate) fn machine_of(&mut self, key: NodeKey) -> Result<&mut Machine, BmcError> {
        let Some(node) = self.store.nodes.get(&key) else {
            return Err(BmcError::Other("the node is gone".to_owned()));
        };
        let address = Self::bmc_address(node)?;
        let url = format!("{}{}", address.0, address.1);
        let uuid = node.uuid.clone();
        let is_known_bmc = self.machines.keys().any(|(bmc, _)| *bmc == address.0);
        let key = if address.1.is_empty() {
            // The only machine of the BMC is meant.
            let first = self.machines.keys().find(|(bmc, _)| *bmc == address.0);
            first.cloned().unwrap_or(address)
        } else {
            address
        };
        if !self.machines.contains_key(&key) {
            match self.settings.strangers {
                Strangers::Conjured => {
                    let machine = Machine::new(key.0.clone(), key.1.clone());
                    self.machines.insert(key.clone(), machine);
                }
                Strangers::Absent if is_known_bmc => return Err(BmcError::NoSystem { url }),
                Strangers::Absent => {
                    return Err(BmcError::Unreachable {
                        address: key.0,
                        node: uuid,
                    });
                }
            }
        }
        self.machines
            .get_mut(&key)
            .ok_or(BmcError::NoSystem { url })
    }

    /// The machine of a node, opened with the node's credentials.
    pub(crate) fn open_bmc(&mut self, key: NodeKey) -> Result<&mut Machine, BmcError> {
        let text = |node: &Node, field: &str| {
            let value = node.driver_info.get(field).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let Some(node) = self.store.nodes.get(&key) else {
            return Err(BmcError::Other("the node is gone".to_owned()));
        };
        let uuid = node.uuid.clone();
        let username = text(node, "redfish_username");
        let password = text(node, "redfish_password");
        let machine = self.machine_of(key)?;
        let url = machine.url();
        match machine.bmc {
            Bmc::Absent | Bmc::Hanging => Err(BmcError::Unreachable {
                address: machine.address.clone(),
                node: uuid,
            }),
            Bmc::Present if !machine.admits(&username, &password) => Err(BmcError::Refused { url }),
            Bmc::Present => Ok(machine),
        }
    }

    /// Whether the conductor would wait for a BMC in vain.
    pub(crate) fn is_bmc_silent(&mut self, key: NodeKey) -> bool {
        let has_bmc = self.store.nodes.get(&key).is_some_and(Self::has_bmc);
        has_bmc && matches!(self.open_bmc(key), Err(BmcError::Unreachable { .. }))
    }
}

fn gone() -> Error {
    Error::not_found("Resource could not be found.")
}
