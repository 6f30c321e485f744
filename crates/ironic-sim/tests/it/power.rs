use std::time::Duration;

use ironic_sim::{Bmc, Failing, Fault, FaultKind, Power, State};
use rstest::rstest;
use serde_json::{Value, json};

use crate::stack::{Stack, node, uuid};

#[rstest]
#[case(Power::Off, "power on", Power::On)]
#[case(Power::On, "power off", Power::Off)]
#[case(Power::On, "rebooting", Power::On)]
#[case(Power::Off, "rebooting", Power::On)]
#[case(Power::On, "soft power off", Power::Off)]
#[case(Power::On, "soft rebooting", Power::On)]
fn machines_are_switched(#[case] from: Power, #[case] target: &str, #[case] to: Power) {
    let stack = Stack::with_node(State::Manageable);
    stack.change_machine(|machine| machine.power = from);
    stack.sim.advance(Duration::from_secs(10));
    stack.power(target).status(202);
    let shown = stack.node();
    assert_eq!(shown["reservation"], "ironic-sim");
    assert_eq!(shown["target_power_state"], to.as_str());
    stack.settle();
    let shown = stack.node();
    assert_eq!(shown["power_state"], to.as_str());
    assert_eq!(shown["target_power_state"], Value::Null);
    assert_eq!(shown["last_error"], Value::Null);
    assert_eq!(stack.machine().power, to);
}

#[rstest]
#[case::unknown("upside down")]
#[case::state_that_is_no_target("error")]
fn targets_that_are_none_are_refused(#[case] target: &str) {
    let stack = Stack::with_node(State::Manageable);
    stack.power(target).status(400);
}

#[test]
fn a_machine_that_does_not_listen_stays_on() {
    let stack = Stack::with_node(State::Manageable);
    stack.change_machine(|machine| {
        machine.power = Power::On;
        machine.honours_acpi = false;
    });
    stack.sim.advance(Duration::from_secs(10));
    let body = json!({"target": "soft power off", "timeout": 5});
    stack.put(&node("/states/power"), body).status(202);
    stack.settle();
    let shown = stack.node();
    assert_eq!(shown["power_state"], "power on");
    assert_eq!(
        shown["last_error"],
        "Failed to change power state to 'power off' by 'soft power off': Failed to set node power \
         state to power off."
    );
    stack.power("power off").status(202);
    stack.settle();
    let shown = stack.node();
    assert_eq!(shown["power_state"], "power off");
    assert_eq!(shown["last_error"], Value::Null);
}

#[test]
fn what_other_hands_switch_is_noticed() {
    let stack = Stack::with_node(State::Manageable);
    stack.change_machine(|machine| machine.power = Power::On);
    stack.sim.advance(Duration::from_secs(10));
    assert_eq!(stack.node()["power_state"], "power on");
}

#[test]
fn a_bmc_that_stays_away_puts_the_node_into_maintenance_until_it_is_back() {
    let stack = Stack::with_node(State::Manageable);
    stack.change_machine(|machine| machine.bmc = Bmc::Absent);
    stack.sim.advance(Duration::from_mins(30));
    let shown = stack.node();
    assert_eq!(shown["maintenance"], true);
    assert_eq!(shown["fault"], "power failure");
    assert!(shown["maintenance_reason"].is_string());
    stack.change_machine(|machine| machine.bmc = Bmc::Present);
    stack.sim.advance(Duration::from_mins(30));
    let shown = stack.node();
    assert_eq!(shown["maintenance"], false);
    assert_eq!(shown["fault"], Value::Null);
}

#[test]
fn an_error_is_forgotten_when_the_power_is_seen_to_be_right() {
    let stack = Stack::with_node(State::Manageable);
    let words = "the relay is stuck".to_owned();
    stack
        .sim
        .inject(Fault::once(FaultKind::Fails(Failing::Power, words)));
    stack.power("power on").status(202);
    stack.settle();
    assert!(stack.state().1.is_some());
    stack.sim.advance(Duration::from_secs(5));
    assert_eq!(stack.state().1, None);
    let history = stack.get(&node("/history")).json();
    assert!(
        history.to_string().contains("the relay is stuck"),
        "{history}"
    );
}

#[test]
fn switching_fails_on_demand() {
    let stack = Stack::with_node(State::Manageable);
    let words = "the relay is stuck".to_owned();
    stack
        .sim
        .inject(Fault::once(FaultKind::Fails(Failing::Power, words)));
    stack.power("power on").status(202);
    stack.settle();
    let shown = stack.node();
    assert_eq!(
        shown["last_error"],
        "Failed to change power state to 'power on' by 'power on': the relay is stuck"
    );
    assert_eq!(shown["power_state"], "power off");
}

#[test]
fn a_machine_that_is_stuck_is_told_as_such() {
    let stack = Stack::with_node(State::Manageable);
    stack.change_machine(|machine| machine.is_power_stuck = true);
    stack.power("power on").status(202);
    stack.settle();
    let error = stack.node()["last_error"].clone();
    assert!(
        error
            .as_str()
            .unwrap()
            .contains("Failed to set node power state to power on.")
    );
}

#[test]
fn cleaning_nodes_are_not_switched() {
    let stack = Stack::with_node(State::CleanWait);
    let words = stack.power("power off").words(400);
    assert_eq!(
        words,
        format!(
            "The requested action \"power off\" can not be performed on node \"{}\" while it is in \
             state \"clean wait\".",
            uuid()
        )
    );
}
