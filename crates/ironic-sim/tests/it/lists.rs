use ironic_sim::{Seed, Settings, State};
use rstest::rstest;
use serde_json::Value;

use crate::stack::Stack;

fn many(count: u32, max_limit: usize) -> Stack {
    let stack = Stack::new(Settings {
        max_limit,
        ..Settings::default()
    });
    stack.sim.seed(&Seed {
        count,
        nodes: Some(State::Available),
        ..Seed::default()
    });
    stack
}

fn names(body: &Value) -> Vec<&str> {
    let nodes = body["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["name"].as_str().unwrap())
        .collect()
}

/// The path and the query of a link.
fn target(link: &Value) -> &str {
    let link = link.as_str().unwrap();
    &link[link.find("/v1").unwrap()..]
}

#[test]
fn pages_lead_through_all_nodes_in_order() {
    let stack = many(7, 3);
    let mut body = stack.get("/v1/nodes").json();
    let mut seen: Vec<String> = Vec::new();
    loop {
        seen.extend(names(&body).into_iter().map(str::to_owned));
        if body.get("next").is_none() {
            break;
        }
        body = stack.get(target(&body["next"])).status(200).json();
    }
    let expected: Vec<String> = (0..7).map(|index| format!("node-{index}")).collect();
    assert_eq!(seen, expected);
}

#[rstest]
#[case::asked("?limit=2", 2)]
#[case::more_than_there_may_be("?limit=50", 3)]
fn pages_have_no_more_items_than_are_asked_for_and_allowed(
    #[case] query: &str,
    #[case] count: usize,
) {
    let stack = many(7, 3);
    let body = stack.get(&format!("/v1/nodes{query}")).json();
    assert_eq!(names(&body).len(), count);
}

#[test]
fn the_link_to_the_next_page_forgets_the_node() {
    let stack = Stack::ready();
    stack.target(1, &serde_json::json!({}));
    let path = "/v1/volume/targets?node=node-0&limit=1&detail=True";
    let next = stack.get(path).json()["next"].clone();
    let query = target(&next).split_once('?').unwrap().1;
    assert!(!query.contains("node"), "{query}");
    assert!(query.contains("detail=True"), "{query}");
}

#[rstest]
#[case::by_state("provision_state=available", 3)]
#[case::by_another_state("provision_state=active", 0)]
#[case::by_maintenance("maintenance=true", 0)]
#[case::by_driver("driver=redfish", 3)]
#[case::by_another_driver("driver=fake-hardware", 0)]
#[case::by_association("associated=false", 3)]
#[case::by_instance("instance_uuid=11111111-1111-4111-8111-111111111111", 0)]
fn nodes_are_filtered(#[case] filter: &str, #[case] count: usize) {
    let stack = many(3, 1000);
    let body = stack.get(&format!("/v1/nodes?{filter}")).status(200).json();
    assert_eq!(names(&body).len(), count, "{body}");
}

#[test]
fn nodes_are_sorted() {
    let stack = many(3, 1000);
    let body = stack.get("/v1/nodes?sort_key=name&sort_dir=desc").json();
    assert_eq!(names(&body), ["node-2", "node-1", "node-0"]);
}

#[rstest]
#[case::unknown_argument("foo=1", 400)]
#[case::unknown_sort_key("sort_key=foo", 400)]
#[case::unknown_direction("sort_dir=up", 400)]
#[case::negative_limit("limit=-1", 400)]
#[case::limit_of_nothing("limit=0", 400)]
#[case::limit_that_is_no_number("limit=x", 400)]
#[case::unknown_marker("marker=11111111-1111-4111-8111-111111111111", 404)]
#[case::detail_and_fields("detail=True&fields=uuid", 400)]
fn lists_refuse_queries_that_break_a_rule(#[case] query: &str, #[case] status: u16) {
    let stack = many(1, 1000);
    stack.get(&format!("/v1/nodes?{query}")).status(status);
}

#[test]
fn only_the_fields_that_are_asked_for_are_shown() {
    let stack = many(1, 1000);
    let body = stack.get("/v1/nodes?fields=uuid,extra").json();
    let node = body["nodes"][0].as_object().unwrap();
    let keys: Vec<&str> = node.keys().map(String::as_str).collect();
    assert_eq!(keys, ["extra", "links", "uuid"]);
}

#[test]
fn ten_thousand_nodes_can_be_listed() {
    let stack = many(10_000, 1000);
    let mut path = "/v1/nodes?fields=uuid,name,provision_state,power_state,extra".to_owned();
    let mut count = 0;
    loop {
        let body = stack.get(&path).status(200).json();
        count += names(&body).len();
        if body.get("next").is_none() {
            break;
        }
        target(&body["next"]).clone_into(&mut path);
    }
    assert_eq!(count, 10_000);
}
