use std::time::Duration;

use ironic_sim::{Settings, State};
use serde_json::json;

use crate::stack::{LIMIT, Stack};

#[test]
fn nodes_are_cleaned_before_they_are_available() {
    let stack = Stack::with_settings(
        Settings {
            ramdisk_agent: true,
            ..Settings::default()
        },
        State::Manageable,
    );
    stack.provision("provide").status(202);
    assert_eq!(stack.state().0, "cleaning");
    stack.settle();
    assert_eq!(stack.state(), ("available".to_owned(), None));
}

#[test]
fn without_a_ramdisk_cleaning_waits_until_it_times_out() {
    let stack = Stack::with_node(State::Manageable);
    stack.provision("provide").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("clean wait".to_owned(), None));
    let mut waited = Duration::ZERO;
    while stack.state().0 == "clean wait" {
        assert!(waited < Duration::from_hours(1));
        waited += Duration::from_secs(1);
        stack.sim.advance(Duration::from_secs(1));
    }
    let (state, error) = stack.state();
    assert_eq!(state, "clean failed");
    assert_eq!(
        error.unwrap(),
        "Timeout reached while cleaning the node. Please check if the ramdisk responsible for the \
         cleaning is running on the node. Failed on step {}."
    );
    // It was not yet in a step.
    assert_eq!(stack.node()["maintenance"], false);
}

#[test]
fn an_image_that_is_not_there_fails_cleaning() {
    let stack = Stack::with_settings(
        Settings {
            missing_images: vec!["/kernel".to_owned()],
            ..Settings::default()
        },
        State::Manageable,
    );
    stack.provision("provide").status(202);
    stack.settle();
    let (state, error) = stack.state();
    assert_eq!(state, "clean failed");
    assert!(error.unwrap().contains("Got HTTP code 404 instead of 200"));
}

#[test]
fn nodes_may_be_spared() {
    let stack = Stack::with_node(State::Manageable);
    stack.patch(json!([{"op": "add", "path": "/automated_clean", "value": false}]));
    stack.provision("provide").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("available".to_owned(), None));
}

#[test]
fn all_nodes_may_be_spared() {
    let stack = Stack::with_settings(
        Settings {
            automated_clean: false,
            ..Settings::default()
        },
        State::Manageable,
    );
    stack.provision("provide").status(202);
    assert!(stack.sim.settle(LIMIT));
    assert_eq!(stack.state(), ("available".to_owned(), None));
}

#[test]
fn fake_hardware_needs_no_ramdisk() {
    let stack = Stack::new(Settings::default());
    let created = stack.post("/v1/nodes", json!({"driver": "fake-hardware", "uuid": crate::stack::uuid(), "deploy_interface": "fake"}));
    created.status(201);
    stack.provision("manage").status(202);
    stack.settle();
    stack.provision("provide").status(202);
    stack.settle();
    assert_eq!(stack.state(), ("available".to_owned(), None));
}
