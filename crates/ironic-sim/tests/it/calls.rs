use ironic_sim::{SendError, Settings, Sim, State};
use ironic_types::calls::{GetRoot, ListNodes, SetPowerState, SetProvisionState};
use ironic_types::{Microversion, NodeId, PowerTarget, ProvisionVerb, VersionRange};

use crate::stack::{Stack, uuid};

fn id() -> NodeId {
    uuid().parse().unwrap()
}

#[test]
fn typed_calls_have_typed_results() {
    let stack = Stack::with_node(State::Enroll);
    stack.sim.send(&GetRoot).unwrap();
    let call = SetProvisionState {
        node: id(),
        target: ProvisionVerb::Manage,
    };
    stack.sim.send(&call).unwrap();
    stack.settle();
    let call = ListNodes {
        fields: &["uuid", "provision_state"],
        ..ListNodes::default()
    };
    let page = stack.sim.send(&call).unwrap();
    assert_eq!(page.items.len(), 1);
}

#[test]
fn refusals_are_errors_with_ironics_words() {
    let stack = Stack::with_node(State::CleanWait);
    let call = SetPowerState {
        node: id(),
        target: PowerTarget::Off,
        timeout: None,
    };
    let error = stack.sim.send(&call).unwrap_err();
    assert!(
        matches!(error, SendError::Refused { status: 400, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("clean wait"), "{error}");
}

#[test]
fn calls_that_an_old_ironic_does_not_offer_are_not_sent() {
    let sim = Sim::new(Settings {
        versions: VersionRange {
            min: Microversion::v1(1),
            max: Microversion::v1(10),
        },
        ..Settings::default()
    });
    let call = ListNodes {
        fields: &["uuid"],
        ..ListNodes::default()
    };
    let error = sim.send(&call).unwrap_err();
    assert!(matches!(error, SendError::Version(_)), "{error}");
    assert!(sim.journal().entries().is_empty());
}
