//! What counts as known.

use std::sync::Arc;
use std::time::Duration;

use ironic_types::{Node, NodeId, Port, PowerState, ProvisionState};

use super::{id, node};
use crate::watch::inventory::{Inventory, Look};

fn synced(nodes: Vec<Node>) -> Inventory {
    let inventory = Inventory::default();
    inventory.absorb_all(inventory.begin(), nodes);
    inventory.resume();
    inventory
}

fn known(node: Node) -> Look {
    Look::Known(Arc::new(node))
}

fn changed(nodes: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
    nodes.into_iter().collect()
}

#[test]
fn nothing_is_known_before_ironic_has_answered() {
    let inventory = Inventory::default();
    assert_eq!(inventory.look(id(1)), Look::Pending);
    assert_eq!(inventory.look_by_name("metal~host-1"), Look::Pending);
}

#[test]
fn a_node_is_known_by_its_id_and_by_its_name() {
    let available = node(1, ProvisionState::Available);
    let inventory = synced(vec![available.clone()]);
    assert_eq!(inventory.look(id(1)), known(available.clone()));
    assert_eq!(inventory.look_by_name("metal~host-1"), known(available));
    assert_eq!(inventory.look(id(2)), Look::Unknown);
    assert_eq!(inventory.look_by_name("metal~host-2"), Look::Unknown);
}

#[test]
fn a_list_tells_what_differs_from_the_one_before() {
    let same = node(1, ProvisionState::Available);
    let inventory = synced(vec![
        same.clone(),
        node(2, ProvisionState::Deploying),
        node(3, ProvisionState::Active),
    ]);
    let list = vec![
        same,
        node(2, ProvisionState::Active),
        node(4, ProvisionState::Enroll),
    ];
    let told = inventory.absorb_all(inventory.begin(), list);
    assert_eq!(changed(told), [id(2), id(3), id(4)], "other, gone, new");
    assert_eq!(inventory.look(id(3)), Look::Unknown);
    assert_eq!(inventory.look_by_name("metal~host-3"), Look::Unknown);
}

#[test]
fn a_touched_node_is_pending_until_it_is_read_anew_and_then_told_even_if_it_is_the_same() {
    let active = node(1, ProvisionState::Active);
    let inventory = synced(vec![active.clone()]);

    let before = inventory.begin();
    inventory.touch(id(1));
    assert_eq!(inventory.look(id(1)), Look::Pending);
    assert!(inventory.on_their_way().nodes.contains(&id(1)));

    let told = inventory.absorb_all(before, vec![active.clone()]);
    assert_eq!(changed(told), [], "that list was asked for before");
    assert_eq!(inventory.look(id(1)), Look::Pending);

    let told = inventory.absorb_all(inventory.begin(), vec![active.clone()]);
    assert_eq!(changed(told), [id(1)]);
    assert_eq!(inventory.look(id(1)), known(active.clone()));
    assert!(inventory.on_their_way().nodes.is_empty());

    let told = inventory.absorb_all(inventory.begin(), vec![active]);
    assert_eq!(changed(told), [], "told once");
}

#[test]
fn a_node_that_ironic_answered_is_known_at_once_and_told_later() {
    let inventory = synced(vec![]);
    let before = inventory.begin();
    let created = node(1, ProvisionState::Enroll);
    inventory.learn(created.clone());
    assert_eq!(
        inventory.look_by_name("metal~host-1"),
        known(created.clone())
    );

    let told = inventory.absorb_all(before, vec![]);
    assert_eq!(
        changed(told),
        [],
        "it was not there yet when that list was asked for"
    );
    assert_eq!(inventory.look(id(1)), known(created.clone()));

    let told = inventory.absorb_all(inventory.begin(), vec![created]);
    assert_eq!(changed(told), [id(1)]);
}

#[test]
fn an_answer_to_an_own_change_ends_the_waiting() {
    let inventory = synced(vec![node(1, ProvisionState::Manageable)]);
    inventory.touch(id(1));
    let patched = node(1, ProvisionState::Available);
    inventory.learn(patched.clone());
    assert_eq!(inventory.look(id(1)), known(patched));
    inventory.touch(id(1));
    assert_eq!(inventory.look(id(1)), Look::Pending);
}

#[test]
fn a_removed_node_is_unknown_at_once_and_told_when_ironic_confirms() {
    let gone = node(1, ProvisionState::Available);
    let inventory = synced(vec![gone.clone()]);
    let before = inventory.begin();
    inventory.forget(id(1));
    assert_eq!(inventory.look(id(1)), Look::Unknown);

    let told = inventory.absorb_all(before, vec![gone]);
    assert_eq!(changed(told), [], "that list is of before");
    assert_eq!(inventory.look(id(1)), Look::Unknown);

    let told = inventory.absorb_all(inventory.begin(), vec![]);
    assert_eq!(changed(told), [id(1)]);
    assert!(inventory.on_their_way().nodes.is_empty());
}

#[test]
fn a_single_look_at_a_node_that_is_gone_tells() {
    let inventory = synced(vec![node(1, ProvisionState::Deploying)]);
    assert_eq!(
        inventory.absorb_absence(inventory.begin(), id(1)),
        Some(id(1))
    );
    assert_eq!(inventory.look(id(1)), Look::Unknown);
}

#[test]
fn a_node_that_was_renamed_is_not_found_by_its_old_name() {
    let inventory = synced(vec![node(1, ProvisionState::Active)]);
    let renamed = Node {
        name: Some("other".to_owned()),
        ..node(1, ProvisionState::Active)
    };
    inventory.absorb_all(inventory.begin(), vec![renamed.clone()]);
    assert_eq!(inventory.look_by_name("metal~host-1"), Look::Unknown);
    assert_eq!(inventory.look_by_name("other"), known(renamed));
    assert_eq!(inventory.name(id(1)).as_deref(), Some("other"));
}

#[test]
fn two_nodes_that_swap_their_names_are_both_found() {
    let inventory = synced(vec![
        node(1, ProvisionState::Active),
        node(2, ProvisionState::Active),
    ]);
    let named = |number, name: &str| Node {
        name: Some(name.to_owned()),
        ..node(number, ProvisionState::Active)
    };
    let swapped = vec![named(1, "metal~host-2"), named(2, "metal~host-1")];
    inventory.absorb_all(inventory.begin(), swapped);
    assert_eq!(
        inventory.look_by_name("metal~host-2"),
        inventory.look(id(1))
    );
    assert_eq!(
        inventory.look_by_name("metal~host-1"),
        inventory.look(id(2))
    );
}

#[test]
fn nodes_in_passing_states_and_with_changing_power_are_on_their_way() {
    let powering = Node {
        target_power_state: Some(PowerState::On),
        ..node(3, ProvisionState::Active)
    };
    let inventory = synced(vec![
        node(1, ProvisionState::Deploying),
        node(2, ProvisionState::Active),
        powering,
    ]);
    let on_their_way = inventory.on_their_way();
    assert_eq!(on_their_way.states, [ProvisionState::Deploying].into());
    assert_eq!(on_their_way.nodes, [id(3)].into());
}

#[test]
fn a_lost_ironic_is_told_once_and_so_is_its_return() {
    let inventory = Inventory::default();
    assert!(inventory.lose("connection refused"));
    assert!(!inventory.lose("connection refused"));
    let message = "connection refused".to_owned();
    assert_eq!(inventory.look(id(1)), Look::Lost { message });
    assert!(inventory.resume());
    assert!(!inventory.resume());
}

#[test]
fn ports_are_known_once_they_were_read_and_with_what_was_made_since() {
    let inventory = synced(vec![node(1, ProvisionState::Enroll)]);
    assert_eq!(inventory.known_ports(id(1)), None);
    inventory.learn_no_ports(id(1));
    let port = Port {
        node_uuid: Some(id(1)),
        address: "52:54:00:00:00:01".to_owned(),
        ..Port::default()
    };
    inventory.learn_port(port.clone());
    assert_eq!(inventory.known_ports(id(1)), Some(vec![port]));
    assert!(
        matches!(inventory.look(id(1)), Look::Known(_)),
        "the node itself still counts"
    );
    let told = inventory.absorb_all(inventory.begin(), vec![node(1, ProvisionState::Enroll)]);
    assert_eq!(changed(told), [id(1)]);
    inventory.forget_ports(id(1));
    assert_eq!(inventory.known_ports(id(1)), None);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_to_be_left_alone_for_a_while_is_read_after_it() {
    let active = node(1, ProvisionState::Active);
    let inventory = synced(vec![active.clone()]);
    inventory.touch_for(id(1), Duration::from_secs(10));
    assert!(inventory.on_their_way().nodes.is_empty());
    let told = inventory.absorb_all(inventory.begin(), vec![active.clone()]);
    assert_eq!(changed(told), []);
    assert_eq!(inventory.look(id(1)), Look::Pending);

    tokio::time::advance(Duration::from_secs(10)).await;
    assert!(inventory.on_their_way().nodes.contains(&id(1)));
    let told = inventory.absorb_all(inventory.begin(), vec![active.clone()]);
    assert_eq!(changed(told), [id(1)]);
    assert_eq!(inventory.look(id(1)), known(active));
}

#[test]
fn a_touched_node_that_was_never_read_is_pending() {
    let inventory = synced(vec![]);
    inventory.touch(id(1));
    assert_eq!(inventory.look(id(1)), Look::Pending);
    inventory.absorb_all(inventory.begin(), vec![]);
    assert_eq!(inventory.look(id(1)), Look::Unknown);
}

#[test]
fn a_node_that_somebody_holds_is_not_on_its_way() {
    let inventory = synced(vec![node(1, ProvisionState::DeployHold)]);
    assert!(inventory.on_their_way().states.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_of_targets_serves_until_it_is_too_old_or_something_was_created_or_deleted() {
    const MAX_AGE: Duration = Duration::from_secs(10);
    let inventory = synced(vec![]);
    let all = |inventory: &Inventory| inventory.targets(MAX_AGE, |_| true).map(|all| all.len());
    assert_eq!(all(&inventory), None);
    inventory.absorb_targets(inventory.begin(), vec![]);
    assert_eq!(all(&inventory), Some(0));
    let before = inventory.begin();
    inventory.forget_targets();
    assert_eq!(all(&inventory), None);
    inventory.absorb_targets(before, vec![]);
    assert_eq!(all(&inventory), None, "that list was asked for before");
    inventory.absorb_targets(inventory.begin(), vec![]);
    tokio::time::advance(MAX_AGE + Duration::from_secs(1)).await;
    assert_eq!(all(&inventory), None);
}
