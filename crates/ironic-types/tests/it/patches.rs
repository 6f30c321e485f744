//! JSON patches.

use ironic_types::patch::pointer;
use ironic_types::{DriverInfo, Patch};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Map, json};

#[test]
fn a_patch_is_written_in_order_with_secrets_in_clear() {
    let patch = Patch::new()
        .add("/properties/capabilities", "iscsi_boot:true")
        .replace("/driver_info/redfish_password", SecretString::from("pw"))
        .add(
            "/driver_info",
            DriverInfo::new().with("redfish_password", SecretString::from("p2")),
        )
        .add(
            "/extra",
            Map::from_iter([("generation".to_owned(), json!(2))]),
        )
        .remove("/instance_info/image_source");
    let written = json!([
        {"op": "add", "path": "/properties/capabilities", "value": "iscsi_boot:true"},
        {"op": "replace", "path": "/driver_info/redfish_password", "value": "pw"},
        {"op": "add", "path": "/driver_info", "value": {"redfish_password": "p2"}},
        {"op": "add", "path": "/extra", "value": {"generation": 2}},
        {"op": "remove", "path": "/instance_info/image_source"},
    ]);
    assert_eq!(serde_json::to_value(&patch).unwrap(), written);
    assert_eq!(patch.paths().next(), Some("/properties/capabilities"));
    assert!(!patch.is_empty());
}

#[test]
fn patches_are_equal_when_ironic_would_be_sent_the_same() {
    let one = Patch::new().add("/extra/a", "x");
    assert_eq!(one, Patch::new().add("/extra/a", json!("x")));
    assert_eq!(one, Patch::new().add("/extra/a", SecretString::from("x")));
    assert_ne!(one, Patch::new().replace("/extra/a", "x"));
    assert_ne!(one, Patch::new().add("/extra/a", "y"));
}

#[rstest]
#[case(&["properties", "capabilities"], "/properties/capabilities")]
#[case(&["extra", "last-boot_1"], "/extra/last-boot_1")]
#[case(&[], "")]
fn keys_make_a_path(#[case] keys: &[&str], #[case] path: &str) {
    assert_eq!(pointer(keys.iter().copied()).as_deref(), Ok(path));
}

#[rstest]
fn keys_that_ironic_refuses_make_none(
    #[values("", "a/b", "a~b", "ironboot.dev", "a b")] key: &str,
) {
    let refused = pointer(["extra", key]).unwrap_err();
    assert_eq!(refused.key, key);
}
