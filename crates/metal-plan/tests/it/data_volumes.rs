//! Volumes beside the boot volume.

use std::collections::BTreeSet;

use ironic_types::{PowerState, ProvisionState as N, ProvisionVerb, VolumeTarget};
use metal_api::conditions::{ConditionType, find_condition};
use metal_api::v1alpha1::{
    AuthMethod, BareMetalHost, BootMode, DataVolume, ProvisioningState as S,
};
use metal_plan::{Effect, Observation, Plan, SecretFacts, Step, Violation, check};
use rstest::rstest;
use serde_json::json;
use uuid::Uuid;

use crate::fixtures::*;
use crate::toy::Toy;

const DEPLOYED: &str = "ironboot.io/deployed-data-volumes";

/// As it is recorded.
fn data(name: &str, secret: Option<&str>) -> DataVolume {
    let auth_method = if secret.is_some() { "CHAP" } else { "None" };
    from(json!({
        "name": name,
        "volumeId": format!("vol-{name}"),
        "iscsiTarget": {
            "iqn": format!("iqn.2026-11.org.example:{name}"), "portal": "192.0.2.1:3260", "lun": 1,
            "authMethod": auth_method,
        },
        "iscsiCredentialsName": secret,
    }))
}

fn two() -> Vec<DataVolume> {
    vec![data("logs", Some("logs-chap")), data("scratch", None)]
}

/// A host whose spec asks for them, and whose record has them if it has any.
fn host_with(volumes: &[DataVolume], state: S) -> BareMetalHost {
    host(state).with(|host| {
        if state == S::Available {
            // A BIOS machine with three targets isn't deployed.
            host.spec.boot_mode = Some(BootMode::Uefi);
        }
        host.spec.data_volumes = volumes.to_vec();
        record(host, volumes);
    })
}

fn record(host: &mut BareMetalHost, volumes: &[DataVolume]) {
    let status = host.status.as_mut().unwrap();
    if let Some(intent) = &mut status.provisioning.boot_volume {
        intent.data_volumes = volumes.to_vec();
        let secrets = volumes
            .iter()
            .filter_map(|data| data.iscsi_credentials_name.as_deref());
        let secrets: BTreeSet<_> = secrets.chain(["vol-1-chap"]).collect();
        intent.credentials = secrets.into_iter().map(|name| used(name, "7")).collect();
    }
}

/// All Secrets can be used, with the credentials that go by the word 7.
fn observe_all(host: BareMetalHost) -> Observation {
    observe(host).with(|observation| {
        let secrets = &mut observation.iscsi_credentials;
        secrets.insert("logs-chap".into(), chap("7"));
    })
}

fn made(boot_index: i64, credentials: Option<&str>) -> VolumeTarget {
    target_at(boot_index, DEPLOYMENT, "7").with(|target| {
        target.uuid = Uuid::from_u128(boot_index.unsigned_abs().into()).into();
        if let Some((_, volume)) = (1..).zip(two()).find(|(index, _)| *index == boot_index) {
            target.volume_id = volume.volume_id;
            target.properties = metal_plan::target_properties(&volume.iscsi_target);
        }
        match credentials {
            Some(word) => target.extra.insert(
                "ironboot_credentials".into(),
                format!("{KEY_ID}.{word}").into(),
            ),
            None => target.extra.remove("ironboot_credentials"),
        };
    })
}

#[test]
fn they_are_recorded_in_their_order_in_status_and_annotation() {
    let host = host_with(&two(), S::Available).with(|host| {
        let logs = &mut host.spec.data_volumes[0].iscsi_target;
        logs.portal = Some("192.0.2.1".into());
        logs.auth_method = None;
    });
    let next = after(&observe_all(host).seeing(node(N::Available, PowerState::Off)));
    let status = next.host.status.unwrap();
    let intent = status.provisioning.boot_volume.unwrap();
    assert_eq!(intent.data_volumes, two());
    let annotations = next.host.metadata.annotations.unwrap();
    let annotated: Vec<DataVolume> = serde_json::from_str(&annotations[DEPLOYED]).unwrap();
    assert_eq!(annotated, two());
}

#[test]
fn their_targets_are_made_after_the_boot_volumes_and_before_the_deployment() {
    let node = deployed_node(N::Available, PowerState::Off);
    let observation = observe_all(host_with(&two(), S::Provisioning)).seeing(node);
    expect(
        &observation,
        "act: CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) \
         CreateTarget(vol-logs) CreateTarget(vol-scratch) Validate SetProvisionState(active)",
    );
    let Step::Act(effects) = planned(&observation).step else {
        panic!("nothing is done");
    };
    let made: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::CreateTarget {
                boot_index,
                credentials,
                ..
            } => {
                let secret = credentials.as_ref().map(|secret| secret.name.as_str());
                Some((*boot_index, secret))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        made,
        [(0, Some("vol-1-chap")), (1, Some("logs-chap")), (2, None)]
    );
}

#[rstest]
#[case::all(vec![made(0, Some("7")), made(1, Some("7")), made(2, None)], "")]
#[case::one_missing(vec![made(0, Some("7")), made(2, None)], "CreateTarget(vol-logs) ")]
#[case::of_another_password(
    vec![made(0, Some("7")), made(1, Some("6")), made(2, None)],
    "DeleteTarget CreateTarget(vol-logs) "
)]
#[case::one_too_many(
    vec![made(0, Some("7")), made(1, Some("7")), made(2, None), made(3, None)],
    "DeleteTarget "
)]
fn an_interrupted_deployment_goes_on_with_what_is_there(
    #[case] targets: Vec<VolumeTarget>,
    #[case] expected: &str,
) {
    let node = deployed_node(N::Available, PowerState::Off);
    let observation = observe_all(host_with(&two(), S::Provisioning))
        .seeing(node)
        .with(|observation| {
            observation.seen().connectors = vec![connector(INITIATOR)];
            observation.seen().targets = targets;
        });
    expect(
        &observation,
        &format!("act: {expected}Validate SetProvisionState(active)"),
    );
}

#[test]
fn a_node_that_was_made_anew_gets_all_of_them_before_its_adoption() {
    let mut host = host_with(&two(), S::Provisioned);
    // Those of the spec wait for the next deployment.
    host.spec.data_volumes = vec![data("other", None)];
    let observation = observe_all(host).seeing(deployed_node(N::Manageable, PowerState::On));
    expect(
        &observation,
        "act: CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) \
         CreateTarget(vol-logs) CreateTarget(vol-scratch) Validate SetProvisionState(adopt)",
    );
}

#[rstest]
#[case("spec.dataVolumes[logs].iscsiTarget.iqn", |volumes: &mut Vec<DataVolume>| volumes[0].iscsi_target.iqn = "logs && reboot".into())]
#[case("spec.dataVolumes[logs].iscsiTarget.portal", |volumes: &mut Vec<DataVolume>| volumes[0].iscsi_target.portal = Some("[::1]".into()))]
#[case("spec.dataVolumes[logs].iscsiTarget.lun", |volumes: &mut Vec<DataVolume>| volumes[0].iscsi_target.lun = 256)]
#[case("spec.dataVolumes[logs].iscsiTarget.authMethod", |volumes: &mut Vec<DataVolume>| volumes[0].iscsi_target.auth_method = Some(AuthMethod::None))]
#[case("spec.dataVolumes[scratch].iscsiCredentialsName", |volumes: &mut Vec<DataVolume>| volumes[1].iscsi_target.auth_method = Some(AuthMethod::Chap))]
#[case("spec.dataVolumes[scratch].volumeId", |volumes: &mut Vec<DataVolume>| volumes[1].volume_id = "a\nb".into())]
#[case("spec.dataVolumes[scratch].volumeId", |volumes: &mut Vec<DataVolume>| volumes[1].volume_id = "vol-1".into())]
#[case("spec.dataVolumes[scratch].volumeId", |volumes: &mut Vec<DataVolume>| volumes[1].volume_id = "vol-logs".into())]
#[case("spec.dataVolumes[scratch].iscsiTarget", |volumes: &mut Vec<DataVolume>| volumes[1].iscsi_target.iqn = TARGET.to_uppercase())]
#[case("spec.dataVolumes[scratch].iscsiTarget", |volumes: &mut Vec<DataVolume>| volumes[1].iscsi_target.iqn = "iqn.2026-11.org.EXAMPLE:logs".into())]
#[case("spec.dataVolumes[].name", |volumes: &mut Vec<DataVolume>| volumes[1].name = "Scratch".into())]
#[case("spec.dataVolumes[logs]", |volumes: &mut Vec<DataVolume>| volumes[1].name = "logs".into())]
#[case("spec.dataVolumes", |volumes: &mut Vec<DataVolume>| *volumes = (0..9).map(|i| data(&i.to_string(), None)).collect())]
fn what_admission_would_refuse_is_refused_again(
    #[case] field: &str,
    #[case] change: fn(&mut Vec<DataVolume>),
) {
    for state in [S::Registering, S::Available] {
        let host = host_with(&two(), state).with(|host| change(&mut host.spec.data_volumes));
        let observation = observe_all(host).seeing(node(N::Available, PowerState::Off));
        expect_start(&observation, &format!("wait: Invalid: {field}: "));
    }
}

#[test]
fn they_are_refused_without_a_boot_volume_and_left_alone_beside_an_unused_one() {
    let alone = host_with(&two(), S::Available).with(without_volume);
    let available = |host| observe_all(host).seeing(node(N::Available, PowerState::Off));
    expect_start(&available(alone), "wait: Invalid: spec.dataVolumes: ");
    let unused = host_with(&two(), S::Available).with(|host| {
        let volume = host.spec.boot_volume.as_mut().unwrap();
        volume.volume_driver = metal_api::v1alpha1::VolumeDriver::Noop;
    });
    expect(&available(unused), "act: SetPower(power on)");
}

#[rstest]
#[case(SecretFacts::Missing, "SecretMissing")]
#[case(SecretFacts::NotOptedIn, "SecretNotOptedIn")]
#[case(SecretFacts::Invalid { problem: "key password is missing".into() }, "SecretInvalid")]
fn a_secret_of_a_data_volume_that_cannot_be_used_stops_the_deployment(
    #[case] facts: SecretFacts,
    #[case] reason: &str,
) {
    for state in [S::Available, S::Provisioning] {
        let observation = observe_all(host_with(&two(), state))
            .seeing(node(N::Available, PowerState::Off))
            .with(|observation| {
                let secrets = &mut observation.iscsi_credentials;
                secrets.insert("logs-chap".into(), facts.clone());
            });
        expect_start(
            &observation,
            &format!(
                "wait: {reason}: spec.dataVolumes[logs].iscsiCredentialsName: Secret logs-chap "
            ),
        );
    }
}

#[test]
fn the_bmcs_secret_is_never_used_for_a_data_volume() {
    let volumes = [data("logs", Some("node-0-bmc"))];
    let observation =
        observe_all(host_with(&volumes, S::Available)).seeing(node(N::Available, PowerState::Off));
    expect_start(
        &observation,
        "wait: SecretNotOptedIn: spec.dataVolumes[logs].iscsiCredentialsName: Secret node-0-bmc is the host's BMC",
    );
}

#[test]
fn the_secrets_of_all_volumes_are_read() {
    let host = host_with(&two(), S::Available);
    let expected = ["vol-1-chap", "logs-chap"].into();
    assert_eq!(metal_plan::iscsi_secrets(&host), expected);
    // Those of the record count while there is one.
    let deployed = host_with(&two(), S::Provisioned)
        .with(|host| host.spec.data_volumes = vec![data("other", None)]);
    assert!(metal_plan::iscsi_secrets(&deployed).contains("logs-chap"));
}

#[test]
fn a_data_volume_that_another_node_has_is_a_conflict() {
    let taken = |iqn: &str| {
        target(OTHER_NODE, FRESH, "7").with(|target| {
            target.properties.insert("target_iqn".into(), iqn.into());
        })
    };
    let observation = observe_all(host_with(&two(), S::Available))
        .seeing(node(N::Available, PowerState::Off))
        .with(|observation| {
            observation.seen().targets = vec![taken("iqn.2026-11.org.example:SCRATCH")];
        });
    expect_start(
        &observation,
        "wait: VolumeConflict: spec.dataVolumes[scratch].iscsiTarget: another node of this Ironic has iqn",
    );
    let node = node(N::Available, PowerState::Off);
    let host = &observation.host;
    let matters = |iqn: &str| metal_plan::target_matters(host, &node, &taken(iqn));
    assert!(matters("iqn.2026-11.org.example:scratch"));
    assert!(!matters("iqn.2026-11.org.example:else"));
}

#[test]
fn other_data_volumes_begin_with_another_intent_before_anything_is_deployed() {
    let host = host_with(&two(), S::Provisioning).with(|host| {
        host.spec.data_volumes.pop();
    });
    let observation = observe_all(host).seeing(node(N::Available, PowerState::Off));
    expect(&observation, "enter: deprovisioning");
}

#[rstest]
#[case(|_: &mut Vec<DataVolume>| {}, "True", "Applied", "")]
#[case(
    |spec: &mut Vec<DataVolume>| spec[0].iscsi_target.portal = Some("192.0.2.2".into()),
    "False", "Pending", "logs has changed; the next deployment applies it"
)]
#[case(
    |spec: &mut Vec<DataVolume>| { spec.remove(0); },
    "False", "Pending", "logs is still attached; the next deployment applies it"
)]
#[case(
    |spec: &mut Vec<DataVolume>| spec.push(data("more", None)),
    "False", "Pending", "more is not attached yet; the next deployment applies it"
)]
#[case(
    |spec: &mut Vec<DataVolume>| spec.reverse(),
    "False", "Pending", "their order has changed; the next deployment applies it"
)]
#[case(
    |spec: &mut Vec<DataVolume>| spec.clear(),
    "False", "Pending",
    "logs is still attached, scratch is still attached; the next deployment applies it"
)]
fn a_deployed_host_says_whether_it_has_the_data_volumes_of_its_spec(
    #[case] change: fn(&mut Vec<DataVolume>),
    #[case] status: &str,
    #[case] reason: &str,
    #[case] message: &str,
) {
    let host = host_with(&two(), S::Provisioned).with(|host| change(&mut host.spec.data_volumes));
    let observation = observe_all(host).seeing(deployed_node(N::Active, PowerState::On));
    expect(&observation, "rest");
    let conditions = after(&observation).host.status.unwrap().conditions;
    let condition = find_condition(&conditions, ConditionType::DataVolumesApplied).unwrap();
    assert_eq!(
        (
            condition.status.as_str(),
            condition.reason.as_str(),
            condition.message.as_str()
        ),
        (status, reason, message)
    );
}

#[test]
fn a_port_that_is_spelled_out_is_no_change() {
    let host = host_with(&two(), S::Provisioned).with(|host| {
        host.spec.data_volumes[0].iscsi_target.portal = Some("192.0.2.1".into());
        host.spec.data_volumes[0].iscsi_target.auth_method = None;
    });
    let observation = observe_all(host).seeing(deployed_node(N::Active, PowerState::On));
    let conditions = after(&observation).host.status.unwrap().conditions;
    let condition = find_condition(&conditions, ConditionType::DataVolumesApplied).unwrap();
    assert_eq!(condition.reason, "Applied");
}

#[test]
fn only_a_host_with_data_volumes_has_the_condition() {
    for (volumes, expected) in [(two(), Some("Pending")), (Vec::new(), None)] {
        let observation = observe_all(host_with(&volumes, S::Available))
            .seeing(node(N::Available, PowerState::Off));
        let conditions = after(&observation).host.status.unwrap().conditions;
        let condition = find_condition(&conditions, ConditionType::DataVolumesApplied);
        assert_eq!(condition.map(|found| found.reason.as_str()), expected);
    }
}

#[test]
fn a_release_takes_them_off_the_record() {
    let host = host_with(&two(), S::Deprovisioning)
        .with(without_volume)
        .with(|host| host.spec.data_volumes.clear())
        .with(|host| annotated(host, DEPLOYED, "[]"));
    let next = after(&observe_all(host).seeing(node(N::Available, PowerState::Off)));
    assert_eq!(next.host.metadata.annotations, None);
    let status = next.host.status.unwrap();
    assert_eq!(status.provisioning.boot_volume, None);
    let condition = find_condition(&status.conditions, ConditionType::DataVolumesApplied);
    assert!(condition.is_none());
}

/// A host whose status is lost, with the annotations of its deployment.
fn lost(spec: Vec<DataVolume>, annotation: &str) -> Observation {
    let host = host(S::Provisioned).with(|host| {
        host.spec.data_volumes = spec;
        host.status = None;
        let deployed = format!("{TARGET}/1/vol-1@{DEPLOYMENT}");
        annotated(host, "ironboot.io/deployed-volume", &deployed);
        annotated(host, DEPLOYED, annotation);
    });
    observe_all(host).seeing(deployed_node(N::Active, PowerState::On))
}

#[test]
fn a_record_that_was_lost_has_the_data_volumes_that_the_machine_has() {
    let observation = lost(
        vec![data("other", None)],
        &serde_json::to_string(&two()).unwrap(),
    );
    let next = after(&observation);
    let intent = next.host.status.unwrap().provisioning.boot_volume.unwrap();
    assert_eq!(intent.data_volumes, two());
}

#[rstest]
#[case(
    "[",
    "VolumeConflict: annotation ironboot.io/deployed-data-volumes: it can't be read"
)]
#[case(
    r#"[{"name": "a", "volumeId": "b", "iscsiTarget": {"iqn": "c", "portal": "d"}}]"#,
    "Invalid: annotation ironboot.io/deployed-data-volumes[a].iscsiTarget.iqn: "
)]
fn an_annotation_that_cannot_be_used_keeps_the_host_as_it_is(
    #[case] annotation: &str,
    #[case] expected: &str,
) {
    expect_start(&lost(two(), annotation), &format!("wait: {expected}"));
}

#[test]
fn a_lost_database_is_survived_in_one_life() {
    let mut toy = Toy::default();
    let mut lost = observe_all(host_with(&two(), S::Provisioned));
    lost.seen().ports.clear();
    assert_eq!(toy.live(&mut lost, 60).last().unwrap(), "rest");
    let mut indexes: Vec<_> = lost.seen().targets.iter().map(|t| t.boot_index).collect();
    indexes.sort_unstable();
    assert_eq!(indexes, [Some(0), Some(1), Some(2)]);
    assert_eq!(toy.asked, None, "its power is not touched");
}

const RELEASED: &str = "ironboot.io/released-volume";
const RELEASED_DATA: &str = "ironboot.io/released-data-volumes";

#[test]
fn the_data_volumes_that_a_consumer_leaves_are_held_with_its_boot_volume() {
    let host = host_with(&two(), S::Provisioned).with(for_claims);
    let observation = observe_all(host).seeing(deployed_node(N::Active, PowerState::On));
    expect(&observation, "enter: deprovisioning");
    let annotations = after(&observation).host.metadata.annotations.unwrap();
    assert!(annotations.contains_key(RELEASED));
    let held: Vec<DataVolume> = serde_json::from_str(&annotations[RELEASED_DATA]).unwrap();
    assert_eq!(held, two());
}

/// Its data are the consumer's, too.
#[test]
fn a_data_volume_that_a_redeployment_leaves_out_is_held_with_the_others() {
    let host = host_with(&two(), S::Provisioned)
        .with(for_claims)
        .with(|host| {
            claimed(host);
            host.spec.data_volumes.remove(0);
            annotated(host, "ironboot.io/redeploy", "1");
        });
    let observation = observe_all(host).seeing(deployed_node(N::Active, PowerState::On));
    expect(&observation, "enter: provisioning from vol-1");
    let again = after(&observation).host;
    let released = again
        .with(|host| host.spec.custom_deploy = None)
        .with(|host| host.status.as_mut().unwrap().provisioning.state = S::Provisioned);
    let observation = observe_all(released).seeing(deployed_node(N::Active, PowerState::On));
    expect(&observation, "enter: deprovisioning");
    let annotations = after(&observation).host.metadata.annotations.unwrap();
    let held: Vec<DataVolume> = serde_json::from_str(&annotations[RELEASED_DATA]).unwrap();
    let names: BTreeSet<_> = held.iter().map(|data| data.name.as_str()).collect();
    assert_eq!(names, ["logs", "scratch"].into());
}

/// Another boot volume in the place of the one that was left, and something beside it.
#[rstest]
#[case::another_one(vec![data("other", None)], false)]
#[case::none(Vec::new(), false)]
#[case::a_data_volume_of_before(vec![data("scratch", None)], true)]
#[case::the_boot_volume_of_before(
    vec![data("old", None).with(|data| {
        data.volume_id = "vol-1".into();
        data.iscsi_target.iqn = TARGET.into();
    })],
    true
)]
fn a_hold_lasts_while_any_of_its_volumes_is_asked_for(
    #[case] beside: Vec<DataVolume>,
    #[case] is_held: bool,
) {
    let host = host_with(&beside, S::Available)
        .with(for_claims)
        .with(|host| {
            let volume = host.spec.boot_volume.as_mut().unwrap();
            volume.volume_id = "vol-2".into();
            volume.iscsi_target.as_mut().unwrap().iqn = "iqn.2026-11.org.example:vol-2".into();
            annotated(host, RELEASED, &format!("{TARGET}/1/vol-1@{DEPLOYMENT}"));
            annotated(host, RELEASED_DATA, &serde_json::to_string(&two()).unwrap());
        });
    let observation = observe_all(host).seeing(node(N::Available, PowerState::Off));
    let plan = planned(&observation);
    let is_kept = matches!(plan.step, Step::Wait(_));
    assert_eq!(is_kept, is_held, "{plan}");
    if !is_held {
        assert_eq!(after(&observation).host.metadata.annotations, None);
    }
}

fn acting(effects: Vec<Effect>) -> Plan {
    Plan {
        step: Step::Act(effects),
        look_again: std::time::Duration::from_secs(1),
    }
}

#[test]
fn the_checker_misses_no_target_and_no_second_one() {
    let node = deployed_node(N::Available, PowerState::Off);
    let observation = observe_all(host_with(&two(), S::Provisioning)).seeing(node.clone());
    let Step::Act(effects) = planned(&observation).step else {
        panic!("nothing is done");
    };
    let is_target = |effect: &Effect| matches!(effect, Effect::CreateTarget { .. });
    let last = effects.iter().rposition(is_target).unwrap();
    let mut without_last = effects.clone();
    let target = without_last.remove(last);
    assert_eq!(
        check(&observation, &acting(without_last)),
        [Violation::DeploysWithoutAllTargets]
    );
    assert_eq!(
        check(&observation, &acting(vec![target.clone(), target.clone()])),
        [Violation::TwoTargetsWithOneBootIndex]
    );
    let Effect::CreateTarget {
        node,
        volume,
        credentials,
        ..
    } = target
    else {
        panic!("no target");
    };
    let beyond = Effect::CreateTarget {
        node,
        volume,
        boot_index: 3,
        credentials,
    };
    assert_eq!(
        check(&observation, &acting(vec![beyond])),
        [Violation::TargetIsNotTheIntent]
    );
    let active = Effect::SetProvisionState {
        node,
        verb: ProvisionVerb::Active,
    };
    assert_eq!(
        check(&observation, &acting(vec![active])),
        [Violation::DeploysWithoutAllTargets]
    );
}
