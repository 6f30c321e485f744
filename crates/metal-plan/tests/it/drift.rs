//! What somebody else changed of a deployed node: what is put right at once, what waits, and what is told.

use ironic_types::{Node, PowerState, ProvisionState as N};
use metal_api::conditions::{ConditionStatus, ConditionType, find_condition};
use metal_api::v1alpha1::{ErrorType, ProvisioningState as S};
use metal_plan::{
    LeaseFacts, NextHost, Observation, Outcome, SecretFacts, Seen, VolumeScope, has_drifted,
    lacks_target, next_host, volume_scope,
};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

const ELSE: &str = "iqn.2026-11.org.example:somebody-else";

/// A deployed host, and all that Ironic has of it as it was deployed.
fn deployed(power: PowerState) -> Observation {
    let host = host(S::Provisioned).with(|host| {
        host.spec.online = power == PowerState::On;
        let provisioning = &mut host.status.as_mut().unwrap().provisioning;
        provisioning.boot_mode = host.spec.boot_mode;
    });
    observe(host)
        .seeing(deployed_node(N::Active, power))
        .with(|seen| {
            let seen = seen.seen();
            seen.ports = vec![port(true)];
            seen.connectors = vec![connector(INITIATOR)];
            seen.targets = vec![target(NODE, DEPLOYMENT, "7")];
            seen.knows_belongings = true;
        })
}

fn on() -> Observation {
    deployed(PowerState::On)
}

fn off() -> Observation {
    deployed(PowerState::Off)
}

fn node_of(seen: &mut Observation) -> &mut Node {
    seen.seen().node.as_mut().unwrap()
}

fn message(next: &NextHost) -> String {
    let conditions = &next.host.status.as_ref().unwrap().conditions;
    let ready = find_condition(conditions, ConditionType::BootVolumeReady).unwrap();
    assert_eq!(
        (ready.status.as_str(), ready.reason.as_str()),
        ("True", "Ready")
    );
    ready.message.clone()
}

fn told(next: &NextHost) -> Vec<(&str, &str)> {
    let told = next.events.iter();
    told.map(|event| (event.reason.as_str(), event.note.as_str()))
        .collect()
}

#[test]
fn what_is_as_it_was_deployed_is_left_alone_and_costs_nothing() {
    let observation = on();
    assert_eq!(
        volume_scope(&observation.host, &deployed_node(N::Active, PowerState::On)),
        VolumeScope::Known
    );
    expect(&observation, "rest");
    assert!(!drifted(&observation) && message(&after(&observation)).is_empty());
}

fn drifted(observation: &Observation) -> bool {
    has_drifted(&observation.host, observation.clone().seen())
}

#[test]
fn only_a_host_that_is_deployed_from_a_volume_is_looked_at() {
    for (state, node) in [
        (S::Available, node(N::Available, PowerState::Off)),
        (S::Provisioning, deployed_node(N::Active, PowerState::On)),
        (S::Deprovisioning, deployed_node(N::Active, PowerState::On)),
        (S::Provisioned, deployed_node(N::Manageable, PowerState::On)),
    ] {
        assert_ne!(
            volume_scope(&host(state), &node),
            VolumeScope::Known,
            "{state}"
        );
    }
    let image = host(S::Provisioned).with(|host| {
        without_volume(host);
        host.status.as_mut().unwrap().provisioning.boot_volume = None;
    });
    let node = deployed_node(N::Active, PowerState::On);
    assert_eq!(volume_scope(&image, &node), VolumeScope::None);
}

/// The credentials are another matter: the machine runs with those that it booted with.
#[test]
fn a_secret_that_was_changed_since_is_no_drift() {
    let observation = on().with(|seen| seen.seen().targets = vec![target(NODE, DEPLOYMENT, "6")]);
    expect(&observation, "rest");
}

#[test]
fn as_long_as_the_watch_has_read_nothing_nothing_is_missing() {
    let observation = on().with(|seen| {
        *seen.seen() = Seen {
            node: seen.seen().node.take(),
            ..Seen::default()
        };
    });
    expect(&observation, "rest");
}

/// Ironic lets these be made and changed while the machine runs.
#[rstest]
#[case::connector(|seen: &mut Seen| seen.connectors.clear(),
    &format!("act: CreateConnector({INITIATOR})"), "volume connector iqn.2026-11.org.example:node-0 (missing)")]
#[case::target(|seen: &mut Seen| seen.targets.clear(),
    "act: CreateTarget(vol-1)", "volume target of vol-1 (missing)")]
#[case::port(|seen: &mut Seen| seen.ports.clear(),
    "act: CreatePort(52:54:00:e2:e0:01)", "port 52:54:00:e2:e0:01 (missing)")]
#[case::capability(|seen: &mut Seen| seen.node.as_mut().unwrap().properties = from(json!({"capabilities": "boot_mode:bios"})),
    "act: UpdateNode(/properties/capabilities)", "properties.capabilities")]
#[case::image(|seen: &mut Seen| seen.node.as_mut().unwrap().instance_info = from(json!({"image_source": "http://192.0.2.1/i"})),
    "act: UpdateNode(/instance_info/image_source)", "instance_info.image_source")]
fn what_was_taken_away_is_put_back_while_the_machine_runs(
    #[case] change: fn(&mut Seen),
    #[case] plan: &str,
    #[case] words: &str,
) {
    let observation = on().with(|seen| change(seen.seen()));
    expect(&observation, plan);
    let next = after(&observation);
    let note = format!(
        "Ironic's record of this deployment was changed by somebody else, and put right: {words}"
    );
    assert_eq!(told(&next), [("BootVolumeDrift", note.as_str())]);
    assert_eq!(message(&next), "");
}

/// One that is missing is made again beside the others, with its own Secret.
#[test]
fn a_data_volume_is_put_back_by_itself() {
    let observation = on().with(|seen| {
        let status = seen.host.status.as_mut().unwrap();
        let deployed = status.provisioning.boot_volume.as_mut().unwrap();
        deployed.data_volumes = from(json!([{
            "name": "logs", "volumeId": "vol-2",
            "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-2", "portal": "192.0.2.1:3260", "lun": 0},
        }]));
        seen.leases = LeaseFacts::Known(held(&seen.host));
    });
    expect(&observation, "act: CreateTarget(vol-2)");
    let taken = observation.with(|seen| {
        let other = target(NODE, FRESH, "7").with(|other| other.boot_index = Some(1));
        seen.seen().targets.push(other);
    });
    expect_start(
        &taken,
        "wait: Ironic's record of this deployment was changed",
    );
}

#[test]
fn all_of_it_is_put_back_in_one_pass() {
    let observation = on().with(|seen| {
        let seen = seen.seen();
        (seen.connectors, seen.targets, seen.ports) = Default::default();
        seen.node.as_mut().unwrap().properties = from(json!({}));
    });
    assert!(drifted(&observation));
    assert!(lacks_target(&observation.host, observation.clone().seen()));
    expect(
        &observation,
        &format!(
            "act: UpdateNode(/properties/capabilities) CreatePort(52:54:00:e2:e0:01) CreateConnector({INITIATOR}) CreateTarget(vol-1)"
        ),
    );
}

/// The boot mode of the spec is for the next deployment.
#[test]
fn the_boot_mode_that_was_deployed_stays() {
    let observation = on().with(|seen| {
        seen.host.spec.boot_mode = Some(metal_api::v1alpha1::BootMode::Uefi);
    });
    expect(&observation, "rest");
    let lost = observation.with(|seen| {
        let status = seen.host.status.as_mut().unwrap();
        status.provisioning.boot_mode = None;
    });
    expect(&lost, "rest");
}

#[rstest]
#[case::of_another_deployment(|seen: &mut Seen| seen.targets[0] = target(NODE, FRESH, "7"))]
#[case::another_boot_index(|seen: &mut Seen| seen.targets[0].boot_index = Some(3))]
#[case::another_volume(|seen: &mut Seen| seen.targets[0].volume_id = "vol-2".into())]
#[case::another_lun(|seen: &mut Seen| { seen.targets[0].properties.insert("target_lun".into(), 2.into()); })]
#[case::another_portal(|seen: &mut Seen| { seen.targets[0].properties.insert("target_portal".into(), "192.0.2.9:3260".into()); })]
#[case::without_chap(|seen: &mut Seen| { seen.targets[0].properties.insert("auth_method".into(), "".into()); })]
fn a_target_that_was_changed_is_replaced_while_the_machine_is_off_and_no_sooner(
    #[case] change: fn(&mut Seen),
) {
    let running = on().with(|seen| change(seen.seen()));
    let changed = running.clone().seen().targets[0].boot_index == Some(3);
    if changed {
        // Nothing has the boot index, so the machine has a target again; the other one waits.
        expect(&running, "act: CreateTarget(vol-1)");
    } else {
        expect_start(
            &running,
            "wait: Ironic's record of this deployment was changed by somebody else: volume target",
        );
    }
    let stopped = off().with(|seen| change(seen.seen()));
    expect(&stopped, "act: DeleteTarget CreateTarget(vol-1)");
}

#[test]
fn a_connector_of_another_initiator_goes_when_the_machine_is_off() {
    let stranger = |seen: &mut Observation| seen.seen().connectors.push(connector(ELSE));
    let running = on().with(stranger);
    expect(
        &running,
        &format!(
            "wait: Ironic's record of this deployment was changed by somebody else: volume connector {ELSE} (another initiator's), which Ironic lets be put right only while the machine is off: it is done at its next reboot by annotation"
        ),
    );
    expect(&off().with(stranger), "act: DeleteConnector");
}

/// Ironic changes these of an active node in maintenance only.
#[rstest]
#[case::storage(|seen: &mut Observation| node_of(seen).storage_interface = Some("noop".into()),
    "act: UpdateNode(/storage_interface) UnsetMaintenance", "storage_interface (noop), which")]
#[case::boot(|seen: &mut Observation| node_of(seen).boot_interface = Some("redfish-virtual-media".into()),
    "act: UpdateNode(/boot_interface) UnsetMaintenance", "boot_interface (redfish-virtual-media), which")]
#[case::deploy(|seen: &mut Observation| node_of(seen).deploy_interface = None,
    "act: UpdateNode(/deploy_interface) UnsetMaintenance", "deploy_interface (none), which")]
#[case::port(|seen: &mut Observation| seen.seen().ports = vec![port(false)],
    "act: EnablePxe UnsetMaintenance", "pxe_enabled of port 52:54:00:E2:E0:01 (false), which")]
fn interfaces_and_the_port_wait_for_maintenance_which_is_ended(
    #[case] change: fn(&mut Observation),
    #[case] plan: &str,
    #[case] words: &str,
) {
    let waiting = on().with(change);
    let next = after(&waiting);
    let told = &told(&next);
    assert_eq!((told.len(), told[0].0), (1, "BootVolumeDrift"));
    let message = message(&next);
    assert!(
        message.contains(words) && message.contains("in maintenance only"),
        "{message}"
    );
    assert_eq!(told[0].1, message);

    let mut maintained = on().with(change);
    node_of(&mut maintained).maintenance = true;
    expect(&maintained, plan);
    // Ironic has set it itself, and ends it itself.
    node_of(&mut maintained).fault = Some("power failure".into());
    expect(&maintained, plan.trim_end_matches(" UnsetMaintenance"));
}

#[test]
fn what_waits_is_told_once_and_gone_when_it_is_put_right() {
    let mut observation = on().with(|seen| seen.seen().connectors.push(connector(ELSE)));
    let first = after(&observation);
    assert_eq!(told(&first).len(), 1);
    observation.host = first.host.clone();
    let second = after(&observation);
    assert_eq!((told(&second), &second.host), (vec![], &first.host));

    // Nobody knows for a while: the last word stays.
    observation.seen().knows_belongings = false;
    let unknown = after(&observation);
    assert_eq!(message(&unknown), message(&first));
    assert_eq!(told(&unknown), []);

    observation.seen().knows_belongings = true;
    observation.seen().connectors.truncate(1);
    let mended = after(&observation);
    assert_eq!((message(&mended).as_str(), told(&mended)), ("", vec![]));
    let conditions = &mended.host.status.as_ref().unwrap().conditions;
    let ready = find_condition(conditions, ConditionType::Ready).unwrap();
    assert_eq!(
        (ready.status.as_str(), ready.message.as_str()),
        (ConditionStatus::True.as_str(), "")
    );
}

#[test]
fn a_target_whose_secret_is_gone_waits_for_it() {
    let observation = on().with(|seen| {
        seen.seen().targets.clear();
        seen.seen().connectors.clear();
        seen.iscsi_credentials = chap_secret(SecretFacts::Missing);
    });
    expect(&observation, &format!("act: CreateConnector({INITIATOR})"));
    let message = message(&after(&observation));
    assert!(
        message.contains("volume target of vol-1 (missing), which can't be made again: spec.bootVolume.iscsiCredentialsName: Secret vol-1-chap"),
        "{message}"
    );
}

#[test]
fn a_machine_that_is_to_be_on_is_put_right_before_it_is_powered_on() {
    let observation = off().with(|seen| {
        seen.host.spec.online = true;
        seen.seen().targets = vec![target(NODE, FRESH, "7")];
    });
    expect(&observation, "act: DeleteTarget CreateTarget(vol-1)");
}

/// Ironic has refused, for whatever reason: the machine is not kept off for it, nor on.
#[test]
fn a_refusal_keeps_nobody_from_switching_the_machine() {
    let drift = |seen: &mut Observation| seen.seen().connectors.clear();
    let refused = on().with(drift);
    let plan = planned(&refused);
    let message = "Volume connectors are out of stock".to_owned();
    let next = next_host(&refused, &plan, &[Outcome::Refused { message }]);
    let status = next.host.status.as_ref().unwrap();
    assert_eq!(status.error_type, Some(ErrorType::ProvisionedRegistration));
    assert_eq!(told(&next)[0].0, "ProvisionedRegistrationError");
    let again = on().with(|seen| {
        drift(seen);
        seen.host = next.host.clone();
    });
    expect_start(&again, "wait: next attempt at");

    let to_switch = |observation: Observation, online: bool| {
        observation.with(|seen| {
            drift(seen);
            failed(&mut seen.host, ErrorType::ProvisionedRegistration, 1);
            seen.host.spec.online = online;
        })
    };
    expect(&to_switch(off(), true), "act: SetPower(power on)");
    expect(&to_switch(on(), false), "act: SetPower(soft power off)");
}

/// Never because of drift.
#[test]
fn no_drift_leads_to_a_power_action() {
    for observation in [on(), off()] {
        let observation = observation.with(|seen| {
            seen.seen().connectors = vec![connector(ELSE)];
            seen.seen().targets = vec![target(NODE, FRESH, "7")];
            seen.seen().ports = vec![port(false)];
            node_of(seen).storage_interface = Some("noop".into());
        });
        let plan = planned(&observation).to_string();
        assert!(
            !plan.contains("SetPower") && !plan.contains("SetProvisionState"),
            "{plan}"
        );
    }
}
