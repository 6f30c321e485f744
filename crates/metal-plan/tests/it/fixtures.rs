//! A host, its node and what else is observed, each changed in a word or two.

use std::collections::BTreeMap;
use std::time::Duration;

use ironic_types::{Node, Port, PowerState, ProvisionState, VolumeConnector, VolumeTarget};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use metal_api::v1alpha1::{
    BareMetalHost, DeployedVolume, ErrorType, IscsiTarget, ProvisionOn, ProvisioningState,
    UsedCredentials,
};
use metal_plan::{
    Abilities, ChapFacts, ConfigDriveFacts, Fingerprint, HolderFacts, IronicView, LeaseFact,
    LeaseFacts, NextHost, Observation, Outcome, Plan, SecretFacts, Seen, Settings,
    VirtualMediaFacts, VolumeLease, check, lease_holder, needed_leases, next_host, plan,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const NODE: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const OTHER_NODE: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const HOST_UID: &str = "33333333-3333-4333-8333-333333333333";
pub(crate) const DEPLOYMENT: &str = "44444444-4444-4444-8444-444444444444";
pub(crate) const FRESH: &str = "55555555-5555-4555-8555-555555555555";
pub(crate) const INITIATOR: &str = "iqn.2026-11.org.example:node-0";
pub(crate) const TARGET: &str = "iqn.2026-11.org.example:vol-1";

pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(crate) fn ago(seconds: i64) -> Time {
    Time(now() - SignedDuration::from_secs(seconds))
}

/// A host as the README's example, in a state.
pub(crate) fn host(state: ProvisioningState) -> BareMetalHost {
    let mut host: BareMetalHost = from(json!({
        "apiVersion": "metal3.io/v1alpha1",
        "kind": "BareMetalHost",
        "metadata": {
            "name": "node-0", "namespace": "metal", "uid": HOST_UID, "generation": 1,
            "resourceVersion": "100", "finalizers": ["baremetalhost.metal3.io"],
        },
        "spec": {
            "online": true,
            "bootMACAddress": "52:54:00:e2:e0:01",
            "bootMode": "legacy",
            "inspectionMode": "disabled",
            "bmc": {"address": "redfish+http://192.0.2.1:8000/redfish/v1/Systems/1", "credentialsName": "node-0-bmc"},
            "bootVolume": {
                "volumeId": "vol-1",
                "volumeDriver": "external",
                "connectorId": INITIATOR,
                "iscsiTarget": {"iqn": TARGET, "portal": "192.0.2.1:3260", "lun": 1},
                "iscsiCredentialsName": "vol-1-chap",
            },
        },
    }));
    let status = host.status.get_or_insert_default();
    status.provisioning.state = state;
    if state != ProvisioningState::None {
        status.provisioning.id = NODE.into();
    }
    if !matches!(
        state,
        ProvisioningState::None | ProvisioningState::Registering
    ) {
        status.tried_credentials = Some(from(json!({"credentialsVersion": "7"})));
        status.good_credentials = status.tried_credentials.clone();
    }
    if matches!(
        state,
        ProvisioningState::Provisioning
            | ProvisioningState::Provisioned
            | ProvisioningState::Deprovisioning
    ) {
        status.provisioning.boot_volume = Some(intent());
    }
    host
}

/// What the host's status records of the deployment.
pub(crate) fn intent() -> DeployedVolume {
    from(json!({
        "volumeId": "vol-1",
        "volumeDriver": "external",
        "targetType": "iscsi",
        "connectorId": INITIATOR,
        "iscsiTarget": {"iqn": TARGET, "portal": "192.0.2.1:3260", "lun": 1, "authMethod": "CHAP"},
        "iscsiCredentialsName": "vol-1-chap",
        "credentials": [{"name": "vol-1-chap", "fingerprint": format!("{KEY_ID}.7")}],
        "deploymentId": DEPLOYMENT,
    }))
}

/// The same as it is rebuilt from spec and annotation: nobody knows what was in the Secret.
pub(crate) fn rebuilt() -> DeployedVolume {
    DeployedVolume {
        credentials: Vec::new(),
        ..intent()
    }
}

/// The node as registration leaves it.
pub(crate) fn node(state: ProvisionState, power: PowerState) -> Node {
    let properties = json!({"capabilities": "boot_mode:bios"});
    Node {
        uuid: NODE.parse().unwrap(),
        name: Some("metal~node-0".into()),
        provision_state: Some(state),
        power_state: Some(power),
        automated_clean: Some(false),
        driver: Some("redfish".into()),
        boot_interface: Some("ipxe".into()),
        deploy_interface: Some("direct".into()),
        firmware_interface: Some("redfish".into()),
        raid_interface: Some("redfish".into()),
        storage_interface: Some("noop".into()),
        properties: from(properties),
        driver_info: from(json!({
            "redfish_address": "http://192.0.2.1:8000", "redfish_system_id": "/redfish/v1/Systems/1",
            "redfish_verify_ca": true,
        })),
        ..Node::default()
    }
}

/// The node as a deployment from the volume leaves it.
pub(crate) fn deployed_node(state: ProvisionState, power: PowerState) -> Node {
    Node {
        storage_interface: Some("external".into()),
        properties: from(json!({"capabilities": "boot_mode:bios,iscsi_boot:true"})),
        instance_uuid: Some(HOST_UID.parse().unwrap()),
        ..node(state, power)
    }
}

pub(crate) fn port(pxe_enabled: bool) -> Port {
    from(json!({
        "uuid": Uuid::nil(), "node_uuid": NODE, "address": "52:54:00:E2:E0:01", "pxe_enabled": pxe_enabled,
    }))
}

pub(crate) fn connector(connector_id: &str) -> VolumeConnector {
    from(
        json!({"uuid": Uuid::nil(), "node_uuid": NODE, "type": "iqn", "connector_id": connector_id}),
    )
}

/// Usable credentials of a volume: others for each other word.
pub(crate) fn chap(word: &str) -> SecretFacts {
    SecretFacts::Chap(ChapFacts {
        fingerprint: Fingerprint::new(KEY_ID, word),
        is_long: false,
    })
}

/// As such credentials are recorded.
pub(crate) fn used(name: &str, word: &str) -> UsedCredentials {
    UsedCredentials {
        name: name.to_owned(),
        fingerprint: format!("{KEY_ID}.{word}"),
    }
}

/// The identifier of the installation's key.
pub(crate) const KEY_ID: &str = "1a2b3c4d";

/// A target of a node, of a deployment, with the credentials that go by a word.
pub(crate) fn target(node: &str, deployment: &str, credentials: &str) -> VolumeTarget {
    from(json!({
        "uuid": Uuid::nil(), "node_uuid": node, "volume_type": "iscsi", "volume_id": "vol-1", "boot_index": 0,
        "properties": {
            "target_iqn": TARGET, "target_portal": "192.0.2.1:3260", "target_lun": 1,
            "auth_method": "CHAP", "auth_username": "node-0", "auth_password": "******",
        },
        "extra": {"ironboot_deployment": deployment, "ironboot_credentials": format!("{KEY_ID}.{credentials}")},
    }))
}

/// Likewise of the node, with another boot index.
pub(crate) fn target_at(boot_index: i64, deployment: &str, credentials: &str) -> VolumeTarget {
    target(NODE, deployment, credentials).with(|target| target.boot_index = Some(boot_index))
}

pub(crate) fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// An Ironic that has all interfaces enabled for a driver.
pub(crate) fn abilities(driver: &str) -> Abilities {
    let of = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    let hardware = of(&["redfish", "idrac-redfish", "ipmitool", "no-raid"]);
    Abilities {
        driver: driver.into(),
        is_enabled: true,
        bios_interfaces: hardware.clone(),
        boot_interfaces: of(&[
            "ipxe",
            "redfish-virtual-media",
            "idrac-redfish-virtual-media",
            "redfish-https",
        ]),
        deploy_interfaces: of(&["direct"]),
        firmware_interfaces: hardware.clone(),
        inspect_interfaces: hardware.clone(),
        management_interfaces: hardware.clone(),
        power_interfaces: hardware.clone(),
        raid_interfaces: hardware.clone(),
        storage_interfaces: of(&["external", "noop"]),
        vendor_interfaces: hardware,
    }
}

/// Where the host's boot volume is to be.
pub(crate) fn iscsi(host: &mut BareMetalHost) -> &mut IscsiTarget {
    let volume = host.spec.boot_volume.as_mut().unwrap();
    volume.iscsi_target.as_mut().unwrap()
}

/// The Leases that the host needs in its state, held by it; for one that is released none.
pub(crate) fn held(host: &BareMetalHost) -> Vec<LeaseFact> {
    hold(host, needed_leases(host))
}

pub(crate) fn hold(host: &BareMetalHost, leases: Vec<VolumeLease>) -> Vec<LeaseFact> {
    leases
        .into_iter()
        .map(|lease| LeaseFact {
            name: lease.name,
            holder: lease_holder(host),
            host_uid: host.metadata.uid.clone(),
            version: "3".into(),
            fenced: None,
            holder_is: HolderFacts::NotRead,
            is_deleted: false,
        })
        .collect()
}

/// What is observed: both Secrets usable in version 7, the Leases held, Ironic with all that is needed, and no node.
pub(crate) fn observe(host: BareMetalHost) -> Observation {
    let usable = SecretFacts::Usable {
        version: "7".into(),
    };
    let leases = LeaseFacts::Known(held(&host));
    Observation {
        host,
        hardware: None,
        bmc_credentials: usable.clone(),
        iscsi_credentials: chap_secret(usable),
        config_drive: drive_of("drive"),
        ironic: IronicView::Seen(Box::new(Seen {
            abilities: Some(abilities("redfish")),
            ports: vec![port(true)],
            virtual_media: disc(false),
            ..Seen::default()
        })),
        rivals: Vec::new(),
        leases,
        settings: Settings {
            soft_power_off_timeout: Duration::from_mins(3),
            deploy_kernel: "http://kernel.invalid/".into(),
            deploy_ramdisk: "http://ramdisk.invalid/".into(),
            max_provisioning_retries: 5,
            provisioning_limit: 20,
            volume_lease_namespace: "ironboot-system".to_owned(),
        },
        now: now(),
        fresh_id: FRESH.parse().unwrap(),
    }
}

/// A config drive that can be made: another one for each other word.
pub(crate) fn drive_of(word: &str) -> ConfigDriveFacts {
    ConfigDriveFacts::Usable {
        fingerprint: Fingerprint::new(KEY_ID, word),
    }
}

/// A virtual CD drive.
pub(crate) fn disc(is_inserted: bool) -> VirtualMediaFacts {
    VirtualMediaFacts::Drive {
        is_inserted,
        last_error: None,
        is_asked_in_vain: false,
    }
}

/// Facts about the Secret of the boot volume, and about no other: one that is usable is so for a volume.
pub(crate) fn chap_secret(facts: SecretFacts) -> BTreeMap<String, SecretFacts> {
    let facts = match facts {
        SecretFacts::Usable { version } => chap(&version),
        other => other,
    };
    [("vol-1-chap".to_owned(), facts)].into()
}

pub(crate) trait With: Sized {
    fn with(self, change: impl FnOnce(&mut Self)) -> Self;
}

impl<T> With for T {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

pub(crate) trait Seeing {
    fn seeing(self, node: Node) -> Self;
    fn seen(&mut self) -> &mut Seen;
}

impl Seeing for Observation {
    /// Of a host that is being released and whose node is available, the Leases are given back.
    fn seeing(mut self, node: Node) -> Self {
        let is_undeployed = node.provision_state == Some(ProvisionState::Available);
        if is_undeployed && self.host.state() == ProvisioningState::Deprovisioning {
            self.leases = LeaseFacts::Known(Vec::new());
        }
        self.seen().node = Some(node);
        self
    }

    fn seen(&mut self) -> &mut Seen {
        match &mut self.ironic {
            IronicView::Seen(seen) => seen,
            IronicView::Unavailable { .. } => panic!("the fixture has no view of Ironic"),
        }
    }
}

pub(crate) fn deleted(host: &mut BareMetalHost) {
    host.metadata.deletion_timestamp = Some(ago(10));
}

pub(crate) fn without_volume(host: &mut BareMetalHost) {
    host.spec.boot_volume = None;
}

/// The host waits for a consumer to be deployed, or was deployed for one that let go.
pub(crate) fn for_claims(host: &mut BareMetalHost) {
    if let Some(volume) = &mut host.spec.boot_volume {
        volume.provision_on = ProvisionOn::Claim;
    }
    let status = host.status.as_mut();
    let record = status.and_then(|status| status.provisioning.boot_volume.as_mut());
    if let Some(record) = record {
        record.provision_on = ProvisionOn::Claim;
    }
}

/// A consumer asks for a deployment from the volume.
pub(crate) fn claimed(host: &mut BareMetalHost) {
    host.spec.custom_deploy = Some(from(json!({"method": "boot-volume"})));
}

/// The host with another annotation.
pub(crate) fn annotated(host: &mut BareMetalHost, name: &str, value: &str) {
    let annotations = host.metadata.annotations.get_or_insert_default();
    annotations.insert(name.to_owned(), value.to_owned());
}

/// A failure on record, as [`next_host`] leaves it.
pub(crate) fn failed(host: &mut BareMetalHost, error_type: ErrorType, seconds_ago: i64) {
    let generation = host.metadata.generation;
    let status = host.status.get_or_insert_default();
    status.error_type = Some(error_type);
    status.error_message = "it failed".into();
    status.error_count = 1;
    status.last_updated = Some(ago(seconds_ago));
    metal_api::conditions::set_condition(
        &mut status.conditions,
        metal_api::conditions::ReadyReason::Error,
        "it failed",
        generation,
        now(),
    );
}

/// The plan, which must break no promise.
#[track_caller]
pub(crate) fn planned(observation: &Observation) -> Plan {
    let plan = plan(observation);
    assert_eq!(check(observation, &plan), [], "{plan}");
    plan
}

/// The plan in words is this.
#[track_caller]
pub(crate) fn expect(observation: &Observation, expected: &str) {
    assert_eq!(planned(observation).to_string(), expected);
}

/// The plan in words begins like this.
#[track_caller]
pub(crate) fn expect_start(observation: &Observation, expected: &str) {
    let plan = planned(observation).to_string();
    assert!(plan.starts_with(expected), "{plan}");
}

/// The host after a plan whose effects all were done.
#[track_caller]
pub(crate) fn after(observation: &Observation) -> NextHost {
    let plan = planned(observation);
    let outcomes = match &plan.step {
        metal_plan::Step::Act(effects) => vec![Outcome::Done; effects.len()],
        _ => Vec::new(),
    };
    next_host(observation, &plan, &outcomes)
}
