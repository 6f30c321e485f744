//! The watch without sockets, in virtual time.

use ironic_types::{Node, NodeId, PowerState, ProvisionState};
use uuid::Uuid;

mod inventory;
mod schedule;
mod table;
mod virtual_time;

fn id(number: u128) -> NodeId {
    NodeId(Uuid::from_u128(number))
}

fn node(number: u128, state: ProvisionState) -> Node {
    Node {
        uuid: id(number),
        name: Some(format!("metal~host-{number}")),
        provision_state: Some(state),
        power_state: Some(PowerState::Off),
        ..Node::default()
    }
}
