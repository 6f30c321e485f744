//! A pass that is cut off between any two effects is continued by the next, without a second target or connector.

use ironic_types::{Node, PowerState, ProvisionState};
use metal_api::v1alpha1::ProvisioningState as S;

use crate::fixtures::*;

fn observation(node: Node, connected: bool, targets: &[(&str, &str)]) -> metal_plan::Observation {
    observe(host(S::Provisioning))
        .seeing(node)
        .with(|observation| {
            observation.seen().connectors = connected
                .then(|| connector(INITIATOR))
                .into_iter()
                .collect();
            observation.seen().targets = targets
                .iter()
                .map(|(deployment, version)| target(NODE, deployment, version))
                .collect();
        })
}

fn off() -> Node {
    deployed_node(ProvisionState::Available, PowerState::Off)
}

#[test]
fn after_the_node_was_patched() {
    expect(
        &observation(off(), false, &[]),
        "act: CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) Validate SetProvisionState(active)",
    );
}

#[test]
fn after_the_connector_was_made() {
    expect(
        &observation(off(), true, &[]),
        "act: CreateTarget(vol-1) Validate SetProvisionState(active)",
    );
}

#[test]
fn after_the_target_was_made() {
    expect(
        &observation(off(), true, &[(DEPLOYMENT, "7")]),
        "act: Validate SetProvisionState(active)",
    );
}

#[test]
fn after_the_secret_was_changed_too() {
    expect(
        &observation(off(), true, &[(DEPLOYMENT, "6")]),
        "act: DeleteTarget CreateTarget(vol-1) Validate SetProvisionState(active)",
    );
}

#[test]
fn with_a_target_of_an_earlier_deployment() {
    expect(
        &observation(off(), true, &[(FRESH, "7")]),
        "act: DeleteTarget CreateTarget(vol-1) Validate SetProvisionState(active)",
    );
}

#[test]
fn after_the_deployment_began() {
    let deploying = deployed_node(ProvisionState::Deploying, PowerState::Off);
    expect(
        &observation(deploying, true, &[(DEPLOYMENT, "7")]),
        "wait: node is deploying",
    );
}

#[test]
fn after_the_deployment_ended_unseen() {
    let active = deployed_node(ProvisionState::Active, PowerState::On);
    expect(
        &observation(active, true, &[(DEPLOYMENT, "7")]),
        "enter: provisioned",
    );
}

#[test]
fn a_node_that_was_made_just_before_is_found_by_its_name() {
    let registering = host(S::Registering)
        .with(|host| host.status.as_mut().unwrap().provisioning.id = String::new());
    let observation = observe(registering).seeing(node(ProvisionState::Enroll, PowerState::Off));
    expect(&observation, "act: SetDriverInfo SetProvisionState(manage)");
    assert_eq!(
        after(&observation).host.status.unwrap().provisioning.id,
        NODE
    );
}
