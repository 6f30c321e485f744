//! Bodies for Ironic: where the planner's references become values, secrets included.

use std::num::TryFromIntError;

use ironic_types::{
    ConnectorType, DriverInfo, DriverInfoValue, IscsiTargetProperties, NewNode, NewPort,
    NewVolumeConnector, NewVolumeTarget, NodeId, VolumeType,
};
use metal_api::v1alpha1::LunMapping;
use metal_plan::{
    CREDENTIALS_KEY, DEPLOYMENT_KEY, DriverBlueprint, Fingerprint, InterfaceKind, LUN_MAPPING_KEY,
    NodeBlueprint, PER_INITIATOR, WantedTarget,
};
use serde_json::{Map, Value};

use crate::credentials::Login;

pub(super) fn node(blueprint: &NodeBlueprint, login: Login) -> NewNode {
    let NodeBlueprint {
        name,
        driver,
        capabilities,
        cpu_arch,
        disable_power_off,
    } = blueprint;
    let mut properties = Map::new();
    properties.insert("capabilities".to_owned(), capabilities.as_str().into());
    if let Some(cpu_arch) = cpu_arch {
        properties.insert("cpu_arch".to_owned(), cpu_arch.as_str().into());
    }
    let of = |kind| driver.interfaces.get(kind).map(str::to_owned);
    NewNode {
        name: Some(name.clone()),
        driver: driver.bmc.driver().to_owned(),
        driver_info: driver_info(driver, login),
        properties,
        bios_interface: of(InterfaceKind::Bios),
        boot_interface: of(InterfaceKind::Boot),
        firmware_interface: of(InterfaceKind::Firmware),
        management_interface: of(InterfaceKind::Management),
        power_interface: of(InterfaceKind::Power),
        raid_interface: of(InterfaceKind::Raid),
        vendor_interface: of(InterfaceKind::Vendor),
        disable_power_off: disable_power_off.then_some(true),
        ..NewNode::default()
    }
}

pub(super) fn driver_info(driver: &DriverBlueprint, login: Login) -> DriverInfo {
    let DriverBlueprint {
        bmc,
        interfaces: _,
        deploy_kernel,
        deploy_ramdisk,
    } = driver;
    let way = bmc.driver_info().into_iter();
    way.map(|(key, value)| (key, plain(value)))
        .collect::<DriverInfo>()
        .with(bmc.username_key(), login.username)
        .with(bmc.password_key(), login.password)
        .with("deploy_kernel", deploy_kernel.as_str())
        .with("deploy_ramdisk", deploy_ramdisk.as_str())
}

fn plain(value: Value) -> DriverInfoValue {
    match value {
        Value::String(text) => text.into(),
        Value::Bool(flag) => flag.into(),
        other => other.to_string().into(),
    }
}

pub(super) fn port(node: NodeId, address: &str, pxe_enabled: bool) -> NewPort {
    NewPort {
        node_uuid: node,
        address: address.to_owned(),
        pxe_enabled: Some(pxe_enabled),
        ..NewPort::default()
    }
}

pub(super) fn connector(node: NodeId, connector_id: &str) -> NewVolumeConnector {
    NewVolumeConnector {
        node_uuid: node,
        connector_type: ConnectorType::Iqn,
        connector_id: connector_id.to_owned(),
        extra: Map::new(),
    }
}

/// Ironic wants all authentication keys; a target without authentication gets them empty.
pub(super) fn target(
    node: NodeId,
    deployment_id: &str,
    wanted: &WantedTarget<'_>,
    login: Option<Login>,
    fingerprint: Option<&Fingerprint>,
) -> Result<NewVolumeTarget, TryFromIntError> {
    let mut extra = Map::new();
    extra.insert(DEPLOYMENT_KEY.to_owned(), deployment_id.into());
    if let Some(fingerprint) = fingerprint {
        extra.insert(CREDENTIALS_KEY.to_owned(), fingerprint.as_str().into());
    }
    match wanted.iscsi_target.lun_mapping {
        LunMapping::Shared => {}
        LunMapping::PerInitiator => {
            extra.insert(LUN_MAPPING_KEY.to_owned(), PER_INITIATOR.into());
        }
    }
    let auth_method = match login {
        Some(_) => "CHAP",
        None => "",
    };
    let Login { username, password } = login.unwrap_or_else(Login::empty);
    let target = wanted.iscsi_target;
    Ok(NewVolumeTarget {
        uuid: None,
        node_uuid: node,
        volume_type: VolumeType::Iscsi,
        volume_id: wanted.volume_id.to_owned(),
        boot_index: wanted.boot_index,
        properties: IscsiTargetProperties {
            target_iqn: target.iqn.clone(),
            target_portal: target.portal.clone().unwrap_or_default(),
            target_portals: target.portals.clone(),
            target_lun: target.lun.try_into()?,
            auth_method: auth_method.to_owned(),
            auth_username: username,
            auth_password: password,
        }
        .into(),
        extra,
    })
}

#[cfg(test)]
mod tests {
    use metal_api::v1alpha1::{BmcDetails, DeployedVolume};
    use metal_plan::Bmc;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn blueprint(address: &str) -> NodeBlueprint {
        let bmc = Bmc::parse(&BmcDetails {
            address: address.to_owned(),
            credentials_name: "bmc".to_owned(),
            disable_certificate_verification: Some(true),
        })
        .unwrap();
        NodeBlueprint {
            name: "metal~node-0".to_owned(),
            driver: DriverBlueprint {
                interfaces: bmc.interfaces(),
                bmc,
                deploy_kernel: "http://kernel.example/".to_owned(),
                deploy_ramdisk: "http://ramdisk.example/".to_owned(),
            },
            capabilities: "boot_mode:uefi".to_owned(),
            cpu_arch: None,
            disable_power_off: false,
        }
    }

    #[rstest]
    #[case("libvirt://192.0.2.1:6230?privilegelevel=OPERATOR", json!({
        "driver": "ipmi",
        "driver_info": {
            "ipmi_address": "192.0.2.1", "ipmi_port": "6230", "ipmi_priv_level": "OPERATOR",
            "ipmi_username": "admin", "ipmi_password": "calvin", "ipmi_verify_ca": false,
        },
        "boot_interface": "ipxe", "raid_interface": "no-raid",
    }))]
    #[case("redfish-virtualmedia+http://[2001:db8::1]:8000/redfish/v1/Systems/1", json!({
        "driver": "redfish",
        "driver_info": {
            "redfish_address": "http://[2001:db8::1]:8000", "redfish_system_id": "/redfish/v1/Systems/1",
            "redfish_username": "admin", "redfish_password": "calvin", "redfish_verify_ca": false,
        },
        "boot_interface": "redfish-virtual-media", "raid_interface": "redfish", "firmware_interface": "redfish",
    }))]
    #[case("idrac-redfish://192.0.2.1", json!({
        "driver": "idrac",
        "driver_info": {
            "redfish_address": "https://192.0.2.1", "redfish_verify_ca": false,
            "redfish_username": "admin", "redfish_password": "calvin",
        },
        "bios_interface": "idrac-redfish", "boot_interface": "ipxe", "firmware_interface": "redfish",
        "management_interface": "idrac-redfish", "power_interface": "idrac-redfish",
        "raid_interface": "idrac-redfish", "vendor_interface": "idrac-redfish",
    }))]
    fn a_new_node_has_the_driver_and_the_interfaces_of_its_bmc_and_no_other(
        #[case] address: &str,
        #[case] mut expected: Value,
    ) {
        let login = Login {
            username: "admin".to_owned(),
            password: "calvin".to_owned().into(),
        };
        let body = node(&blueprint(address), login);
        assert!(!format!("{body:?}").contains("calvin"));
        expected["name"] = "metal~node-0".into();
        expected["properties"] = json!({"capabilities": "boot_mode:uefi"});
        expected["driver_info"]["deploy_kernel"] = "http://kernel.example/".into();
        expected["driver_info"]["deploy_ramdisk"] = "http://ramdisk.example/".into();
        assert_eq!(serde_json::to_value(&body).unwrap(), expected);
    }

    #[rstest]
    #[case(
        json!({"portal": "192.0.2.1:3260"}),
        json!({"target_portal": "192.0.2.1:3260"}),
    )]
    #[case(
        json!({"portals": ["192.0.2.1:3260", "192.0.2.2:3260"]}),
        json!({"target_portals": ["192.0.2.1:3260", "192.0.2.2:3260"]}),
    )]
    fn a_target_has_one_portal_or_several_and_never_both(
        #[case] portals: Value,
        #[case] expected: Value,
    ) {
        let mut volume = json!({
            "volumeId": "vol-1", "volumeDriver": "external", "targetType": "iscsi",
            "connectorId": "iqn.2026-11.org.example:node-0", "deploymentId": "1",
            "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-1", "lun": 1},
        });
        let target = volume["iscsiTarget"].as_object_mut().unwrap();
        target.extend(portals.as_object().unwrap().clone());
        let volume: DeployedVolume = serde_json::from_value(volume).unwrap();
        let body = target_of(&volume);
        let mut all = json!({
            "target_iqn": "iqn.2026-11.org.example:vol-1", "target_lun": 1,
            "auth_method": "", "auth_username": "", "auth_password": "",
        });
        all.as_object_mut()
            .unwrap()
            .extend(expected.as_object().unwrap().clone());
        assert_eq!(body["properties"], all);
        // Else the planner takes what was sent for somebody else's doing.
        for key in ["auth_username", "auth_password"] {
            all.as_object_mut().unwrap().remove(key);
        }
        assert_eq!(
            Value::Object(metal_plan::target_properties(&volume.iscsi_target)),
            all
        );
    }

    fn target_of(volume: &DeployedVolume) -> Value {
        let node = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let wanted = metal_plan::wanted_targets(volume).next().unwrap();
        serde_json::to_value(target(node, "1", &wanted, None, None).unwrap()).unwrap()
    }
}
