//! Hosts that the tests start from, and the checks that they share.

use kube::core::{
    CustomResourceExt,
    cel::{CompiledSchema, ErrorKind, ValidationErrors, compile_schema, validate_compiled},
};
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostSpec, BareMetalHostStatus, BmcDetails, BootVolume, DataVolume,
    DeployedVolume, IscsiTarget, LunMapping, ProvisionOn, ProvisionStatus, ProvisioningState,
    TargetType, VolumeDriver,
};
use serde_json::Value;
use std::sync::LazyLock;

/// The schema of a custom resource.
pub(crate) fn schema<T: CustomResourceExt>() -> Value {
    let crd = serde_json::to_value(T::crd()).unwrap();
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

/// What the rules say about a new host, or about a change of `old` to it.
pub(crate) fn judge(
    host: &BareMetalHost,
    old: Option<&BareMetalHost>,
) -> Result<(), ValidationErrors> {
    /// What `validate_cel` and `validate_cel_update` compile anew for each call.
    static RULES: LazyLock<CompiledSchema> = LazyLock::new(|| {
        let rules = compile_schema(&schema::<BareMetalHost>());
        assert!(!rules.has_errors(), "{:#?}", rules.compilation_errors());
        rules
    });
    let host = serde_json::to_value(host).unwrap();
    let old = old.map(|old| serde_json::to_value(old).unwrap());
    validate_compiled(&RULES, &host, old.as_ref())
}

/// A host without a boot volume.
pub(crate) fn host() -> BareMetalHost {
    let mut host = BareMetalHost::new(
        "node-0",
        BareMetalHostSpec {
            bmc: Some(BmcDetails {
                address: "redfish+http://172.22.0.1:8000/redfish/v1/Systems/1".into(),
                credentials_name: "node-0-bmc".into(),
                disable_certificate_verification: None,
            }),
            boot_mac_address: Some("52:54:00:e2:e0:01".into()),
            online: true,
            ..BareMetalHostSpec::default()
        },
    );
    host.metadata.namespace = Some("metal".into());
    host
}

/// A volume that can be booted from.
pub(crate) fn volume() -> BootVolume {
    BootVolume {
        config_drive: None,
        connector_id: None,
        iscsi_credentials_name: None,
        iscsi_target: Some(IscsiTarget {
            auth_method: None,
            i_type: None,
            iqn: "iqn.2026-11.org.example:vol-1".into(),
            lun: 1,
            lun_mapping: LunMapping::Shared,
            portal: Some("172.22.0.1:3260".into()),
            portals: Vec::new(),
        }),
        provision_on: ProvisionOn::Immediate,
        reclaim_policy: None,
        target_type: TargetType::Iscsi,
        volume_driver: VolumeDriver::External,
        volume_id: "vol-1".into(),
    }
}

/// A volume that is kept and not used, with nothing that a volume needs not have.
pub(crate) fn unused_volume() -> BootVolume {
    BootVolume {
        iscsi_target: None,
        volume_driver: VolumeDriver::Noop,
        ..volume()
    }
}

/// A host with a boot volume.
pub(crate) fn booting_host() -> BareMetalHost {
    let mut host = host();
    host.spec.boot_volume = Some(volume());
    host
}

/// A further volume, beside that of [`volume`] and others of another name.
pub(crate) fn data_volume(name: &str) -> DataVolume {
    DataVolume {
        iscsi_credentials_name: None,
        iscsi_target: IscsiTarget {
            iqn: format!("iqn.2026-11.org.example:{name}"),
            ..volume().iscsi_target.unwrap()
        },
        name: name.into(),
        volume_id: format!("vol-{name}"),
    }
}

/// A host with a boot volume and two data volumes, of which the second is changed.
pub(crate) fn with_data(change: impl FnOnce(&mut DataVolume)) -> BareMetalHost {
    let mut data = data_volume("data");
    change(&mut data);
    with_spec(booting_host(), |spec| {
        spec.data_volumes = vec![data_volume("logs"), data];
    })
}

/// The record of [`volume`] in the status of its host, whose spec names no initiator.
pub(crate) fn record() -> DeployedVolume {
    DeployedVolume {
        config_drive: None,
        connector_id: "iqn.2026-11.io.ironboot:metal.node-0".into(),
        credentials: Vec::new(),
        data_volumes: Vec::new(),
        deployment_id: "3b8e1a52-3a44-4a56-a5b4-0a5d5ae0a0c1".into(),
        iscsi_credentials_name: None,
        iscsi_target: volume().iscsi_target.unwrap(),
        provision_on: ProvisionOn::Immediate,
        redeploy: None,
        target_type: TargetType::Iscsi,
        volume_driver: VolumeDriver::External,
        volume_id: "vol-1".into(),
    }
}

/// A host that is deployed from its boot volume.
pub(crate) fn deployed_host() -> BareMetalHost {
    let mut host = booting_host();
    host.status = Some(BareMetalHostStatus {
        provisioning: ProvisionStatus {
            boot_volume: Some(record()),
            id: "0a5d5ae0-3a44-4a56-a5b4-3b8e1a52a0c1".into(),
            state: ProvisioningState::Provisioned,
            ..ProvisionStatus::default()
        },
        ..BareMetalHostStatus::default()
    });
    host
}

/// Changes the target of a host's volume.
pub(crate) fn with_target(
    mut host: BareMetalHost,
    change: impl FnOnce(&mut IscsiTarget),
) -> BareMetalHost {
    change(
        host.spec
            .boot_volume
            .as_mut()
            .unwrap()
            .iscsi_target
            .as_mut()
            .unwrap(),
    );
    host
}

/// Gives the volume of a host these portals.
pub(crate) fn with_portals(host: BareMetalHost, portals: &[&str]) -> BareMetalHost {
    with_target(host, |target| {
        target.portal = None;
        target.portals = portals.iter().map(|&portal| portal.into()).collect();
    })
}

/// Changes the volume of a host.
pub(crate) fn with_volume(
    mut host: BareMetalHost,
    change: impl FnOnce(&mut BootVolume),
) -> BareMetalHost {
    change(host.spec.boot_volume.as_mut().unwrap());
    host
}

/// Changes the spec of a host.
pub(crate) fn with_spec(
    mut host: BareMetalHost,
    change: impl FnOnce(&mut BareMetalHostSpec),
) -> BareMetalHost {
    change(&mut host.spec);
    host
}

#[track_caller]
pub(crate) fn accepted(host: &BareMetalHost) {
    judge(host, None).unwrap();
}

/// Checks that exactly one rule refuses the host, and that its message begins with the field.
#[track_caller]
pub(crate) fn refused(host: &BareMetalHost, field: &str) {
    one_refusal(judge(host, None), field);
}

#[track_caller]
pub(crate) fn update_accepted(old: &BareMetalHost, new: &BareMetalHost) {
    judge(new, Some(old)).unwrap();
}

/// Checks that exactly one rule refuses the update, and that its message begins with the field.
#[track_caller]
pub(crate) fn update_refused(old: &BareMetalHost, new: &BareMetalHost, field: &str) {
    one_refusal(judge(new, Some(old)), field);
}

#[track_caller]
fn one_refusal(result: Result<(), ValidationErrors>, field: &str) {
    let errors = result.unwrap_err();
    let [error] = errors.as_slice() else {
        panic!("one refusal: {errors:#?}");
    };
    assert_eq!(error.kind, ErrorKind::ValidationFailure, "{error:#?}");
    assert_eq!(any_item(error.field_path.trim_start_matches('.')), field);
    let (named, advice) = error.message.split_once(": ").unwrap();
    assert_eq!(named, field);
    assert!(
        advice.contains("; "),
        "says what is wrong and what to do: {advice}"
    );
}

/// The path, with each index written as a rule does it, which knows none.
fn any_item(path: &str) -> String {
    let mut parts = path.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| {
        let (_, rest) = part.split_once(']').unwrap();
        format!("{path}[*]{rest}")
    })
}
