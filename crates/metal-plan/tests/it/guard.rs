//! Which Secrets are guarded from being deleted, and by what.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use metal_api::v1alpha1::{BareMetalHost, ProvisioningState};
use metal_plan::SecretUse::{Forbids, Keeps, Reads, Uses};
use metal_plan::{GuardSeen, GuardStep, SecretUse, guard, secret_uses};
use rstest::rstest;
use serde_json::{Value, json};

use super::fixtures::{With, from, host};
use ProvisioningState as S;

/// Of volumes.
fn uses(host: &BareMetalHost) -> BTreeMap<String, SecretUse> {
    let mut uses = secret_uses(host);
    uses.remove(BMC);
    uses
}

const BMC: &str = "node-0-bmc";

/// Ironic has reached the BMC with the credentials of this Secret.
fn reached_with(host: &mut BareMetalHost, secret: &str) {
    host.status.get_or_insert_default().good_credentials = Some(from(
        json!({"credentials": {"name": secret, "namespace": "metal"}, "credentialsVersion": "7"}),
    ));
}

fn of_vol_1(secret_use: SecretUse) -> BTreeMap<String, SecretUse> {
    [("vol-1-chap".to_owned(), secret_use)].into()
}

fn ready(host: &mut BareMetalHost, status: &str) {
    host.status.get_or_insert_default().conditions = vec![from(json!({
        "type": "BootVolumeReady", "status": status, "reason": "Ready", "message": "",
        "lastTransitionTime": "2026-11-22T12:00:00Z",
    }))];
}

fn annotate(host: &mut BareMetalHost, name: &str) {
    let annotations = host.metadata.annotations.get_or_insert_default();
    annotations.insert(name.to_owned(), String::new());
}

#[rstest]
#[case::being_deployed(S::Provisioning)]
#[case::deployed(S::Provisioned)]
#[case::being_released(S::Deprovisioning)]
fn the_secret_of_a_deployment_on_record_is_used(#[case] state: ProvisioningState) {
    assert_eq!(uses(&host(state)), of_vol_1(Uses));
    let released = host(state).with(|host| host.spec.boot_volume = None);
    assert_eq!(uses(&released), of_vol_1(Uses), "until the record goes");
}

#[test]
fn a_secret_that_is_named_is_used_once_the_volume_was_found_usable() {
    let checking = host(S::Available).with(|host| ready(host, "Unknown"));
    assert_eq!(uses(&checking), BTreeMap::new());
    let ready = host(S::Available).with(|host| ready(host, "True"));
    assert_eq!(uses(&ready), of_vol_1(Uses));
}

/// Nobody has looked at the Secret since, so no guard is set anew.
#[test]
fn the_guard_of_a_volume_that_is_held_stays_as_it_is() {
    let held = host(S::Available)
        .with(|host| ready(host, "False"))
        .with(|host| annotate(host, "ironboot.io/released-volume"));
    assert_eq!(uses(&held), of_vol_1(Keeps));
    let recorded = host(S::Provisioned).with(|host| annotate(host, "ironboot.io/deployed-volume"));
    assert_eq!(
        uses(&recorded.with(|host| annotate(host, "ironboot.io/released-volume"))),
        of_vol_1(Uses)
    );
}

#[test]
fn a_host_that_lost_its_status_uses_what_it_names() {
    let host = host(S::None).with(|host| annotate(host, "ironboot.io/deployed-volume"));
    assert_eq!(uses(&host), of_vol_1(Uses));
}

#[test]
fn the_secret_of_the_next_deployment_is_used_beside_that_of_the_present_one() {
    let host = host(S::Provisioned).with(|host| {
        ready(host, "True");
        let volume = host.spec.boot_volume.as_mut().unwrap();
        volume.iscsi_credentials_name = Some("vol-1-new".to_owned());
    });
    let names: Vec<_> = uses(&host).into_keys().collect();
    assert_eq!(names, ["vol-1-chap", "vol-1-new"]);
}

#[rstest]
#[case("baremetalhost.metal3.io/paused")]
#[case("clusterctl.cluster.x-k8s.io/delete-for-move")]
fn nothing_changes_for_a_paused_host(#[case] annotation: &str) {
    let host = host(S::Provisioned).with(|host| annotate(host, annotation));
    assert_eq!(uses(&host), of_vol_1(Forbids));
}

#[rstest]
#[case(S::PoweringOffBeforeDelete)]
#[case(S::Deleting)]
fn the_guard_of_a_host_that_goes_stays_until_it_is_gone(#[case] state: ProvisioningState) {
    assert_eq!(uses(&host(state)), of_vol_1(Keeps));
}

#[test]
fn no_other_secret_is_used() {
    assert_eq!(uses(&host(S::Registering)), BTreeMap::new());
    let without = host(S::Provisioned).with(|host| {
        host.spec.boot_volume = None;
        host.status.as_mut().unwrap().provisioning.boot_volume = None;
    });
    assert_eq!(uses(&without), BTreeMap::new());
}

/// Of a Secret whose type says that it is for iSCSI.
fn seen(metadata: Value) -> GuardSeen {
    GuardSeen {
        is_for_iscsi: true,
        ..seen_of_any(metadata)
    }
}

fn seen_of_any(metadata: Value) -> GuardSeen {
    GuardSeen::of(&from::<ObjectMeta>(metadata))
}

fn guarded() -> Value {
    json!({
        "finalizers": ["ironboot.io/in-use"],
        "labels": {"environment.metal3.io": "baremetal", "clusterctl.cluster.x-k8s.io/move": ""},
    })
}

fn set(labels: &[(&str, &str)]) -> GuardStep {
    let owned = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    GuardStep::Set {
        labels: owned.collect(),
        finalizer: true,
    }
}

const BOTH: [(&str, &str); 2] = [
    ("environment.metal3.io", "baremetal"),
    ("clusterctl.cluster.x-k8s.io/move", ""),
];

#[rstest]
#[case::bare(json!({}), &BOTH)]
#[case::without_finalizer(json!({"labels": guarded()["labels"]}), &BOTH)]
#[case::with_one_label(
    json!({"finalizers": ["ironboot.io/in-use"], "labels": {"environment.metal3.io": "baremetal"}}), &BOTH
)]
#[case::with_a_label_of_somebody_else(json!({"labels": {"environment.metal3.io": "theirs"}}), &BOTH[1..])]
fn what_is_used_and_not_guarded_gets_what_it_lacks(
    #[case] metadata: Value,
    #[case] labels: &[(&str, &str)],
) {
    assert_eq!(guard(&[Uses], &seen(metadata.clone())), set(labels));
    let of_two = |other| guard(&[other, Uses], &seen(metadata.clone()));
    assert_eq!(of_two(Keeps), set(labels));
    assert_eq!(of_two(Forbids), GuardStep::Keep);
}

#[test]
fn what_is_used_and_guarded_stays_as_it_is() {
    assert_eq!(guard(&[Uses, Uses], &seen(guarded())), GuardStep::Keep);
    let theirs = json!({
        "finalizers": ["ironboot.io/in-use"],
        "labels": {"environment.metal3.io": "theirs", "clusterctl.cluster.x-k8s.io/move": "yes"},
    });
    assert_eq!(guard(&[Uses], &seen(theirs)), GuardStep::Keep);
}

#[test]
fn the_last_host_lets_go() {
    assert_eq!(guard(&[], &seen(guarded())), GuardStep::Remove);
    assert_eq!(guard(&[Uses], &seen(guarded())), GuardStep::Keep);
    assert_eq!(guard(&[Keeps], &seen(guarded())), GuardStep::Keep);
    assert_eq!(guard(&[Keeps], &seen(json!({}))), GuardStep::Keep);
    assert_eq!(guard(&[Forbids], &seen(guarded())), GuardStep::Keep);
}

#[test]
fn labels_without_the_finalizer_are_somebody_elses() {
    let labels = json!({"labels": guarded()["labels"]});
    assert_eq!(guard(&[], &seen(labels)), GuardStep::Keep);
}

#[test]
fn what_is_being_deleted_gets_no_guard_and_can_lose_it() {
    let mut deleted = json!({"deletionTimestamp": "2026-11-22T12:00:00Z"});
    assert_eq!(guard(&[Uses], &seen(deleted.clone())), GuardStep::Keep);
    deleted["finalizers"] = guarded()["finalizers"].clone();
    assert_eq!(guard(&[Uses], &seen(deleted.clone())), GuardStep::Keep);
    assert_eq!(guard(&[], &seen(deleted)), GuardStep::Remove);
}

#[test]
fn what_did_not_opt_in_gets_no_guard() {
    for metadata in [
        json!({}),
        json!({"labels": {"ironboot.io/iscsi-credentials": "false"}}),
        json!({"labels": guarded()["labels"]}),
        json!({"finalizers": guarded()["finalizers"]}),
    ] {
        assert_eq!(guard(&[Uses], &seen_of_any(metadata)), GuardStep::Keep);
    }
    let opted_in = json!({"labels": {"ironboot.io/iscsi-credentials": "true"}});
    assert_eq!(guard(&[Uses], &seen_of_any(opted_in)), set(&BOTH));
}

#[test]
fn a_guard_on_what_does_not_opt_in_any_more_goes_with_the_last_host() {
    assert_eq!(guard(&[Uses], &seen_of_any(guarded())), GuardStep::Keep);
    assert_eq!(guard(&[], &seen_of_any(guarded())), GuardStep::Remove);
}

#[test]
fn the_secret_that_a_bmc_was_reached_with_goes_along_on_a_move() {
    let of_bmc = |host: BareMetalHost| secret_uses(&host).get(BMC).copied();
    let reached = |state| host(state).with(|host| reached_with(host, BMC));
    assert_eq!(
        of_bmc(host(S::Registering).with(|host| host.status = None)),
        None
    );
    assert_eq!(
        of_bmc(host(S::Registering).with(|host| reached_with(host, "of-before"))),
        None
    );
    for state in [
        S::Registering,
        S::Available,
        S::Provisioned,
        S::ExternallyProvisioned,
    ] {
        assert_eq!(of_bmc(reached(state)), Some(Reads), "{state}");
    }
    assert_eq!(of_bmc(reached(S::Deleting)), Some(Keeps));
    let paused =
        reached(S::Available).with(|host| annotate(host, "baremetalhost.metal3.io/paused"));
    assert_eq!(of_bmc(paused), Some(Forbids));
}

fn labelled(finalizer: bool) -> GuardStep {
    GuardStep::Set {
        labels: [(BOTH[1].0.to_owned(), String::new())].into(),
        finalizer,
    }
}

/// As the API server writes down who set the label.
fn labelled_by(manager: &str) -> Value {
    json!({
        "labels": {"clusterctl.cluster.x-k8s.io/move": ""},
        "managedFields": [{
            "manager": manager, "operation": "Apply", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:labels": {"f:clusterctl.cluster.x-k8s.io/move": {}}}},
        }],
    })
}

#[rstest]
#[case::bare(&[Reads], json!({}), labelled(false))]
#[case::of_two_hosts(&[Reads, Keeps], json!({}), labelled(false))]
#[case::labelled_by_us(&[Reads], labelled_by("ironboot-secret-guard"), GuardStep::Keep)]
#[case::labelled_by_somebody(&[Reads], labelled_by("kubectl"), GuardStep::Keep)]
#[case::with_another_value(&[Reads], json!({"labels": {"clusterctl.cluster.x-k8s.io/move": "yes"}}), GuardStep::Keep)]
#[case::being_deleted(&[Reads], json!({"deletionTimestamp": "2026-11-22T12:00:00Z"}), GuardStep::Keep)]
#[case::of_a_paused_host(&[Reads, Forbids], json!({}), GuardStep::Keep)]
#[case::of_a_host_that_goes(&[Keeps], labelled_by("ironboot-secret-guard"), GuardStep::Keep)]
#[case::of_nobody(&[], labelled_by("ironboot-secret-guard"), GuardStep::Remove)]
#[case::of_nobody_and_labelled_by_somebody(&[], labelled_by("kubectl"), GuardStep::Keep)]
#[case::guarded_for_a_volume_that_is_gone(&[Reads], guarded(), GuardStep::Remove)]
#[case::guarded_for_a_volume(&[Reads, Uses], guarded(), GuardStep::Keep)]
#[case::guarded_without_the_label(&[Reads, Keeps], json!({"finalizers": guarded()["finalizers"]}), labelled(true))]
fn the_secret_of_a_bmc_has_the_label_that_moves_it(
    #[case] uses: &[SecretUse],
    #[case] metadata: Value,
    #[case] step: GuardStep,
) {
    assert_eq!(guard(uses, &seen_of_any(metadata)), step);
}

#[test]
fn a_volumes_secret_is_guarded_though_a_bmc_is_reached_with_it() {
    assert_eq!(guard(&[Reads, Uses], &seen(json!({}))), set(&BOTH));
}
