use ironic_sim::{Method, Request, Settings, State};
use ironic_types::{Microversion, VersionRange};
use rstest::rstest;
use serde_json::Value;

use crate::stack::{Stack, node, uuid};

#[rstest]
#[case::above(
    "1.200",
    "Version 1.200 was requested but the minor version is not supported by this service. The supported version range is: [1.1, 1.115]."
)]
#[case::below(
    "1.0",
    "Version 1.0 was requested but the minor version is not supported by this service. The supported version range is: [1.1, 1.115]."
)]
#[case::other_major(
    "2.1",
    "Mutually exclusive versions requested. Version 2.1 requested but not supported by this service. The supported version range is: [1.1, 1.115]."
)]
#[case::no_version("abc", "Invalid value for X-OpenStack-Ironic-API-Version header")]
fn versions_that_are_not_offered_are_refused(#[case] version: &str, #[case] words: &str) {
    let stack = Stack::new(Settings::default());
    let asked = stack.ask_in(version, Method::Get, "/v1/nodes", None);
    assert_eq!(asked.words(406), words);
}

#[test]
fn every_answer_tells_the_versions_and_the_request() {
    let stack = Stack::new(Settings::default());
    let response = stack.get("/v1/nodes").0;
    assert_eq!(
        response.header("x-openstack-ironic-api-version"),
        Some("1.89")
    );
    assert_eq!(
        response.header("x-openstack-ironic-api-minimum-version"),
        Some("1.1")
    );
    assert_eq!(
        response.header("x-openstack-ironic-api-maximum-version"),
        Some("1.115")
    );
    let id = response.header("openstack-request-id").unwrap();
    assert!(id.starts_with("req-"), "{id}");
}

#[test]
fn a_request_without_a_version_gets_the_oldest() {
    let stack = Stack::with_node(State::Available);
    let request = Request::new(Method::Get, &node(""));
    let body = stack.sim.handle(&request).json();
    assert_eq!(body.get("name"), None);
    assert_eq!(body["provision_state"], Value::Null);
}

#[test]
fn an_old_ironic_can_be_simulated() {
    let stack = Stack::new(Settings {
        versions: VersionRange {
            min: Microversion::v1(1),
            max: Microversion::v1(72),
        },
        ..Settings::default()
    });
    let root = stack.ask_in("1.72", Method::Get, "/", None).json();
    assert_eq!(root["default_version"]["version"], "1.72");
    stack.get("/v1/nodes").status(406);
}

#[rstest]
#[case::names("1.4", "name", false)]
#[case::names("1.5", "name", true)]
#[case::storage("1.32", "storage_interface", false)]
#[case::storage("1.33", "storage_interface", true)]
#[case::deploy_step("1.43", "deploy_step", false)]
#[case::deploy_step("1.44", "deploy_step", true)]
#[case::boot_mode("1.74", "boot_mode", false)]
#[case::boot_mode("1.75", "boot_mode", true)]
fn fields_come_with_their_version(
    #[case] version: &str,
    #[case] field: &str,
    #[case] is_there: bool,
) {
    let stack = Stack::with_node(State::Available);
    let body = stack.ask_in(version, Method::Get, &node(""), None).json();
    assert_eq!(body.get(field).is_some(), is_there, "{body}");
}

#[rstest]
#[case::names("1.4", "/v1/nodes/node-0", 404)]
#[case::names("1.5", "/v1/nodes/node-0", 200)]
#[case::volumes("1.31", "/v1/volume/targets", 404)]
#[case::volumes("1.32", "/v1/volume/targets", 200)]
#[case::conductors("1.48", "/v1/conductors", 404)]
#[case::conductors("1.49", "/v1/conductors", 200)]
#[case::fields("1.32", "/v1/nodes?fields=storage_interface", 406)]
#[case::fields("1.33", "/v1/nodes?fields=storage_interface", 200)]
fn paths_and_queries_come_with_their_version(
    #[case] version: &str,
    #[case] path: &str,
    #[case] status: u16,
) {
    let stack = Stack::with_node(State::Available);
    stack
        .ask_in(version, Method::Get, path, None)
        .status(status);
}

#[rstest]
#[case::before("1.90", 200)]
#[case::since("1.91", 404)]
fn json_at_the_end_of_a_path_is_dropped_below_1_91(#[case] version: &str, #[case] status: u16) {
    let stack = Stack::with_node(State::Available);
    let path = format!("/v1/nodes/{}.json", uuid());
    stack
        .ask_in(version, Method::Get, &path, None)
        .status(status);
}

#[rstest]
#[case::a_string_in_a_string("/v1/nodes/nope", 404, true)]
#[case::the_framework("/v1/foo", 404, true)]
fn refusals_are_json_inside_a_string(
    #[case] path: &str,
    #[case] status: u16,
    #[case] is_text: bool,
) {
    let stack = Stack::new(Settings::default());
    let body = stack.get(path).status(status).json();
    assert_eq!(body["error_message"].is_string(), is_text, "{body}");
}
