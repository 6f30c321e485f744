use ironic_sim::{Method, Request, State};
use serde_json::json;

use crate::stack::{Stack, node, volume};

#[test]
fn secrets_are_in_no_answer() {
    let stack = Stack::with_node(State::Available);
    stack.prepare_volume(&volume("vol-1", 1));
    stack.patch(json!([{"op": "add", "path": "/instance_info/ssh_password", "value": "a-password-of-chap"}]));
    stack.provision("active").status(202);
    stack.settle();
    for path in [
        "/v1/nodes/detail".to_owned(),
        "/v1/nodes?fields=driver_info,instance_info".to_owned(),
        node(""),
        "/v1/volume/targets?detail=True".to_owned(),
    ] {
        let answer = stack.get(&path).status(200).0;
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.contains("******"), "{path}");
        assert!(!body.contains("a-password-of-chap"), "{path}");
        assert!(!body.contains("\"password\""), "{path}");
    }
}

#[test]
fn secrets_are_in_no_debug_output() {
    let stack = Stack::ready();
    stack.provision("active").status(202);
    stack.settle();
    let request = Request::new(Method::Post, "/v1/nodes")
        .header("X-Auth-Token", "a-password-of-chap")
        .body(r#"{"driver_info": {"redfish_password": "a-password-of-chap"}}"#);
    for shown in [
        format!("{:?}", stack.sim),
        format!("{request:?}"),
        format!("{:?}", stack.sim.boot("node-0")),
        format!("{:?}", stack.machine()),
        format!("{:?}", stack.sim.journal()),
    ] {
        assert!(!shown.contains("a-password-of-chap"), "{shown}");
    }
}
