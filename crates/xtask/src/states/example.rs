//! The host that the planner is asked about: an example of a name and a volume, in any state, with a node in any.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use ironic_types::{Driver, Node, Port, ProvisionState, VolumeConnector, VolumeTarget};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, BootVolume, ProvisioningState};
use metal_plan::{
    Abilities, CREDENTIALS_KEY, ChapFacts, DEPLOYMENT_KEY, Fingerprint, HolderFacts, IronicView,
    LeaseFact, LeaseFacts, Observation, SecretFacts, Seen, Settings, lease_holder,
    looked_up_leases,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::situations::user_data;

/// The node's id.
pub(super) const NODE: Uuid = uuid!("11111111-1111-4111-8111-111111111111");
const OTHER_NODE: Uuid = uuid!("22222222-2222-4222-8222-222222222222");
const HOST: Uuid = uuid!("33333333-3333-4333-8333-333333333333");
const DEPLOYMENT: Uuid = uuid!("44444444-4444-4444-8444-444444444444");
const FRESH: Uuid = uuid!("55555555-5555-4555-8555-555555555555");
const VERSION: &str = "7";
pub(super) const KEY_ID: &str = "1a2b3c4d";
const INITIATOR: &str = "iqn.2026-11.org.example:node-0";
const CHAP_SECRET: &str = "vol-1-chap";
const TARGET: &str = "iqn.2026-11.org.example:vol-1";
/// The network card that boots.
pub(super) const MAC: &str = "52:54:00:e2:e0:01";

/// What Ironic says of a failure.
pub(super) const WORDS: &str = "Ironic's words";

/// When all of it is observed, in seconds since 1970: any time does.
const NOW: i64 = 1_795_348_800;

/// What Ironic has for the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NodeCase {
    /// No node.
    Missing,
    /// A node in this state.
    In(ProvisionState),
    /// A node whose BMC was tried and refused.
    Unverified,
}

impl NodeCase {
    /// All of them, in Ironic's order.
    pub(super) fn all() -> Vec<Self> {
        let mut all = vec![Self::Missing];
        for state in ProvisionState::KNOWN {
            all.push(Self::In(state.clone()));
            if *state == ProvisionState::Enroll {
                all.push(Self::Unverified);
            }
        }
        all
    }

    /// The node's state.
    pub(super) fn state(&self) -> Option<&ProvisionState> {
        match self {
            Self::Missing => None,
            Self::In(state) => Some(state),
            Self::Unverified => Some(&ProvisionState::Enroll),
        }
    }
}

/// Usable credentials of the boot volume: others for each other word.
pub(super) fn chap(word: &str) -> SecretFacts {
    SecretFacts::Chap(ChapFacts {
        fingerprint: Fingerprint::new(KEY_ID, word),
        is_long: false,
    })
}

/// Facts about the Secret of the boot volume; one that is usable is so for a volume.
pub(super) fn chap_secret(facts: SecretFacts) -> BTreeMap<String, SecretFacts> {
    let facts = match facts {
        SecretFacts::Usable { version } => chap(&version),
        other => other,
    };
    [(CHAP_SECRET.to_owned(), facts)].into()
}

/// A host in a state and its node, with nothing out of the ordinary.
pub(super) fn observation(state: ProvisioningState, node: &NodeCase) -> Result<Observation> {
    let usable = SecretFacts::Usable {
        version: VERSION.to_owned(),
    };
    let node = match node {
        NodeCase::Missing => None,
        case => Some(self::node(state, case)?),
    };
    let is_deployed = node
        .as_ref()
        .is_some_and(|node| node.instance_uuid.is_some());
    let host = host(state)?;
    // They are taken last before a deployment, and given back last after an undeployment.
    let leases = match state {
        ProvisioningState::Ready | ProvisioningState::Available => Vec::new(),
        _ => leases(&host, &lease_holder(&host)),
    };
    Ok(Observation {
        host,
        hardware: None,
        rivals: Vec::new(),
        leases: LeaseFacts::Known(leases),
        bmc_credentials: usable.clone(),
        iscsi_credentials: chap_secret(usable),
        config_drive: user_data::content(),
        ironic: IronicView::Seen(Box::new(Seen {
            ports: vec![port()?],
            connectors: if is_deployed {
                vec![connector()?]
            } else {
                Vec::new()
            },
            targets: if is_deployed {
                vec![target(NODE)?]
            } else {
                Vec::new()
            },
            virtual_media: user_data::drive(false),
            abilities: Some(Abilities::from(driver()?)),
            node,
            ..Seen::default()
        })),
        settings: Settings {
            soft_power_off_timeout: Duration::from_mins(3),
            deploy_kernel: "http://deploy-kernel.invalid/".to_owned(),
            deploy_ramdisk: "http://deploy-ramdisk.invalid/".to_owned(),
            max_provisioning_retries: 5,
            provisioning_limit: 20,
            volume_lease_namespace: "ironboot-system".to_owned(),
        },
        now: now(),
        fresh_id: FRESH,
    })
}

/// The Leases that the host needs in its state.
pub(super) fn leases(host: &BareMetalHost, holder: &str) -> Vec<LeaseFact> {
    let needed = looked_up_leases(host).into_iter();
    needed
        .map(|lease| LeaseFact {
            name: lease.name,
            holder: holder.to_owned(),
            host_uid: host.metadata.uid.clone(),
            version: VERSION.to_owned(),
            fenced: None,
            holder_is: HolderFacts::NotRead,
            is_deleted: false,
        })
        .collect()
}

/// What Ironic has enabled: all that the example needs.
fn driver() -> Result<Driver> {
    let mut driver = json!({"name": "redfish", "hosts": ["conductor"]});
    for kind in INTERFACES {
        let all = ["redfish", "ipxe", "direct", "external", "noop"];
        driver[format!("enabled_{kind}_interfaces")] = json!(all);
    }
    from(driver)
}

/// The kinds of interfaces that a node of the example has.
const INTERFACES: [&str; 10] = [
    "bios",
    "boot",
    "deploy",
    "firmware",
    "inspect",
    "management",
    "power",
    "raid",
    "storage",
    "vendor",
];

/// A host as it is in a state, if all goes well.
fn host(state: ProvisioningState) -> Result<BareMetalHost> {
    use ProvisioningState as S;
    let mut host: BareMetalHost = from(json!({
        "apiVersion": "metal3.io/v1alpha1",
        "kind": "BareMetalHost",
        "metadata": {"name": "node-0", "namespace": "metal", "uid": HOST, "generation": 1, "resourceVersion": "100"},
        "spec": {
            "online": true,
            "bootMACAddress": MAC,
            "bootMode": "legacy",
            "inspectionMode": "disabled",
            "bmc": {
                "address": "redfish+http://192.0.2.1:8000/redfish/v1/Systems/1",
                "credentialsName": "node-0-bmc",
            },
        },
        "status": {
            "errorCount": 0,
            "errorMessage": "",
            "operationalStatus": "OK",
            "poweredOn": is_on(state),
            "provisioning": {"state": state, "ID": ""},
            "provisioningFailCount": 0,
        },
    }))?;
    if state != S::None {
        host.metadata.finalizers = Some(vec![names::FINALIZER.to_owned()]);
    }
    match state {
        S::Unmanaged => host.spec.bmc = None,
        S::ExternallyProvisioned => host.spec.externally_provisioned = Some(true),
        S::PoweringOffBeforeDelete | S::Deleting => delete(&mut host),
        S::Deprovisioning => {}
        S::None
        | S::Registering
        | S::Inspecting
        | S::MatchProfile
        | S::Preparing
        | S::Ready
        | S::Available
        | S::Provisioning
        | S::Provisioned => host.spec.boot_volume = Some(volume()?),
    }
    let status = host.status.get_or_insert_default();
    if !matches!(state, S::None | S::Unmanaged) {
        status.provisioning.id = NODE.to_string();
        let told = json!({"credentials": {"name": "node-0-bmc", "namespace": "metal"}, "credentialsVersion": VERSION});
        status.tried_credentials = from(told.clone())?;
        status.good_credentials = from(told)?;
    }
    if matches!(state, S::Provisioning | S::Provisioned | S::Deprovisioning) {
        status.provisioning.boot_volume = from(deployed_volume())?;
    }
    Ok(host)
}

/// Whether the machine is on in this state of its host, if all goes well.
fn is_on(state: ProvisioningState) -> bool {
    matches!(
        state,
        ProvisioningState::Provisioned
            | ProvisioningState::ExternallyProvisioned
            | ProvisioningState::PoweringOffBeforeDelete
    )
}

/// The node as registration leaves it, or as a deployment does where only one leads to its state.
fn node(host: ProvisioningState, case: &NodeCase) -> Result<Node> {
    use ProvisionState as P;
    let state = case.state();
    let is_deployed = matches!(
        state,
        Some(
            P::Active
                | P::Deploying
                | P::DeployWait
                | P::DeployFailed
                | P::DeployHold
                | P::DeployComplete
                | P::Deleting
                | P::Error
                | P::Rebuild
                | P::Rescue
                | P::Rescuing
                | P::RescueWait
                | P::RescueFailed
                | P::Unrescuing
                | P::UnrescueFailed
                | P::Service
                | P::Servicing
                | P::ServiceWait
                | P::ServiceFailed
                | P::ServiceHold
        )
    );
    let has_failed = state.is_some_and(|state| state.as_str().contains("failed"))
        || matches!(state, Some(P::Error | P::Rescue | P::Service))
        || matches!(state, Some(P::DeployHold | P::CleanHold | P::ServiceHold))
        || *case == NodeCase::Unverified;
    let is_ours = is_deployed && host != ProvisioningState::ExternallyProvisioned;
    let (storage, capabilities) = if is_ours {
        ("external", "boot_mode:bios,iscsi_boot:true")
    } else {
        ("noop", "boot_mode:bios")
    };
    let mut node = json!({
        "uuid": NODE,
        "name": "metal~node-0",
        "driver": "redfish",
        "provision_state": state,
        "power_state": if is_on(host) { "power on" } else { "power off" },
        "last_error": has_failed.then_some(WORDS),
        "maintenance": false,
        "automated_clean": false,
        "instance_uuid": is_ours.then_some(HOST),
        "properties": {"capabilities": capabilities},
        "driver_info": {
            "redfish_address": "http://192.0.2.1:8000",
            "redfish_system_id": "/redfish/v1/Systems/1",
            "redfish_verify_ca": true,
        },
    });
    for kind in INTERFACES {
        node[format!("{kind}_interface")] = match kind {
            "boot" => "ipxe",
            "deploy" => "direct",
            "storage" => storage,
            _ => "redfish",
        }
        .into();
    }
    from(node)
}

/// What the host is to boot from.
pub(super) fn volume() -> Result<BootVolume> {
    from(json!({
        "volumeId": "vol-1",
        "volumeDriver": "external",
        "connectorId": INITIATOR,
        "iscsiTarget": {"iqn": TARGET, "portal": "192.0.2.1:3260", "lun": 1},
        "iscsiCredentialsName": CHAP_SECRET,
    }))
}

fn deployed_volume() -> Value {
    json!({
        "volumeId": "vol-1",
        "volumeDriver": "external",
        "targetType": "iscsi",
        "connectorId": INITIATOR,
        "iscsiTarget": {"iqn": TARGET, "portal": "192.0.2.1:3260", "lun": 1, "authMethod": "CHAP"},
        "iscsiCredentialsName": CHAP_SECRET,
        "credentials": [{"name": CHAP_SECRET, "fingerprint": format!("{KEY_ID}.{VERSION}")}],
        "deploymentId": DEPLOYMENT,
    })
}

fn port() -> Result<Port> {
    from(json!({"uuid": Uuid::nil(), "node_uuid": NODE, "address": MAC, "pxe_enabled": true}))
}

fn connector() -> Result<VolumeConnector> {
    from(json!({"uuid": Uuid::nil(), "node_uuid": NODE, "type": "iqn", "connector_id": INITIATOR}))
}

/// The volume target of a node, of the host's deployment.
fn target(node: Uuid) -> Result<VolumeTarget> {
    from(json!({
        "uuid": Uuid::nil(), "node_uuid": node, "volume_type": "iscsi", "volume_id": "vol-1", "boot_index": 0,
        "properties": {
            "target_iqn": TARGET, "target_portal": "192.0.2.1:3260", "target_lun": 1,
            "auth_method": "CHAP", "auth_username": "node-0", "auth_password": "******",
        },
        "extra": {DEPLOYMENT_KEY: DEPLOYMENT, CREDENTIALS_KEY: format!("{KEY_ID}.{VERSION}")},
    }))
}

/// Another node's volume target for the same volume.
pub(super) fn target_of_another() -> Result<VolumeTarget> {
    target(OTHER_NODE)
}

/// Marks the node as the host's instance, as a registration does that makes it anew.
pub(super) fn mark_instance(node: &mut Node) {
    node.instance_uuid = Some(HOST);
}

/// The host is deleted, a moment ago.
pub(super) fn delete(host: &mut BareMetalHost) {
    host.metadata.deletion_timestamp = Some(ago(SignedDuration::from_secs(10)));
}

/// The moment before the observation.
pub(super) fn ago(time: SignedDuration) -> Time {
    Time(now() - time)
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap_or_default()
}

/// Reads an object of the example.
pub(super) fn from<T: DeserializeOwned>(value: Value) -> Result<T> {
    let shown = value.to_string();
    serde_json::from_value(value).with_context(|| format!("reading the example {shown}"))
}
