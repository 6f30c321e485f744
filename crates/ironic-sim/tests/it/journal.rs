use std::time::Duration;

use ironic_sim::State;
use serde_json::json;

use crate::stack::{Stack, node, uuid};

#[test]
fn requests_are_counted_by_kind() {
    let stack = Stack::with_node(State::Manageable);
    stack.get("/v1/nodes").status(200);
    stack.get(&node("")).status(200);
    stack.get("/v1/nodes/node-0").status(200);
    stack.get("/v1/nodes/node-0/states").status(200);
    stack.put(&node("/maintenance"), json!({})).status(202);
    stack.get("/v1/no/such/path").status(404);
    let journal = stack.sim.journal();
    assert_eq!(journal.count("GET /v1/nodes"), 1);
    assert_eq!(journal.count("GET /v1/nodes/{node}"), 2);
    assert_eq!(journal.count("GET /v1/nodes/{node}/states"), 1);
    assert_eq!(journal.count("PUT /v1/nodes/{node}/maintenance"), 1);
    assert_eq!(journal.count("GET ?"), 1);
    assert_eq!(journal.counts().values().sum::<usize>(), 6);
}

#[test]
fn an_entry_tells_when_what_and_whose() {
    let stack = Stack::with_node(State::Manageable);
    stack.sim.advance(Duration::from_secs(5));
    stack.get("/v1/nodes/node-0?fields=uuid").status(200);
    let journal = stack.sim.journal();
    let entry = &journal.entries()[0];
    assert_eq!(entry.at, Duration::from_secs(5));
    assert_eq!(entry.method, "GET");
    assert_eq!(entry.path, "/v1/nodes/node-0");
    assert_eq!(entry.status, 200);
    assert_eq!(entry.node, Some(uuid()));
    assert!(!entry.was_cut);
}

#[test]
fn the_journal_can_be_cleared() {
    let stack = Stack::with_node(State::Manageable);
    stack.get("/v1/nodes").status(200);
    stack.sim.clear_journal();
    assert!(stack.sim.journal().entries().is_empty());
}
