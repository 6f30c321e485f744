//! What somebody does behind the operator's back to what Ironic has of a deployed machine.

use ironic_sim::{Method, State};
use serde_json::{Value, json};

use super::acts::Thing;
use super::world::{World, node_name};
use crate::testing::picture;

impl World {
    /// Ironic lets most of it be changed of no machine that is on; to the same comes who does it in the moment of a reboot.
    pub(super) fn tamper(&mut self, host: usize, thing: Thing) {
        let name = node_name(host);
        let node = self.life.door.look(&format!("/v1/nodes/{name}"));
        let is_busy = !node["reservation"].is_null() || !node["target_power_state"].is_null();
        if node["provision_state"] != "active" || is_busy {
            return;
        }
        self.life.sim.put_node(&name, State::Manageable);
        match thing {
            Thing::Ports => self.delete_all_of(&node, "ports"),
            Thing::Connectors => self.delete_all_of(&node, "volume/connectors"),
            Thing::Targets => self.delete_all_of(&node, "volume/targets"),
            Thing::Capabilities => {
                self.change_node(
                    host,
                    &json!({"op": "remove", "path": "/properties/capabilities"}),
                );
            }
            Thing::Interface => {
                let other = json!({"op": "add", "path": "/storage_interface", "value": "noop"});
                self.change_node(host, &other);
            }
            Thing::PxeEnabled => {
                let off = json!([{"op": "add", "path": "/pxe_enabled", "value": false}]);
                self.change_all_of(&node, "ports", Method::Patch, &off);
            }
            Thing::OtherConnector => {
                let other = json!({
                    "node_uuid": node["uuid"], "type": "iqn",
                    "connector_id": format!("iqn.2026-11.org.example:stranger-{host}"),
                });
                let door = &self.life.door;
                door.try_change(Method::Post, "/v1/volume/connectors", &other);
            }
            Thing::OtherTarget => {
                let path = "/properties/target_portal";
                let other = json!([{"op": "add", "path": path, "value": "192.0.2.9:3260"}]);
                self.change_all_of(&node, "volume/targets", Method::Patch, &other);
            }
        }
        self.life.sim.put_node(&name, State::Active);
    }

    fn change_node(&self, host: usize, change: &Value) {
        let path = format!("/v1/nodes/{}", node_name(host));
        let door = &self.life.door;
        door.try_change(Method::Patch, &path, &json!([change]));
    }

    fn delete_all_of(&self, node: &Value, list: &str) {
        self.change_all_of(node, list, Method::Delete, &Value::Null);
    }

    fn change_all_of(&self, node: &Value, list: &str, method: Method, change: &Value) {
        let door = &self.life.door;
        let field = list.rsplit('/').next().unwrap_or_default();
        let all = picture::list(door, &format!("/v1/{list}?detail=true"), field);
        for one in all {
            if one["node_uuid"] == node["uuid"] {
                let target = format!("/v1/{list}/{}", one["uuid"].as_str().unwrap_or_default());
                door.try_change(method, &target, change);
            }
        }
    }
}
