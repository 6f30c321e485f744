//! Capabilities of a node: `properties.capabilities`, which is Ironic's list `key:value,key:value`, and
//! `instance_info.capabilities`, which is a map.

use ironic_types::{Node, Patch, ProvisionState};
use metal_api::v1alpha1::BootMode;
use serde_json::{Map, Value};

const BOOT_MODE: &str = "boot_mode";
const SECURE_BOOT: &str = "secure_boot";
/// Where Ironic reads what a deployment asks for (`ironic/drivers/modules/boot_mode_utils.py`,
/// `is_secure_boot_requested`); an undeployment clears it.
const OF_INSTANCE: &str = "/instance_info/capabilities";

/// The list for a machine that boots in this mode, the rest and its order kept. Ironic does nothing by `secure_boot`
/// here; Metal3's baremetal-operator sets it, too (`pkg/provisioner/ironic/capabilities.go`).
pub(crate) fn for_boot_mode(capabilities: &str, mode: BootMode) -> String {
    let in_mode = |mode| with(capabilities, BOOT_MODE, mode);
    match mode {
        BootMode::Legacy => without(&in_mode("bios"), SECURE_BOOT),
        BootMode::Uefi => without(&in_mode("uefi"), SECURE_BOOT),
        BootMode::UefiSecureBoot => with(&in_mode("uefi"), SECURE_BOOT, "true"),
    }
}

/// Has Ironic switch secure boot on when it deploys the node, and off when it undeploys it; or takes that back.
///
/// A BMC may need a reboot for it, which Ironic gives the machine without asking, also when it adopts a node or another
/// conductor takes it over. So of a machine that may run it is asked only if it is on already, as far as Ironic knows.
pub(crate) fn ask_for_secure_boot(patch: Patch, node: &Node, mode: BootMode) -> Patch {
    let is_wanted = match mode {
        BootMode::UefiSecureBoot => true,
        BootMode::Uefi | BootMode::Legacy => false,
    };
    let may_switch = node.provision_state == Some(ProvisionState::Available);
    let mut capabilities = of_instance(node);
    if is_wanted && (may_switch || node.secure_boot == Some(true)) {
        let on = Value::from("true");
        return if capabilities.insert(SECURE_BOOT.to_owned(), on.clone()) == Some(on) {
            patch
        } else {
            patch.add(OF_INSTANCE, Value::Object(capabilities))
        };
    }
    if is_wanted {
        return patch;
    }
    withdraw_secure_boot(patch, node)
}

/// Takes back what [`ask_for_secure_boot`] asked for.
pub(crate) fn withdraw_secure_boot(patch: Patch, node: &Node) -> Patch {
    let mut capabilities = of_instance(node);
    if capabilities.remove(SECURE_BOOT).is_none() {
        patch
    } else if capabilities.is_empty() {
        patch.remove(OF_INSTANCE)
    } else {
        patch.add(OF_INSTANCE, Value::Object(capabilities))
    }
}

/// Ironic takes the map as JSON in a string, too.
fn of_instance(node: &Node) -> Map<String, Value> {
    match node.instance_info.get("capabilities") {
        Some(Value::Object(capabilities)) => capabilities.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => {
            Map::new()
        }
    }
}

/// The list with `key` set to `value`, the rest and its order kept.
pub(crate) fn with(capabilities: &str, key: &str, value: &str) -> String {
    let mut found = false;
    let mut entries: Vec<String> = entries(capabilities)
        .map(|entry| {
            if is(entry, key) {
                found = true;
                format!("{key}:{value}")
            } else {
                entry.to_owned()
            }
        })
        .collect();
    if !found {
        entries.push(format!("{key}:{value}"));
    }
    entries.join(",")
}

/// The list without `key`.
pub(crate) fn without(capabilities: &str, key: &str) -> String {
    entries(capabilities)
        .filter(|entry| !is(entry, key))
        .collect::<Vec<_>>()
        .join(",")
}

fn entries(capabilities: &str) -> impl Iterator<Item = &str> {
    capabilities
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

fn is(entry: &str, key: &str) -> bool {
    entry.split_once(':').is_some_and(|(name, _)| name == key)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("", "iscsi_boot:true")]
    #[case("boot_mode:bios", "boot_mode:bios,iscsi_boot:true")]
    #[case("iscsi_boot:False, cpu_vt:true", "iscsi_boot:true,cpu_vt:true")]
    fn a_capability_is_added_to_what_is_there(#[case] before: &str, #[case] after: &str) {
        assert_eq!(with(before, "iscsi_boot", "true"), after);
        assert_eq!(with(after, "iscsi_boot", "true"), after);
    }

    #[rstest]
    #[case("", BootMode::Legacy, "boot_mode:bios")]
    #[case("", BootMode::Uefi, "boot_mode:uefi")]
    #[case("", BootMode::UefiSecureBoot, "boot_mode:uefi,secure_boot:true")]
    #[case(
        "a:b,boot_mode:bios",
        BootMode::UefiSecureBoot,
        "a:b,boot_mode:uefi,secure_boot:true"
    )]
    #[case(
        "boot_mode:uefi,secure_boot:true,a:b",
        BootMode::Uefi,
        "boot_mode:uefi,a:b"
    )]
    #[case("boot_mode:uefi,secure_boot:true", BootMode::Legacy, "boot_mode:bios")]
    fn a_boot_mode_is_two_capabilities(
        #[case] before: &str,
        #[case] mode: BootMode,
        #[case] after: &str,
    ) {
        assert_eq!(for_boot_mode(before, mode), after);
        assert_eq!(for_boot_mode(after, mode), after);
    }

    fn node(capabilities: Value) -> Node {
        let mut node = Node::default();
        if !capabilities.is_null() {
            let capabilities = ("capabilities".to_owned(), capabilities);
            node.instance_info.extend([capabilities]);
        }
        node
    }

    fn added(capabilities: Value) -> Patch {
        Patch::new().add(OF_INSTANCE, capabilities)
    }

    #[rstest]
    #[case::nothing_there(json!(null), json!({"secure_boot": "true"}))]
    #[case::something_else(json!({"a": "b"}), json!({"a": "b", "secure_boot": "true"}))]
    #[case::in_a_string(json!(r#"{"a": "b"}"#), json!({"a": "b", "secure_boot": "true"}))]
    #[case::off(json!({"secure_boot": "false"}), json!({"secure_boot": "true"}))]
    fn a_deployment_asks_for_secure_boot(#[case] before: Value, #[case] after: Value) {
        let mut node = node(before);
        let ask = |node: &Node| ask_for_secure_boot(Patch::new(), node, BootMode::UefiSecureBoot);
        assert!(ask(&node).is_empty(), "the machine may run");
        node.secure_boot = Some(true);
        assert_eq!(ask(&node), added(after.clone()));
        node.secure_boot = Some(false);
        assert!(ask(&node).is_empty(), "Ironic would reboot the machine");
        node.provision_state = Some(ProvisionState::Available);
        assert_eq!(ask(&node), added(after.clone()));
        node.instance_info.insert("capabilities".into(), after);
        assert!(ask(&node).is_empty());
    }

    #[rstest]
    #[case::nothing_there(json!(null), Patch::new())]
    #[case::something_else(json!({"a": "b"}), Patch::new())]
    #[case::unreadable(json!("secure_boot:true"), Patch::new())]
    #[case::alone(json!({"secure_boot": "true"}), Patch::new().remove(OF_INSTANCE))]
    #[case::beside(json!({"a": "b", "secure_boot": "true"}), added(json!({"a": "b"})))]
    #[case::in_a_string(json!(r#"{"secure_boot": "true"}"#), Patch::new().remove(OF_INSTANCE))]
    fn another_mode_takes_it_back(#[case] before: Value, #[case] expected: Patch) {
        let node = node(before);
        for mode in [BootMode::Uefi, BootMode::Legacy] {
            assert_eq!(ask_for_secure_boot(Patch::new(), &node, mode), expected);
        }
        assert_eq!(withdraw_secure_boot(Patch::new(), &node), expected);
    }

    #[rstest]
    #[case("", "")]
    #[case("iscsi_boot:true", "")]
    #[case(
        "boot_mode:bios,iscsi_boot:true,cpu_vt:true",
        "boot_mode:bios,cpu_vt:true"
    )]
    fn a_capability_is_taken_away_alone(#[case] before: &str, #[case] after: &str) {
        assert_eq!(without(before, "iscsi_boot"), after);
    }
}
