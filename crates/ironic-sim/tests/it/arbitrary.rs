//! Whatever is asked for: no panic, and what must hold holds.

use std::collections::BTreeSet;
use std::time::Duration;

use ironic_sim::{Method, Request, Seed, Settings, Sim, State};
use proptest::prelude::*;
use serde_json::{Value, json};

const OTHER: &str = "11111111-1111-4111-8111-111111111111";
/// More than all time-outs in a row.
const LIMIT: Duration = Duration::from_hours(24);

/// Something that is done to a simulator.
#[derive(Clone, Debug)]
enum Step {
    Ask(&'static str, String, Value),
    Advance(u16),
    LoseDatabase,
    Restart,
}

fn verb() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "manage", "provide", "inspect", "adopt", "active", "deleted", "rebuild", "abort", "unhold",
        "rescue", "unrescue", "clean", "service",
    ])
}

fn ident() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        Seed::uuid(0),
        "node-0".to_owned(),
        "node-1".to_owned(),
        OTHER.to_owned(),
    ])
}

fn patch() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec![
        "/extra/x",
        "/name",
        "/storage_interface",
        "/instance_uuid",
        "/properties/capabilities",
        "/automated_clean",
        "/driver_info/deploy_kernel",
        "/instance_info/image_source",
        "/address",
        "/pxe_enabled",
        "/boot_index",
        "/node_uuid",
        "/retired",
        "/protected",
        "/maintenance",
        "no-slash",
        "/deploy_interface",
    ]);
    let op = prop::sample::select(vec!["add", "replace", "remove", "test"]);
    let value = prop::sample::select(vec![
        json!("external"),
        json!("node-1"),
        json!(true),
        json!(0),
        json!(1),
        Value::Null,
        json!(OTHER),
        json!(Seed::mac(7)),
        json!("iscsi_boot:true"),
        json!({"a": 1}),
        json!("fake"),
    ]);
    (op, path, value)
        .prop_map(|(op, path, value)| json!([{"op": op, "path": path, "value": value}]))
}

fn step() -> impl Strategy<Value = Step> {
    let below = |method: &'static str, path: &'static str| {
        move |(ident, body): (String, Value)| {
            Step::Ask(method, format!("/v1/nodes/{ident}{path}"), body)
        }
    };
    let provision = verb().prop_map(|verb| {
        let step = json!([{"interface": "deploy", "step": "x"}]);
        match verb {
            "clean" => json!({"target": verb, "clean_steps": step}),
            "service" => json!({"target": verb, "service_steps": step}),
            "rescue" => json!({"target": verb, "rescue_password": "x"}),
            _ => json!({ "target": verb }),
        }
    });
    let power = prop::sample::select(vec![
        "power on",
        "power off",
        "rebooting",
        "soft power off",
        "soft rebooting",
    ])
    .prop_map(|target| json!({ "target": target }));
    let create = (
        prop::sample::select(vec!["redfish", "fake-hardware", "x"]),
        prop::option::of(0..3u8),
    )
        .prop_map(|(driver, name)| {
            let mut body = json!({ "driver": driver });
            if let Some(name) = name {
                body["name"] = json!(format!("node-{name}"));
            }
            Step::Ask("POST", "/v1/nodes".to_owned(), body)
        });
    let port = (ident(), 0..4u32).prop_map(|(node, mac)| {
        Step::Ask(
            "POST",
            "/v1/ports".to_owned(),
            json!({"node_ident": node, "address": Seed::mac(mac)}),
        )
    });
    let target = (0..3i64).prop_map(|index| {
        let body = json!({
            "node_uuid": Seed::uuid(0), "volume_type": "iscsi", "volume_id": "v", "boot_index": index,
            "properties": {"target_lun": 1, "target_iqn": "x", "target_portal": "192.0.2.1:3260"},
        });
        Step::Ask("POST", "/v1/volume/targets".to_owned(), body)
    });
    let connector = (0..2u8).prop_map(|index| {
        let body = json!({"node_uuid": Seed::uuid(0), "type": "iqn", "connector_id": format!("iqn.{index}")});
        Step::Ask("POST", "/v1/volume/connectors".to_owned(), body)
    });
    let vmedia = json!({"device_type": "cdrom", "image_url": "http://192.0.2.1/x.iso"});
    prop_oneof![
        6 => (ident(), provision).prop_map(below("PUT", "/states/provision")),
        2 => (ident(), power).prop_map(below("PUT", "/states/power")),
        3 => (ident(), patch()).prop_map(below("PATCH", "")),
        1 => (ident(), Just(json!({}))).prop_map(below("PUT", "/maintenance")),
        1 => (ident(), Just(Value::Null)).prop_map(below("DELETE", "/maintenance")),
        1 => (ident(), Just(vmedia)).prop_map(below("POST", "/vmedia")),
        1 => (ident(), Just(Value::Null)).prop_map(below("DELETE", "")),
        2 => create,
        2 => port,
        2 => target,
        1 => connector,
        3 => any::<u16>().prop_map(Step::Advance),
        1 => Just(Step::LoseDatabase),
        1 => Just(Step::Restart),
    ]
}

fn sim(ramdisk_agent: bool) -> Sim {
    let sim = Sim::new(Settings {
        ramdisk_agent,
        ..Settings::default()
    });
    sim.seed(&Seed {
        nodes: Some(State::Available),
        ..Seed::default()
    });
    sim
}

fn ask(sim: &Sim, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let mut request = Request::new(Method::Get, path).version("1.110");
    method.clone_into(&mut request.method);
    if !body.is_null() {
        request = request.body(body.to_string());
    }
    let response = sim.handle(&request);
    (response.status, response.json())
}

/// The values of fields of all items of a list, as text.
fn all(sim: &Sim, list: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let (status, body) = ask(sim, "GET", &format!("/v1/{list}?detail=True"), &Value::Null);
    assert_eq!(status, 200, "{body}");
    let items = body[list.rsplit('/').next().unwrap()]
        .as_array()
        .unwrap()
        .clone();
    items
        .iter()
        .map(|item| {
            fields
                .iter()
                .map(|field| item[*field].to_string())
                .collect()
        })
        .collect()
}

fn check(sim: &Sim) {
    for (list, fields) in [
        ("nodes", ["uuid"].as_slice()),
        ("ports", &["address"]),
        ("volume/connectors", &["type", "connector_id"]),
        ("volume/targets", &["node_uuid", "boot_index"]),
    ] {
        let values = all(sim, list, fields);
        let unique: BTreeSet<_> = values.iter().collect();
        assert_eq!(unique.len(), values.len(), "{list}: {values:?}");
    }
    let names: Vec<_> = all(sim, "nodes", &["name"]);
    let names: Vec<_> = names.iter().filter(|name| name[0] != "null").collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len(), "{names:?}");
    let nodes: BTreeSet<_> = all(sim, "nodes", &["uuid"]).into_iter().collect();
    for list in ["ports", "volume/connectors", "volume/targets"] {
        for owner in all(sim, list, &["node_uuid"]) {
            assert!(nodes.contains(&owner), "{list}: nobody's");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_the_rules_hold_and_it_comes_to_an_end(
        ramdisk_agent: bool,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let sim = sim(ramdisk_agent);
        for step in steps {
            match step {
                Step::Ask(method, path, body) => {
                    let (status, answer) = ask(&sim, method, &path, &body);
                    prop_assert!((200..600).contains(&status), "{method} {path} {body}: {answer}");
                }
                Step::Advance(seconds) => sim.advance(Duration::from_secs(seconds.into())),
                Step::LoseDatabase => sim.lose_database(),
                Step::Restart => sim.restart(),
            }
            check(&sim);
        }
        prop_assert!(sim.settle(LIMIT));
        for states in all(&sim, "nodes", &["provision_state", "reservation"]) {
            prop_assert_eq!(&states[1], "null", "{:?}", states);
        }
        check(&sim);
    }

    #[test]
    fn whatever_arrives_is_answered(
        method in "[A-Z]{1,8}|GET|PUT|POST|PATCH|DELETE",
        path in "(/v1)?(/(nodes|ports|volume|targets|states|node-0|%[0-9a-f]{2}|[^/]{0,6})){0,5}",
        query in "([a-z_]{0,8}=[^&]{0,8}&?){0,3}",
        version in "1\\.[0-9]{1,3}|.{0,6}",
        body in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let sim = sim(false);
        let request = Request {
            method,
            path,
            query,
            headers: vec![("X-OpenStack-Ironic-API-Version".to_owned(), version)],
            body,
        };
        let status = sim.handle(&request).status;
        prop_assert!((200..600).contains(&status), "{status}");
    }

    #[test]
    fn bytes_that_are_no_json_make_no_node(body in prop::collection::vec(any::<u8>(), 1..60)) {
        prop_assume!(serde_json::from_slice::<Value>(&body).is_err());
        let sim = Sim::new(Settings::default());
        let request = Request::new(Method::Post, "/v1/nodes").version("1.89").body(body);
        // Ironic itself answers 500 to what is text, and 400 to what is none.
        prop_assert!(matches!(sim.handle(&request).status, 400 | 500));
        prop_assert!(all(&sim, "nodes", &["uuid"]).is_empty());
    }
}
