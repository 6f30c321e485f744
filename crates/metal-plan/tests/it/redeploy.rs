//! The annotation that asks for another deployment of a deployed host.

use ironic_types::{PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, BootMode, ProvisioningState as S};
use metal_plan::{
    LeaseFacts, Needs, Observation, SecretFacts, Step, Transition, VolumeScope, looked_up_leases,
    needs, volume_scope,
};
use rstest::rstest;

use super::fixtures::*;

const REDEPLOY: &str = "ironboot.io/redeploy";
const HANDLED: &str = "ironboot.io/redeploy-handled";
const ANEW: &str = "enter: provisioning from vol-1";

fn asked(token: &str) -> BareMetalHost {
    host(S::Provisioned).with(|host| annotated(host, REDEPLOY, token))
}

fn running(host: BareMetalHost) -> Observation {
    observe(host).seeing(deployed_node(N::Active, PowerState::On))
}

/// Of a host whose Secret was changed since its deployment.
fn outdated(host: BareMetalHost) -> Observation {
    running(host).with(|observation| observation.iscsi_credentials = chap_secret(chap("8")))
}

fn annotation(host: &BareMetalHost, name: &str) -> Option<String> {
    host.metadata.annotations.as_ref()?.get(name).cloned()
}

fn no_change(_: &mut Observation) {}

/// Those of the next deployment, too.
fn holding_all(seen: &mut Observation) {
    let leases = hold(&seen.host, looked_up_leases(&seen.host));
    seen.leases = LeaseFacts::Known(leases);
}

#[rstest]
#[case::credentials(|seen: &mut Observation| seen.iscsi_credentials = chap_secret(chap("8")))]
#[case::credentials_that_nobody_knows(|seen: &mut Observation| deployed(seen).credentials.clear())]
#[case::portal(|seen: &mut Observation| wanted(seen).iscsi_target.as_mut().unwrap().portal = from(serde_json::json!("192.0.2.9:3260")))]
#[case::data_volumes(|seen: &mut Observation| seen.host.spec.data_volumes = from(serde_json::json!([{
    "name": "logs", "volumeId": "vol-2", "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-2", "portal": "192.0.2.1:3260"},
}])))]
#[case::boot_mode(|seen: &mut Observation| {
    seen.host.status.as_mut().unwrap().provisioning.boot_mode = Some(BootMode::Legacy);
    seen.host.spec.boot_mode = Some(BootMode::Uefi);
})]
fn a_token_acts_while_something_is_outdated_pending_or_unknown(
    #[case] change: fn(&mut Observation),
) {
    let observation = running(asked("1")).with(change);
    let observation = observation.with(holding_all);
    expect(&observation, ANEW);
    let next = after(&observation);
    let intent = next
        .host
        .status
        .as_ref()
        .unwrap()
        .provisioning
        .boot_volume
        .clone()
        .unwrap();
    assert_eq!(intent.deployment_id, FRESH);
    assert_eq!(intent.redeploy.as_deref(), Some("1"));
    assert_eq!(next.host.state(), S::Provisioning);
    assert_eq!(next.events[0].reason.as_str(), "RedeployStarted");
    assert_eq!(annotation(&next.host, HANDLED), None, "not yet");
    assert_eq!(annotation(&next.host, REDEPLOY).as_deref(), Some("1"));
}

fn deployed(seen: &mut Observation) -> &mut metal_api::v1alpha1::DeployedVolume {
    let status = seen.host.status.as_mut().unwrap();
    status.provisioning.boot_volume.as_mut().unwrap()
}

fn wanted(seen: &mut Observation) -> &mut metal_api::v1alpha1::BootVolume {
    seen.host.spec.boot_volume.as_mut().unwrap()
}

/// The design's order: all Leases, then the intent, then the machine.
#[test]
fn what_the_next_deployment_attaches_besides_is_taken_before_its_intent_and_never_stops_the_machine()
 {
    let with_data = asked("1").with(|host| {
        host.spec.data_volumes = from(serde_json::json!([{
            "name": "logs", "volumeId": "vol-2",
            "iscsiTarget": {"iqn": "iqn.2026-11.org.example:vol-2", "portal": "192.0.2.1:3260"},
        }]));
    });
    let without = running(with_data.clone())
        .with(|seen| seen.leases = LeaseFacts::Known(held(&host(S::Provisioned))));
    expect_start(&without, "act: TakeLeases");
    expect(&running(with_data.clone()).with(holding_all), ANEW);
    let taken = running(with_data.clone()).with(|seen| {
        holding_all(seen);
        let LeaseFacts::Known(leases) = &mut seen.leases else {
            unreachable!("they are known")
        };
        for lease in leases {
            let is_deployed = held(&host(S::Provisioned))
                .iter()
                .any(|own| own.name == lease.name);
            if !is_deployed {
                lease.holder = "metal/node-9/52:54:00:e2:e0:09".to_owned();
            }
        }
    });
    expect_start(
        &taken,
        "wait: VolumeConflict: spec.dataVolumes[logs].iscsiTarget.lun: host node-9 has ",
    );
    let off =
        taken.with(|seen| seen.seen().node.as_mut().unwrap().power_state = Some(PowerState::Off));
    expect(&off, "act: SetPower(power on)");
    let unasked = with_data.with(|host| host.metadata.annotations = None);
    let unasked =
        running(unasked).with(|seen| seen.leases = LeaseFacts::Known(held(&host(S::Provisioned))));
    expect(&unasked, "rest");
}

#[test]
fn a_token_without_a_reason_is_handled_and_never_acts() {
    let observation = running(asked("1"));
    expect(&observation, "enter: no reason to deploy anew");
    let next = after(&observation);
    assert_eq!(annotation(&next.host, HANDLED).as_deref(), Some("1"));
    assert_eq!(next.events[0].reason.as_str(), "RedeploySkipped");
    expect(&outdated(next.host), "rest");
}

#[rstest]
#[case::another("2", ANEW)]
#[case::the_same("1", "rest")]
#[case::empty("", "rest")]
fn a_token_acts_once(#[case] token: &str, #[case] expected: &str) {
    let host = asked(token).with(|host| annotated(host, HANDLED, "1"));
    expect(&outdated(host), expected);
}

#[test]
fn a_token_that_is_too_long_for_the_record_is_none() {
    expect(&outdated(asked(&"x".repeat(254))), "rest");
    expect(&outdated(asked(&"x".repeat(253))), ANEW);
}

#[test]
fn without_a_token_nothing_is_deployed_anew() {
    expect(&outdated(host(S::Provisioned)), "rest");
}

#[rstest]
#[case(SecretFacts::Missing, "SecretMissing")]
#[case(SecretFacts::NotOptedIn, "SecretNotOptedIn")]
#[case(SecretFacts::Invalid { problem: "key password is missing".into() }, "SecretInvalid")]
fn a_machine_that_could_not_come_up_again_is_not_shut_down(
    #[case] secret: SecretFacts,
    #[case] reason: &str,
) {
    let observation = running(asked("1")).with(|seen| seen.iscsi_credentials = chap_secret(secret));
    expect_start(&observation, &format!("wait: {reason}: "));
}

/// Consumers write both.
#[rstest]
#[case(|host: &mut BareMetalHost| host.spec.image = Some(from(serde_json::json!({"url": "http://192.0.2.1/image"}))), "spec.image: ")]
#[case(|host: &mut BareMetalHost| host.spec.custom_deploy = Some(from(serde_json::json!({"method": "other"}))), "spec.customDeploy.method: ")]
#[case(|host: &mut BareMetalHost| host.spec.raid = Some(from(serde_json::json!({}))), "spec.raid: ")]
fn a_machine_is_not_shut_down_for_a_deployment_that_another_field_stops(
    #[case] change: fn(&mut BareMetalHost),
    #[case] field: &str,
) {
    let plan = planned(&outdated(asked("1").with(change))).to_string();
    assert!(plan.starts_with("wait: ") && plan.contains(field), "{plan}");
}

#[test]
fn the_secret_that_the_spec_names_is_looked_at_before() {
    let observation =
        running(asked("1")).with(|seen| wanted(seen).iscsi_credentials_name = Some("other".into()));
    expect_start(
        &observation,
        "wait: SecretMissing: spec.bootVolume.iscsiCredentialsName: Secret other",
    );
    let with_other = observation.with(|seen| {
        seen.iscsi_credentials.insert("other".into(), chap("8"));
    });
    let Step::Enter(Transition::Provision(intent)) = planned(&with_other).step else {
        panic!("no intent")
    };
    assert_eq!(intent.iscsi_credentials_name.as_deref(), Some("other"));
}

#[rstest]
#[case::offline(|seen: &mut Observation| seen.host.spec.online = false, "act: SetPower(soft power off)")]
#[case::kept_off(|seen: &mut Observation| annotated(&mut seen.host, "reboot.metal3.io/me", ""), "act: SetPower(soft power off)")]
#[case::off(|seen: &mut Observation| seen.seen().node.as_mut().unwrap().power_state = Some(PowerState::Off), "act: SetPower(power on)")]
#[case::released(|seen: &mut Observation| seen.host.spec.boot_volume = None, "enter: deprovisioning")]
#[case::paused(|seen: &mut Observation| annotated(&mut seen.host, "baremetalhost.metal3.io/paused", ""), "ignore: paused")]
#[case::deleted(|seen: &mut Observation| deleted(&mut seen.host), "enter: deprovisioning")]
#[case::at_rest(no_change, ANEW)]
fn what_else_is_asked_of_the_machine_goes_before(
    #[case] change: fn(&mut Observation),
    #[case] expected: &str,
) {
    expect(&outdated(asked("1")).with(change), expected);
}

#[test]
fn another_volume_is_no_redeployment() {
    let observation = outdated(asked("1")).with(|seen| wanted(seen).volume_id = "vol-2".into());
    expect_start(&observation, "wait: VolumeConflict: ");
}

#[test]
fn a_volume_that_another_node_has_by_now_is_not_let_go_of() {
    let observation = outdated(asked("1"))
        .with(|seen| seen.seen().targets = vec![target(OTHER_NODE, FRESH, "7")]);
    expect_start(&observation, "wait: VolumeConflict: ");
}

#[test]
fn the_machine_is_shut_down_undeployed_and_deployed_and_the_token_is_handled_before_the_end() {
    let begun = after(&outdated(asked("1"))).host;
    let seeing = |node, deployment: Option<(&str, &str)>| {
        outdated(begun.clone()).seeing(node).with(|seen| {
            seen.seen().connectors = vec![connector(INITIATOR)];
            seen.seen().targets = deployment
                .map(|(deployment, word)| target(NODE, deployment, word))
                .into_iter()
                .collect();
        })
    };
    let active = |power| deployed_node(N::Active, power);
    let old = Some((DEPLOYMENT, "7"));
    expect(
        &seeing(active(PowerState::On), old),
        "act: SetPower(soft power off)",
    );
    expect(
        &seeing(active(PowerState::Off), old),
        "act: SetProvisionState(deleted)",
    );
    let undeployed = node(N::Available, PowerState::Off);
    expect(
        &seeing(undeployed, None),
        "act: UpdateNode(/storage_interface,/properties/capabilities,/instance_uuid) CreateTarget(vol-1) Validate SetProvisionState(active)",
    );
    let done = seeing(active(PowerState::On), Some((FRESH, "8")));
    expect(&done, "enter: provisioned");
    let next = after(&done).host;
    assert_eq!(annotation(&next, HANDLED).as_deref(), Some("1"));
    assert_eq!(
        annotation(&next, REDEPLOY).as_deref(),
        Some("1"),
        "the user's own"
    );
    expect(
        &outdated(next).with(|seen| seen.iscsi_credentials = chap_secret(chap("9"))),
        "rest",
    );
}

#[test]
fn a_token_that_is_there_at_the_first_deployment_is_answered_by_it() {
    let host = host(S::Available).with(|host| annotated(host, REDEPLOY, "1"));
    let observation = observe(host).seeing(node(N::Available, PowerState::Off));
    let begun = after(&observation).host;
    let done = running(begun).with(|seen| seen.seen().targets = vec![target(NODE, FRESH, "7")]);
    let next = after(&done).host;
    assert_eq!(next.state(), S::Provisioned);
    assert_eq!(annotation(&next, HANDLED).as_deref(), Some("1"));
}

/// Who changes a Secret and then asks means that change, however late the watch brings it.
#[test]
fn what_is_asked_for_is_judged_by_what_is_there_now() {
    let node = deployed_node(N::Active, PowerState::On);
    let idle = host(S::Provisioned);
    let reads = |host: &BareMetalHost| {
        let Needs {
            iscsi_credentials,
            fresh_iscsi_credentials,
            ..
        } = needs(host, Some(&node));
        (
            iscsi_credentials,
            fresh_iscsi_credentials,
            volume_scope(host, &node),
        )
    };
    assert_eq!(reads(&idle), (true, false, VolumeScope::Known));
    assert_eq!(
        reads(&asked("1")),
        (true, true, VolumeScope::KnownAndAllTargets)
    );
    let handled = asked("1").with(|host| annotated(host, HANDLED, "1"));
    assert_eq!(reads(&handled), (true, false, VolumeScope::Known));
}
