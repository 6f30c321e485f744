//! Bodies for Ironic: where the planner's references become values, secrets included.

use std::num::TryFromIntError;

use ironic_types::{
    ConnectorType, DriverInfo, IscsiTargetProperties, NewNode, NewPort, NewVolumeConnector,
    NewVolumeTarget, NodeId, VolumeType,
};
use metal_api::v1alpha1::DeployedVolume;
use metal_plan::{Bmc, CREDENTIALS_KEY, DEPLOYMENT_KEY, DriverBlueprint, NodeBlueprint};
use serde_json::Map;

use crate::credentials::Login;

pub(super) fn node(blueprint: &NodeBlueprint, login: Login) -> NewNode {
    let NodeBlueprint {
        name,
        driver,
        boot_interface,
        capabilities,
        cpu_arch,
        disable_power_off,
    } = blueprint;
    let mut properties = Map::new();
    properties.insert("capabilities".to_owned(), capabilities.as_str().into());
    if let Some(cpu_arch) = cpu_arch {
        properties.insert("cpu_arch".to_owned(), cpu_arch.as_str().into());
    }
    NewNode {
        name: Some(name.clone()),
        driver: Bmc::DRIVER.to_owned(),
        driver_info: driver_info(driver, login),
        properties,
        boot_interface: Some((*boot_interface).to_owned()),
        disable_power_off: disable_power_off.then_some(true),
        ..NewNode::default()
    }
}

pub(super) fn driver_info(driver: &DriverBlueprint, login: Login) -> DriverInfo {
    let DriverBlueprint {
        bmc,
        deploy_kernel,
        deploy_ramdisk,
    } = driver;
    let Bmc {
        redfish_address,
        redfish_system_id,
        verify_ca,
    } = bmc;
    let mut driver_info = DriverInfo::new()
        .with("redfish_address", redfish_address.as_str())
        .with("redfish_verify_ca", *verify_ca)
        .with("redfish_username", login.username)
        .with("redfish_password", login.password)
        .with("deploy_kernel", deploy_kernel.as_str())
        .with("deploy_ramdisk", deploy_ramdisk.as_str());
    if let Some(system) = redfish_system_id {
        driver_info.insert("redfish_system_id", system.as_str());
    }
    driver_info
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
    volume: &DeployedVolume,
    login: Option<Login>,
    credentials_version: Option<&str>,
) -> Result<NewVolumeTarget, TryFromIntError> {
    let mut extra = Map::new();
    extra.insert(
        DEPLOYMENT_KEY.to_owned(),
        volume.deployment_id.as_str().into(),
    );
    if let Some(version) = credentials_version {
        extra.insert(CREDENTIALS_KEY.to_owned(), version.into());
    }
    let auth_method = match login {
        Some(_) => "CHAP",
        None => "",
    };
    let Login { username, password } = login.unwrap_or_else(Login::empty);
    let target = &volume.iscsi_target;
    Ok(NewVolumeTarget {
        uuid: None,
        node_uuid: node,
        volume_type: VolumeType::Iscsi,
        volume_id: volume.volume_id.clone(),
        boot_index: 0,
        properties: IscsiTargetProperties {
            target_iqn: target.iqn.clone(),
            target_portal: target.portal.clone(),
            target_lun: target.lun.try_into()?,
            auth_method: auth_method.to_owned(),
            auth_username: username,
            auth_password: password,
            ..IscsiTargetProperties::default()
        }
        .into(),
        extra,
    })
}
