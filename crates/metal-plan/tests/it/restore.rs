//! The status of a host that comes from another cluster, and hardware that nobody inspects.

use ironic_types::{PowerState, ProvisionState};
use metal_api::v1alpha1::{
    BareMetalHost, ErrorType, HardwareDetails, InspectionMode, OperationalStatus,
    ProvisioningState as S,
};
use metal_plan::{LeaseFacts, NextHost, Observation, architecture, needs};
use rstest::rstest;
use serde_json::{Value, json};

use crate::fixtures::*;

const STATUS: &str = "baremetalhost.metal3.io/status";
const HARDWARE: &str = "inspect.metal3.io/hardwaredetails";
const DEPLOYED: &str = "ironboot.io/deployed-volume";

fn annotate(host: &mut BareMetalHost, name: &str, value: impl Into<String>) {
    let annotations = host.metadata.annotations.get_or_insert_default();
    annotations.insert(name.into(), value.into());
}

fn has_annotation(host: &BareMetalHost, name: &str) -> bool {
    let annotations = host.metadata.annotations.as_ref();
    annotations.is_some_and(|all| all.contains_key(name))
}

/// A host that was just created in this cluster, with a status of another one.
fn moved(status: impl Into<String>) -> BareMetalHost {
    host(S::None).with(|host| {
        host.status = None;
        annotate(host, STATUS, status);
    })
}

fn deployed() -> String {
    format!("{TARGET}/1/vol-1@{DEPLOYMENT}")
}

/// A status as Cluster API's provider writes it: Metal3's types, whose empty fields stay, without hardware.
fn by_cluster_api(state: &str) -> Value {
    json!({
        "operationalStatus": "OK",
        "lastUpdated": "2026-11-21T10:00:00Z",
        "hardwareProfile": "unknown",
        "provisioning": {
            "state": state, "ID": NODE, "image": {"url": ""}, "bootMode": "legacy",
            "raid": {"hardwareRAIDVolumes": null, "softwareRAIDVolumes": []},
        },
        "goodCredentials": {"credentials": {"name": "node-0-bmc", "namespace": "metal"}, "credentialsVersion": "7"},
        "triedCredentials": {"credentials": {"name": "node-0-bmc", "namespace": "metal"}, "credentialsVersion": "7"},
        "errorMessage": "",
        "poweredOn": true,
        "operationHistory": {
            "register": {"start": "2026-11-20T10:00:00Z", "end": "2026-11-20T10:01:00Z"},
            "inspect": {"start": null, "end": null},
            "provision": {"start": null, "end": null},
            "deprovision": {"start": null, "end": null},
        },
        "errorCount": 0,
        "provisioningFailCount": 0,
        "conditions": [{
            "type": "Ready", "status": "True", "reason": "Provisioned", "message": "",
            "lastTransitionTime": "2026-11-20T10:01:00Z",
        }],
    })
}

fn hardware(arch: &str) -> HardwareDetails {
    from(json!({"cpu": {"arch": arch}, "ramMebibytes": 4096, "storage": []}))
}

fn reasons(next: &NextHost) -> Vec<&str> {
    next.events
        .iter()
        .map(|event| event.reason.as_str())
        .collect()
}

/// Passes until something else is planned than what annotations lead to.
fn settle(mut observation: Observation) -> Observation {
    for _ in 0..3 {
        let plan = planned(&observation).to_string();
        if !plan.starts_with("enter: restored")
            && !plan.starts_with("enter: without annotation")
            && plan != "enter: hardware of the annotation"
        {
            return observation;
        }
        observation.host = after(&observation).host;
    }
    panic!(
        "annotations lead to pass after pass: {}",
        planned(&observation)
    );
}

#[test]
fn a_status_that_was_never_written_is_restored_and_then_the_annotation_goes() {
    let mut observation = observe(moved(by_cluster_api("available").to_string()));
    assert!(needs(&observation.host, None).hardware);
    expect(&observation, "enter: restored: available");
    let next = after(&observation);
    assert_eq!(reasons(&next), ["StatusRestored"]);
    // A pass that ends between the two writes loses nothing.
    assert!(has_annotation(&next.host, STATUS));
    let status = next.host.status.clone().unwrap();
    assert_eq!(status.provisioning.state, S::Available);
    assert_eq!(status.provisioning.id, NODE);
    assert_eq!(status.provisioning.image, None);
    assert!(status.powered_on);
    assert_eq!(
        status
            .good_credentials
            .unwrap()
            .credentials_version
            .as_deref(),
        Some("7")
    );
    assert!(status.operation_history.unwrap().register.is_some());

    observation.host = next.host;
    expect(
        &observation,
        "enter: without annotation baremetalhost.metal3.io/status",
    );
    let next = after(&observation);
    assert_eq!(next.events, []);
    assert!(!has_annotation(&next.host, STATUS));
    assert_eq!(next.host.state(), S::Available);
}

/// As another version writes them, or a hand: some may be refused by the schema, and the whole status with them.
#[test]
fn conditions_are_not_restored_but_found_anew() {
    let mut status = by_cluster_api("available");
    status["conditions"] = json!([
        {
            "type": "Ready", "status": "False", "reason": "", "message": "of before",
            "lastTransitionTime": "2026-11-20T10:01:00Z",
        },
        {
            "type": "OfAnotherVersion", "status": "True", "reason": "", "message": "",
            "lastTransitionTime": "2026-11-20T10:01:00Z",
        },
    ]);
    let next = after(&observe(moved(status.to_string())));
    let conditions = next.host.status.unwrap().conditions;
    let types: Vec<_> = conditions.iter().map(|one| one.type_.as_str()).collect();
    assert!(types.contains(&"Ready"), "{types:?}");
    assert!(!types.contains(&"OfAnotherVersion"), "{types:?}");
    for condition in conditions {
        assert_ne!(condition.reason, "", "{}", condition.type_);
        assert_ne!(condition.message, "of before");
    }
}

#[test]
fn a_part_of_a_status_is_enough() {
    let partial = json!({"provisioning": {"state": "externally provisioned"}});
    let status = after(&observe(moved(partial.to_string())))
        .host
        .status
        .unwrap();
    assert_eq!(status.provisioning.state, S::ExternallyProvisioned);
    assert!(status.last_updated.is_some());
}

#[rstest]
#[case::nothing("{}")]
#[case::empty("")]
#[case::only_hardware(r#"{"hardware": {"hostname": "a"}}"#)]
fn an_annotation_without_a_state_leads_to_a_registration(#[case] text: &str) {
    let settled = settle(observe(moved(text)));
    expect(&settled, "enter: registering");
    assert!(!has_annotation(&settled.host, STATUS));
}

#[test]
fn the_hardware_of_a_hardware_data_counts_more_than_the_annotations() {
    let mut status = by_cluster_api("available");
    status["hardware"] = json!({"hostname": "of the annotation"});
    let mut observation = observe(moved(status.to_string()));
    let next = after(&observation).host.status.unwrap();
    assert_eq!(
        next.hardware.unwrap().hostname.unwrap(),
        "of the annotation"
    );
    observation.hardware = Some(hardware("aarch64"));
    let next = after(&observation).host.status.unwrap();
    assert_eq!(next.hardware, Some(hardware("aarch64")));
}

#[test]
fn an_annotation_beside_a_status_is_outdated_and_goes_unread() {
    let observation = observe(host(S::Provisioned).with(|host| {
        host.status.as_mut().unwrap().last_updated = Some(ago(60));
        annotate(host, STATUS, "{ not JSON");
    }))
    .seeing(deployed_node(ProvisionState::Active, PowerState::On));
    let next = after(&observation);
    assert!(!has_annotation(&next.host, STATUS));
    assert_eq!(next.host.state(), S::Provisioned);
    assert_eq!(next.events, []);
}

#[test]
fn a_paused_host_is_not_restored() {
    let observation = observe(moved(by_cluster_api("available").to_string()).with(|host| {
        annotate(host, "baremetalhost.metal3.io/paused", "metal3.io/capm3");
    }));
    expect(&observation, "ignore: paused");
    assert!(!needs(&observation.host, None).hardware);
    assert_eq!(after(&observation).host, observation.host);
}

#[rstest]
#[case::no_json("{ not JSON", "can't be read")]
#[case::a_list("[]", "no JSON object")]
#[case::operational_status(r#"{"operationalStatus": "splendid"}"#, "splendid")]
#[case::error_type(r#"{"errorType": "bad luck"}"#, "bad luck")]
#[case::state(r#"{"provisioning": {"state": "flying"}}"#, "flying")]
#[case::boot_mode(r#"{"provisioning": {"bootMode": "BIOS"}}"#, "BIOS")]
#[case::number(r#"{"errorCount": "many"}"#, "many")]
fn an_unreadable_status_blocks_the_registration_until_it_is_corrected_or_removed(
    #[case] text: &str,
    #[case] problem: &str,
) {
    let mut observation = observe(moved(text));
    for _ in 0..2 {
        expect_start(
            &observation,
            "wait: annotation baremetalhost.metal3.io/status: ",
        );
        let status = after(&observation).host.status.clone().unwrap();
        assert_eq!(status.error_type, Some(ErrorType::Registration));
        assert_eq!(status.operational_status, OperationalStatus::Error);
        assert!(
            status.error_message.contains(problem),
            "{}",
            status.error_message
        );
        assert!(status.error_message.contains("; correct it, or remove it"));
        // What it shows now is not taken for a status that was written.
        observation.host = after(&observation).host;
    }
    let corrected = observation.clone().with(|observation| {
        annotate(
            &mut observation.host,
            STATUS,
            by_cluster_api("available").to_string(),
        );
    });
    expect(&corrected, "enter: restored: available");
    assert_eq!(
        after(&corrected).host.status.unwrap().error_message,
        "this host boots from its spec.bootVolume and is not offered to consumers"
    );
    let removed = observation.with(|observation| observation.host.metadata.annotations = None);
    expect(&removed, "enter: registering");
    assert_eq!(after(&removed).host.status.unwrap().error_message, "");
}

/// As another version of Metal3 or of this operator writes them.
#[rstest]
#[case::at_the_top(json!({"colour": "red"}), Some("colour"))]
#[case::below(json!({"provisioning": {"state": "available", "speed": 1}}), Some("provisioning.speed"))]
#[case::in_a_list(
    json!({"hardware": {"nics": [{"name": "eth0"}, {"name": "eth1", "colour": "red"}]}}),
    Some("hardware.nics[1].colour")
)]
#[case::without_a_value(json!({"colour": "", "speeds": [null]}), Some("speeds"))]
#[case::empty(json!({"colour": "", "speed": {"of": null}}), None)]
fn fields_that_nothing_here_knows_are_left_out_and_told(
    #[case] fields: Value,
    #[case] told: Option<&str>,
) {
    let mut status = by_cluster_api("available");
    for (name, value) in fields.as_object().unwrap() {
        status[name] = value.clone();
    }
    let next = after(&observe(moved(status.to_string())));
    assert_eq!(next.host.state(), S::Available);
    assert_eq!(reasons(&next)[0], "StatusRestored");
    let note = &next.events[0].note;
    let expected = told.map(|path| format!("; {path}, which nothing here knows, was left out"));
    assert_eq!(
        note.strip_prefix(
            "the status was restored from the annotation baremetalhost.metal3.io/status; the host is available"
        ),
        Some(expected.unwrap_or_default().as_str())
    );
}

#[rstest]
#[case(r#"{"operationalStatus": "servicing"}"#)]
#[case(r#"{"errorType": "servicing error"}"#)]
#[case(r#"{"errorType": "detach error"}"#)]
fn what_metal3_itself_writes_and_refuses_is_restored(#[case] text: &str) {
    expect_start(&observe(moved(text)), "enter: restored");
}

#[test]
fn a_host_with_an_unreadable_status_can_be_deleted() {
    let observation = observe(moved("{ not JSON").with(deleted));
    expect(&observation, "enter: deleting");
}

#[rstest]
#[case("provisioning")]
#[case("provisioned")]
#[case("deprovisioning")]
fn the_volume_that_metal3s_types_dropped_is_rebuilt_from_spec_and_annotation(#[case] state: &str) {
    let host =
        moved(by_cluster_api(state).to_string()).with(|host| annotate(host, DEPLOYED, deployed()));
    let status = after(&observe(host)).host.status.unwrap();
    assert_eq!(status.provisioning.boot_volume, Some(rebuilt()));
    assert_eq!(status.provisioning.state.as_str(), state);
}

#[test]
fn a_moved_host_goes_on_without_an_effect_on_its_machine() {
    let host = moved(by_cluster_api("provisioned").to_string())
        .with(|host| annotate(host, DEPLOYED, deployed()));
    let mut settled =
        settle(observe(host).seeing(deployed_node(ProvisionState::Active, PowerState::On)));
    expect_start(&settled, "act: TakeLeases(initiator ");
    settled.leases = LeaseFacts::Known(held(&settled.host));
    expect(&settled, "rest");
}

/// It can always be deleted: the annotation has its machine shut down and undeployed.
#[test]
fn a_conflict_does_not_keep_a_host_that_is_deleted() {
    let host = moved(by_cluster_api("provisioned").to_string())
        .with(|host| annotate(host, DEPLOYED, deployed()))
        .with(without_volume)
        .with(deleted);
    expect(&observe(host), "enter: restored: provisioned");
}

/// It is written before the status, and the intent may have been given up in between.
#[test]
fn an_annotation_of_a_deployment_that_never_began_is_taken_away() {
    let idle = host(S::Available)
        .with(without_volume)
        .with(|host| annotate(host, DEPLOYED, deployed()));
    let observation = observe(idle).seeing(node(ProvisionState::Available, PowerState::Off));
    assert_eq!(after(&observation).host.metadata.annotations, None);
}

/// As from a backup that holds no status: the machine runs, and must not be deployed again.
#[test]
fn a_host_that_has_lost_its_status_is_restored_from_the_annotation_of_its_deployment() {
    let lost = host(S::None).with(|host| annotate(host, DEPLOYED, deployed()));
    expect(&observe(lost.clone()), "enter: restored: provisioned");
    let next = after(&observe(lost.clone())).host;
    assert_eq!(
        next.status.as_ref().unwrap().provisioning.boot_volume,
        Some(rebuilt())
    );
    assert!(next.metadata.finalizers.is_some_and(|all| !all.is_empty()));
    let other = lost.with(|host| {
        host.spec.boot_volume.as_mut().unwrap().volume_id = "vol-2".into();
    });
    expect_start(&observe(other), "wait: VolumeConflict: ");
}

#[test]
fn a_release_goes_on_without_a_volume_in_the_spec() {
    let host = moved(by_cluster_api("deprovisioning").to_string())
        .with(without_volume)
        .with(|host| annotate(host, DEPLOYED, deployed()));
    let settled =
        settle(observe(host).seeing(deployed_node(ProvisionState::Active, PowerState::Off)));
    assert!(has_annotation(&settled.host, DEPLOYED));
    expect(&settled, "act: SetProvisionState(deleted)");
}

#[rstest]
#[case::another_volume("provisioned", |host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().volume_id = "vol-2".into())]
#[case::another_target("provisioning", |host: &mut BareMetalHost| {
    iscsi(host).iqn = "iqn.2026-11.org.example:vol-2".into();
})]
#[case::another_lun("deprovisioning", |host: &mut BareMetalHost| {
    iscsi(host).lun = 2;
})]
#[case::no_volume("provisioned", without_volume)]
#[case::an_annotation_without_a_deployment("provisioned", |host: &mut BareMetalHost| annotate(host, DEPLOYED, "vol-1"))]
fn another_volume_than_the_deployed_one_is_a_conflict_without_effect(
    #[case] state: &str,
    #[case] change: fn(&mut BareMetalHost),
) {
    let host = moved(by_cluster_api(state).to_string())
        .with(|host| annotate(host, DEPLOYED, deployed()))
        .with(change);
    let mut observation = observe(host);
    for _ in 0..2 {
        expect_start(
            &observation,
            "wait: VolumeConflict: ironboot.io/deployed-volume: the host is deployed from ",
        );
        observation.host = after(&observation).host;
    }
    assert!(has_annotation(&observation.host, STATUS));
    assert_eq!(observation.host.state(), S::None);
}

#[test]
fn a_record_of_ones_own_is_restored_if_it_is_what_the_annotation_says() {
    let mut own = by_cluster_api("provisioned");
    own["provisioning"]["bootVolume"] = serde_json::to_value(intent()).unwrap();
    let own = moved(own.to_string()).with(|host| annotate(host, DEPLOYED, deployed()));
    let status = after(&observe(own.clone())).host.status.unwrap();
    assert_eq!(status.provisioning.boot_volume, Some(intent()));
    let other = own.with(|host| annotate(host, DEPLOYED, format!("{TARGET}/1/vol-1@{FRESH}")));
    expect_start(&observe(other), "wait: VolumeConflict: ");
}

#[test]
fn a_host_that_another_operator_deployed_is_restored_without_a_volume() {
    let mut image = by_cluster_api("provisioned");
    image["provisioning"]["image"] = json!({"url": "http://192.0.2.1/a", "checksum": "b"});
    let host = moved(image.to_string()).with(without_volume);
    let status = after(&observe(host)).host.status.unwrap();
    assert_eq!(status.provisioning.boot_volume, None);
    assert_eq!(status.provisioning.image.unwrap().url, "http://192.0.2.1/a");
}

#[rstest]
#[case(S::Registering)]
#[case(S::Preparing)]
#[case(S::Available)]
#[case(S::Provisioning)]
#[case(S::Provisioned)]
#[case(S::Deprovisioning)]
fn what_is_published_can_be_restored(#[case] state: S) {
    let observation = observe(host(state).with(|host| {
        host.status.as_mut().unwrap().hardware = Some(hardware("x86_64"));
        failed(host, ErrorType::Provisioning, 10);
    }))
    .seeing(deployed_node(ProvisionState::Active, PowerState::On));
    let published = after(&observation).host.status.unwrap();
    let host = moved(serde_json::to_string(&published).unwrap()).with(|host| {
        if published.provisioning.boot_volume.is_some() {
            annotate(host, DEPLOYED, deployed());
        }
    });
    let restored = after(&observe(host)).host.status.unwrap();
    let essence = |mut status: metal_api::v1alpha1::BareMetalHostStatus| {
        status.conditions.clear();
        status.boot_volume = None;
        status
    };
    assert_eq!(essence(restored), essence(published));
}

fn with_hardware(state: S, text: &str) -> Observation {
    observe(host(state).with(|host| annotate(host, HARDWARE, text)))
        .seeing(node(ProvisionState::Manageable, PowerState::Off))
}

fn known_hardware(observation: &mut Observation, arch: &str) {
    observation.host.status.as_mut().unwrap().hardware = Some(hardware(arch));
}

#[rstest]
#[case::nothing_is_known(|_: &mut Observation| {})]
#[case::nothing_is_known_and_it_is_inspected(|observation: &mut Observation| observation.host.spec.inspection_mode = None)]
#[case::something_is_known(|observation: &mut Observation| known_hardware(observation, "x86_64"))]
fn hardware_of_the_annotation_is_taken_and_then_the_annotation_goes(
    #[case] change: fn(&mut Observation),
) {
    let text = serde_json::to_string(&hardware("aarch64")).unwrap();
    let mut observation = with_hardware(S::Preparing, &text).with(change);
    assert!(needs(&observation.host, None).hardware);
    expect(&observation, "enter: hardware of the annotation");
    let next = after(&observation);
    assert_eq!(reasons(&next), ["UpdateHardwareDetails"]);
    assert!(has_annotation(&next.host, HARDWARE));
    observation.host = next.host;
    if observation.host.spec.inspection_mode == Some(InspectionMode::Disabled) {
        let next = after(&observation);
        assert_eq!(next.events, []);
    }
    let settled = settle(observation);
    assert!(!has_annotation(&settled.host, HARDWARE));
    let status = settled.host.status.unwrap();
    assert_eq!(status.hardware, Some(hardware("aarch64")));
}

#[rstest]
#[case::it_is_inspected_and_something_is_known(|observation: &mut Observation| {
    observation.host.spec.inspection_mode = Some(InspectionMode::Agent);
    known_hardware(observation, "x86_64");
})]
#[case::there_is_a_hardware_data(|observation: &mut Observation| observation.hardware = Some(hardware("x86_64")))]
#[case::it_is_empty(|observation: &mut Observation| {
    annotate(&mut observation.host, HARDWARE, "");
    known_hardware(observation, "x86_64");
})]
fn hardware_of_the_annotation_is_ignored_with_an_event(#[case] change: fn(&mut Observation)) {
    let text = serde_json::to_string(&hardware("aarch64")).unwrap();
    let observation = with_hardware(S::Preparing, &text).with(change);
    let next = after(&observation);
    assert!(
        reasons(&next).contains(&"RemoveAnnotation"),
        "{:?}",
        next.events
    );
    assert!(!has_annotation(&next.host, HARDWARE));
    assert_eq!(next.host.status.unwrap().hardware, Some(hardware("x86_64")));
}

#[rstest]
#[case("{ not JSON", "can't be read")]
#[case(r#"{"wheels": 4}"#, "holds wheels")]
#[case(r#"{"storage": [{"type": "TAPE"}]}"#, "TAPE")]
fn unreadable_hardware_is_an_inspection_error_and_keeps_nobody_from_deleting(
    #[case] text: &str,
    #[case] problem: &str,
) {
    let observation = with_hardware(S::Preparing, text);
    expect_start(
        &observation,
        "wait: annotation inspect.metal3.io/hardwaredetails: ",
    );
    let status = after(&observation).host.status.unwrap();
    assert_eq!(status.error_type, Some(ErrorType::Inspection));
    assert!(
        status.error_message.contains(problem),
        "{}",
        status.error_message
    );
    expect(
        &observation.with(|observation| deleted(&mut observation.host)),
        "enter: powering off before delete",
    );
}

#[test]
fn the_hardware_of_a_hardware_data_is_copied_once() {
    let observation = observe(host(S::Preparing))
        .seeing(node(ProvisionState::Available, PowerState::Off))
        .with(|observation| observation.hardware = Some(hardware("x86_64")));
    let next = after(&observation);
    assert!(reasons(&next).contains(&"UpdateHardwareDetails"));
    assert_eq!(
        next.host.status.as_ref().unwrap().hardware,
        Some(hardware("x86_64"))
    );
    let again = observation.with(|observation| observation.host = next.host);
    assert!(!reasons(&after(&again)).contains(&"UpdateHardwareDetails"));
}

#[test]
fn what_an_inspection_found_is_not_overwritten() {
    let observation = observe(host(S::Preparing).with(|host| {
        host.spec.inspection_mode = None;
        host.status.as_mut().unwrap().hardware = Some(hardware("x86_64"));
    }))
    .seeing(node(ProvisionState::Available, PowerState::Off))
    .with(|observation| observation.hardware = Some(hardware("aarch64")));
    let next = after(&observation);
    assert_eq!(next.host.status.unwrap().hardware, Some(hardware("x86_64")));
}

#[rstest]
#[case::of_the_spec(Some("s390x"), Some("aarch64"), Some("x86_64"), Some("s390x"))]
#[case::of_the_hardware_data(None, Some("aarch64"), Some("x86_64"), Some("aarch64"))]
#[case::an_empty_one_is_none(Some(""), Some("aarch64"), None, Some("aarch64"))]
#[case::of_the_status(None, None, Some("x86_64"), Some("x86_64"))]
#[case::unknown(None, None, None, None)]
fn the_architecture_is_never_written_into_the_spec(
    #[case] of_spec: Option<&str>,
    #[case] of_data: Option<&str>,
    #[case] of_status: Option<&str>,
    #[case] expected: Option<&str>,
) {
    let observation = observe(host(S::Preparing).with(|host| {
        host.spec.architecture = of_spec.map(Into::into);
        host.status.as_mut().unwrap().hardware = of_status.map(hardware);
    }))
    .with(|observation| observation.hardware = of_data.map(hardware))
    .seeing(node(ProvisionState::Available, PowerState::Off));
    assert_eq!(architecture(&observation), expected);
    assert_eq!(after(&observation).host.spec, observation.host.spec);
}
