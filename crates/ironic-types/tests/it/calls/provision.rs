//! What is asked of a provision state.

use ironic_types::calls::{
    AbortDeployment, CleanNode, DeployNode, RescueNode, ServiceNode, SetProvisionState,
};
use ironic_types::{
    Call, ConfigDrive, ConfigDriveParts, DeployStep, Microversion, ProvisionVerb, Step, Steps,
    feature,
};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::{check, check_since};
use crate::node;

const LINE: &str = "PUT /v1/nodes/NODE/states/provision";

#[rstest]
#[case(ProvisionVerb::Manage, "manage")]
#[case(ProvisionVerb::Provide, "provide")]
#[case(ProvisionVerb::Active, "active")]
#[case(ProvisionVerb::Deleted, "deleted")]
#[case(ProvisionVerb::Abort, "abort")]
fn a_provision_state_is_asked_for(#[case] target: ProvisionVerb, #[case] word: &str) {
    let call = SetProvisionState {
        node: node(),
        target,
    };
    check(&call, LINE, json!({"target": word}));
}

#[rstest]
#[case(ProvisionVerb::Active, feature::INITIAL)]
#[case(ProvisionVerb::Manage, feature::MANAGE)]
#[case(ProvisionVerb::Rescue, feature::RESCUE)]
#[case(ProvisionVerb::Unhold, feature::UNHOLD)]
#[case(ProvisionVerb::Service, feature::SERVICE)]
fn a_verb_needs_the_version_it_came_with(
    #[case] target: ProvisionVerb,
    #[case] since: Microversion,
) {
    let node = node();
    let call = SetProvisionState { node, target };
    assert_eq!(call.required_version(), since);
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn user_data() -> ConfigDriveParts {
    ConfigDriveParts {
        user_data: Some(SecretString::from("#cloud-config")),
        ..ConfigDriveParts::default()
    }
}

#[rstest]
#[case::bare(DeployNode::default(), json!({"target": "active"}), feature::INITIAL)]
#[case::again(
    DeployNode { rebuild: true, ..DeployNode::default() },
    json!({"target": "rebuild"}),
    feature::INITIAL
)]
#[case::with_a_ready_config_drive(
    DeployNode { config_drive: Some(ConfigDrive::Ready("H4sI".into())), ..DeployNode::default() },
    json!({"target": "active", "configdrive": "H4sI"}),
    feature::INITIAL
)]
#[case::again_with_a_config_drive(
    DeployNode {
        rebuild: true,
        config_drive: Some(ConfigDrive::Ready("http://192.0.2.1/drive".into())),
        ..DeployNode::default()
    },
    json!({"target": "rebuild", "configdrive": "http://192.0.2.1/drive"}),
    feature::REBUILD_CONFIG_DRIVE
)]
#[case::with_parts_of_a_config_drive(
    DeployNode {
        config_drive: Some(ConfigDrive::Parts(ConfigDriveParts {
            meta_data: map(json!({"name": "host-0"})),
            network_data: map(json!({"links": []})),
            ..user_data()
        })),
        ..DeployNode::default()
    },
    json!({"target": "active", "configdrive": {
        "meta_data": {"name": "host-0"},
        "network_data": {"links": []},
        "user_data": "#cloud-config",
    }}),
    feature::BUILD_CONFIG_DRIVE
)]
#[case::with_vendor_data(
    DeployNode {
        config_drive: Some(ConfigDrive::Parts(ConfigDriveParts {
            vendor_data: map(json!({"a": 1})),
            ..user_data()
        })),
        ..DeployNode::default()
    },
    json!({"target": "active", "configdrive": {
        "user_data": "#cloud-config",
        "vendor_data": {"a": 1},
    }}),
    feature::CONFIG_DRIVE_VENDOR_DATA
)]
#[case::with_steps(
    DeployNode {
        deploy_steps: vec![DeployStep {
            interface: "deploy".to_owned(),
            step: "erase_devices".to_owned(),
            priority: 80,
            ..DeployStep::default()
        }],
        ..DeployNode::default()
    },
    json!({"target": "active", "deploy_steps": [
        {"interface": "deploy", "step": "erase_devices", "args": {}, "priority": 80},
    ]}),
    feature::DEPLOY_STEPS
)]
fn a_node_is_deployed(#[case] call: DeployNode, #[case] body: Value, #[case] since: Microversion) {
    let call = DeployNode {
        node: node(),
        ..call
    };
    check_since(since, &call, LINE, body);
}

#[test]
fn a_deployment_that_waits_is_aborted_in_a_version_that_lets_it() {
    check_since(
        feature::ABORT_DEPLOYMENT,
        &AbortDeployment { node: node() },
        LINE,
        json!({"target": "abort"}),
    );
}

fn settings() -> Steps {
    Steps::These(vec![
        Step {
            interface: "bios".to_owned(),
            step: "apply_configuration".to_owned(),
            args: map(json!({"settings": [{"name": "BootMode", "value": "Uefi"}]})),
        },
        Step {
            interface: "bios".to_owned(),
            step: "factory_reset".to_owned(),
            ..Step::default()
        },
    ])
}

fn settings_json() -> Value {
    json!([
        {
            "interface": "bios",
            "step": "apply_configuration",
            "args": {"settings": [{"name": "BootMode", "value": "Uefi"}]},
        },
        {"interface": "bios", "step": "factory_reset"},
    ])
}

#[test]
fn a_node_is_cleaned_by_steps_or_by_a_runbook() {
    let clean = |steps, disable_ramdisk| CleanNode {
        node: node(),
        steps,
        disable_ramdisk,
    };
    let body = json!({"target": "clean", "clean_steps": settings_json()});
    check_since(feature::CLEAN, &clean(settings(), false), LINE, body);
    let body = json!({
        "target": "clean",
        "clean_steps": settings_json(),
        "disable_ramdisk": true,
    });
    let since = feature::CLEAN_DISABLE_RAMDISK;
    check_since(since, &clean(settings(), true), LINE, body);
    let runbook = Steps::Runbook("CUSTOM_WIPE".to_owned());
    let body = json!({"target": "clean", "runbook": "CUSTOM_WIPE"});
    check_since(feature::RUNBOOKS, &clean(runbook, false), LINE, body);
}

#[test]
fn a_node_is_serviced_by_steps_or_by_a_runbook() {
    let service = |steps, disable_ramdisk| ServiceNode {
        node: node(),
        steps,
        disable_ramdisk,
    };
    let body = json!({"target": "service", "service_steps": settings_json()});
    check_since(feature::SERVICE, &service(settings(), false), LINE, body);
    let body = json!({
        "target": "service",
        "service_steps": settings_json(),
        "disable_ramdisk": true,
    });
    let since = feature::SERVICE_DISABLE_RAMDISK;
    check_since(since, &service(settings(), true), LINE, body);
    let runbook = Steps::Runbook("CUSTOM_FLASH".to_owned());
    let body = json!({"target": "service", "runbook": "CUSTOM_FLASH"});
    check_since(feature::RUNBOOKS, &service(runbook, false), LINE, body);
}

#[test]
fn a_node_is_rescued_with_a_password() {
    let call = RescueNode {
        node: node(),
        rescue_password: SecretString::from("pw"),
    };
    check(
        &call,
        LINE,
        json!({"target": "rescue", "rescue_password": "pw"}),
    );
}
