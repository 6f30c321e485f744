//! Inspection (`conductor/inspection.py`, `drivers/modules/redfish/inspect.py`).

use serde_json::{Map, Value, json};

use super::World;
use crate::drivers::{Interface, REDFISH};
use crate::faults::Failing;
use crate::model::{NodeKey, Port};
use crate::states::{Event, PowerAction};

impl World {
    /// What `inspecting` does after its delay.
    pub(super) fn inspect(&mut self, key: NodeKey) {
        let uuid = self.uuid_of(key);
        let fault = self.faults.strike_work(&uuid, Failing::Inspect);
        let interface = self
            .store
            .nodes
            .get(&key)
            .map(|node| node.interface(Interface::Inspect).to_owned())
            .unwrap_or_default();
        let outcome = match (fault, interface.as_str()) {
            (Some(words), _) => Err(words),
            (None, REDFISH) => self.inspect_redfish(key, &uuid),
            (None, "agent") => {
                let outcome = self
                    .boot_ramdisk(key)
                    .and_then(|()| self.switch(key, PowerAction::Reboot));
                if outcome.is_ok() {
                    self.wait_for_ramdisk(key, None);
                    return;
                }
                outcome
            }
            (None, _) => Ok(()),
        };
        match outcome {
            Ok(()) => self.step(key, Event::Done),
            Err(words) => self.fail(key, "introspection", &words),
        }
    }

    fn inspect_redfish(&mut self, key: NodeKey, uuid: &str) -> Result<(), String> {
        let machine = self.open_bmc(key).map_err(|error| error.text())?;
        let memory_gib = machine.memory_mb / 1024;
        let facts = json!({
            "cpu": {"count": machine.cpus, "architecture": machine.architecture, "model_name": "simulated"},
            "system_vendor": {"manufacturer": machine.manufacturer, "system_uuid": uuid},
        });
        let architecture = machine.architecture.clone();
        let macs = machine.macs.clone();
        if memory_gib == 0 {
            return Err(format!(
                "Failed to inspect hardware. Reason: Failed to discover the following properties: \
                 memory_mb on node {uuid}"
            ));
        }
        let macs = if macs.is_empty() {
            self.store
                .ports_of(key)
                .map(|port| port.address.clone())
                .collect()
        } else {
            macs
        };
        self.note_ports(key, &macs);
        let Some(node) = self.store.nodes.get_mut(&key) else {
            return Ok(());
        };
        let memory_mb = memory_gib * 1024;
        node.properties
            .insert("memory_mb".to_owned(), Value::from(memory_mb));
        node.properties
            .insert("local_gb".to_owned(), Value::from(0));
        node.properties
            .insert("cpu_arch".to_owned(), Value::from(architecture));
        node.inventory = Some(inventory(&facts, memory_mb, &macs));
        Ok(())
    }

    /// Makes ports for cards that have none: the BMC can't know which one boots from the network,
    /// so they are made with `pxe_enabled` off.
    fn note_ports(&mut self, key: NodeKey, macs: &[String]) {
        for mac in macs {
            if let Some(port) = self.store.port_by_address(mac) {
                if self.settings.update_pxe_enabled
                    && let Some(port) = self.store.ports.get_mut(&port)
                    && port.node == key
                {
                    port.pxe_enabled = false;
                }
                continue;
            }
            let port = Port {
                uuid: self.new_uuid(),
                node: key,
                created_at: self.date(),
                updated_at: None,
                address: mac.to_lowercase(),
                name: None,
                pxe_enabled: false,
                is_smartnic: false,
                available_for_dynamic_portgroup: true,
                extra: Map::new(),
                local_link_connection: Map::new(),
                physical_network: None,
                description: None,
                vendor: None,
                category: None,
            };
            // The address is free: it was looked up.
            let _ = self.store.add_port(port);
        }
    }
}

fn inventory(facts: &Value, memory_mb: u64, macs: &[String]) -> Value {
    let interfaces: Vec<Value> = macs
        .iter()
        .map(|mac| json!({"mac_address": mac, "name": mac}))
        .collect();
    let all: Map<String, Value> = macs
        .iter()
        .map(|mac| {
            let card = json!({
                "mac_address": mac, "name": mac, "pxe_enabled": false, "ipv6_address": null,
            });
            (mac.clone(), card)
        })
        .collect();
    json!({
        "inventory": {
            "memory": {"physical_mb": memory_mb},
            "cpu": facts.get("cpu"),
            "interfaces": interfaces,
            "system_vendor": facts.get("system_vendor"),
        },
        "plugin_data": {"all_interfaces": all.clone(), "valid_interfaces": all, "macs": macs},
    })
}
