//! Many machines, and nodes for them.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::bmc::{Credentials, Machine};
use crate::drivers::{Interface, REDFISH};
use crate::model::{Node, Object, Port};
use crate::sim::Sim;
use crate::states::{Power, State};
use crate::world::World;

/// Machines and nodes that are the same in every run: number `i` has
///
/// * a BMC at `address`, and `/redfish/v1/Systems/` with [`Seed::uuid`] for its path;
/// * the MAC address [`Seed::mac`];
/// * if nodes are wanted, a node of that UUID and the name `node-i`, with a port.
#[derive(Clone, Debug)]
pub struct Seed {
    /// How many.
    pub count: u32,
    /// Scheme, host and port of the BMC that they share.
    pub address: String,
    /// The account of the BMC.
    pub credentials: Credentials,
    /// The state that nodes are in from the start; `None` for machines without nodes.
    pub nodes: Option<State>,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            count: 1,
            address: "http://192.0.2.1:8000".to_owned(),
            credentials: Credentials {
                username: "admin".to_owned(),
                password: SecretString::from("password"),
            },
            nodes: None,
        }
    }
}

impl Seed {
    /// The UUID of number `index`.
    pub fn uuid(index: u32) -> String {
        format!("b0070000-0000-4000-8000-{index:012x}")
    }

    /// The MAC address of number `index`.
    pub fn mac(index: u32) -> String {
        let [a, b, c, d] = index.to_be_bytes();
        format!("52:54:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
    }

    /// The path of number `index` on the BMC.
    pub fn system(index: u32) -> String {
        format!("/redfish/v1/Systems/{}", Self::uuid(index))
    }
}

impl Sim {
    /// Adds machines, and nodes if they are wanted. Nodes that are there already stay as they are.
    pub fn seed(&self, seed: &Seed) {
        let mut world = self.world();
        world.catch_up();
        for index in 0..seed.count {
            let mut machine = Machine::new(seed.address.clone(), Seed::system(index));
            machine.credentials = Some(seed.credentials.clone());
            machine.macs = vec![Seed::mac(index)];
            let key = (machine.address.clone(), machine.system.clone());
            world.machines.insert(key, machine);
            if let Some(state) = seed.nodes {
                add_node(&mut world, seed, index, state);
            }
        }
    }
}

fn add_node(world: &mut World, seed: &Seed, index: u32, state: State) {
    let mut node = Node::new(Seed::uuid(index), REDFISH.to_owned(), world.date());
    node.name = Some(format!("node-{index}"));
    node.state = state;
    node.target_state = state.target();
    node.power = (state != State::Enroll).then_some(Power::Off);
    let info = [
        ("redfish_address", seed.address.as_str()),
        ("redfish_system_id", &Seed::system(index)),
        ("redfish_username", &seed.credentials.username),
        (
            "redfish_password",
            seed.credentials.password.expose_secret(),
        ),
        ("deploy_kernel", "http://192.0.2.1/kernel"),
        ("deploy_ramdisk", "http://192.0.2.1/ramdisk"),
    ]
    .map(|(key, value)| (key.to_owned(), Value::from(value)));
    node.driver_info = info.into_iter().collect();
    let interfaces = &world.settings.interfaces;
    node.interfaces = Interface::ALL
        .into_iter()
        .filter_map(|interface| {
            let name = interfaces.default_of(REDFISH, interface).ok()?;
            Some((interface, name))
        })
        .collect();
    // One that is there already keeps its UUID and its name.
    let Ok(key) = world.store.add_node(node) else {
        return;
    };
    let port = Port {
        uuid: world.new_uuid(),
        node: key,
        created_at: world.date(),
        updated_at: None,
        address: Seed::mac(index),
        name: None,
        pxe_enabled: true,
        is_smartnic: false,
        available_for_dynamic_portgroup: true,
        extra: Object::new(),
        local_link_connection: Object::new(),
        physical_network: None,
        description: None,
        vendor: None,
        category: None,
    };
    // Somebody else's port may have the address.
    let _ = world.store.add_port(port);
}
