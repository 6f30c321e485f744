//! What a host is deployed from, and what its spec asks for: which of them cancel the deployment.
//!
//! For images and custom deployments these are all combinations, with the answers of Metal3's `provisioningCancelled`
//! (`internal/controller/metal3.io/host_state_machine.go`, with the rows of its `TestProvisioningCancelled`).

use ironic_types::{PowerState, ProvisionState};
use metal_api::v1alpha1::{
    BareMetalHost, CustomDeploy, Image, ProvisionOn, ProvisioningState as S, VolumeDriver,
};
use metal_plan::{Observation, Step};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

const CANCELLED: &str = "enter: deprovisioning";

fn image(url: Option<&str>) -> Option<Image> {
    url.map(|url| from(json!({"url": url})))
}

fn custom(method: Option<&str>) -> Option<CustomDeploy> {
    method.map(|method| from(json!({"method": method})))
}

/// A host of another operator's time: nothing of a volume, neither in its spec nor on record.
fn by_image(
    state: S,
    wanted: (Option<&str>, Option<&str>),
    deployed: (Option<&str>, Option<&str>),
) -> BareMetalHost {
    host(state).with(without_volume).with(|host| {
        host.spec.image = image(wanted.0);
        host.spec.custom_deploy = custom(wanted.1);
        let provisioning = &mut host.status.as_mut().unwrap().provisioning;
        provisioning.boot_volume = None;
        provisioning.image = image(deployed.0);
        provisioning.custom_deploy = custom(deployed.1);
    })
}

fn running(host: BareMetalHost) -> Observation {
    observe(host).seeing(deployed_node(ProvisionState::Active, PowerState::On))
}

#[rstest]
#[case(None, None, None, None, true)]
#[case(None, None, Some(""), None, true)]
#[case(None, None, Some("a"), None, true)]
#[case(Some(""), None, None, None, true)]
#[case(Some(""), None, Some(""), None, true)]
#[case(Some(""), None, Some("a"), None, true)]
#[case(Some("a"), None, None, None, false)]
#[case(Some("a"), None, Some(""), None, false)]
#[case(Some("a"), None, Some("a"), None, false)]
#[case(Some("a"), None, Some("b"), None, true)]
#[case(None, None, None, Some(""), true)]
#[case(None, None, Some(""), Some(""), true)]
#[case(None, None, Some("a"), Some(""), true)]
#[case(Some(""), None, None, Some(""), true)]
#[case(Some(""), None, Some(""), Some(""), true)]
#[case(Some(""), None, Some("a"), Some(""), true)]
#[case(Some("a"), None, None, Some(""), false)]
#[case(Some("a"), None, Some(""), Some(""), false)]
#[case(Some("a"), None, Some("a"), Some(""), false)]
#[case(Some("a"), None, Some("b"), Some(""), true)]
#[case(None, None, None, Some("a"), true)]
#[case(None, None, Some(""), Some("a"), true)]
#[case(None, None, Some("a"), Some("a"), true)]
#[case(Some(""), None, None, Some("a"), true)]
#[case(Some(""), None, Some(""), Some("a"), true)]
#[case(Some(""), None, Some("a"), Some("a"), true)]
#[case(Some("a"), None, None, Some("a"), true)]
#[case(Some("a"), None, Some(""), Some("a"), true)]
#[case(Some("a"), None, Some("a"), Some("a"), true)]
#[case(Some("a"), None, Some("b"), Some("a"), true)]
#[case(None, Some(""), None, None, true)]
#[case(None, Some(""), Some(""), None, true)]
#[case(None, Some(""), Some("a"), None, true)]
#[case(Some(""), Some(""), None, None, true)]
#[case(Some(""), Some(""), Some(""), None, true)]
#[case(Some(""), Some(""), Some("a"), None, true)]
#[case(Some("a"), Some(""), None, None, false)]
#[case(Some("a"), Some(""), Some(""), None, false)]
#[case(Some("a"), Some(""), Some("a"), None, false)]
#[case(Some("a"), Some(""), Some("b"), None, true)]
#[case(None, Some(""), None, Some(""), true)]
#[case(None, Some(""), Some(""), Some(""), true)]
#[case(None, Some(""), Some("a"), Some(""), true)]
#[case(Some(""), Some(""), None, Some(""), true)]
#[case(Some(""), Some(""), Some(""), Some(""), true)]
#[case(Some(""), Some(""), Some("a"), Some(""), true)]
#[case(Some("a"), Some(""), None, Some(""), false)]
#[case(Some("a"), Some(""), Some(""), Some(""), false)]
#[case(Some("a"), Some(""), Some("a"), Some(""), false)]
#[case(Some("a"), Some(""), Some("b"), Some(""), true)]
#[case(None, Some(""), None, Some("a"), true)]
#[case(None, Some(""), Some(""), Some("a"), true)]
#[case(None, Some(""), Some("a"), Some("a"), true)]
#[case(Some(""), Some(""), None, Some("a"), true)]
#[case(Some(""), Some(""), Some(""), Some("a"), true)]
#[case(Some(""), Some(""), Some("a"), Some("a"), true)]
#[case(Some("a"), Some(""), None, Some("a"), true)]
#[case(Some("a"), Some(""), Some(""), Some("a"), true)]
#[case(Some("a"), Some(""), Some("a"), Some("a"), true)]
#[case(Some("a"), Some(""), Some("b"), Some("a"), true)]
#[case(None, Some("a"), None, None, false)]
#[case(None, Some("a"), Some(""), None, false)]
#[case(None, Some("a"), Some("a"), None, true)]
#[case(Some(""), Some("a"), None, None, false)]
#[case(Some(""), Some("a"), Some(""), None, false)]
#[case(Some(""), Some("a"), Some("a"), None, true)]
#[case(Some("a"), Some("a"), None, None, false)]
#[case(Some("a"), Some("a"), Some(""), None, false)]
#[case(Some("a"), Some("a"), Some("a"), None, false)]
#[case(Some("a"), Some("a"), Some("b"), None, true)]
#[case(None, Some("a"), None, Some(""), false)]
#[case(None, Some("a"), Some(""), Some(""), false)]
#[case(None, Some("a"), Some("a"), Some(""), true)]
#[case(Some(""), Some("a"), None, Some(""), false)]
#[case(Some(""), Some("a"), Some(""), Some(""), false)]
#[case(Some(""), Some("a"), Some("a"), Some(""), true)]
#[case(Some("a"), Some("a"), None, Some(""), false)]
#[case(Some("a"), Some("a"), Some(""), Some(""), false)]
#[case(Some("a"), Some("a"), Some("a"), Some(""), false)]
#[case(Some("a"), Some("a"), Some("b"), Some(""), true)]
#[case(None, Some("a"), None, Some("a"), false)]
#[case(None, Some("a"), Some(""), Some("a"), false)]
#[case(None, Some("a"), Some("a"), Some("a"), true)]
#[case(Some(""), Some("a"), None, Some("a"), false)]
#[case(Some(""), Some("a"), Some(""), Some("a"), false)]
#[case(Some(""), Some("a"), Some("a"), Some("a"), true)]
#[case(Some("a"), Some("a"), None, Some("a"), false)]
#[case(Some("a"), Some("a"), Some(""), Some("a"), false)]
#[case(Some("a"), Some("a"), Some("a"), Some("a"), false)]
#[case(Some("a"), Some("a"), Some("b"), Some("a"), true)]
#[case(None, Some("a"), None, Some("b"), true)]
#[case(None, Some("a"), Some(""), Some("b"), true)]
#[case(None, Some("a"), Some("a"), Some("b"), true)]
#[case(Some(""), Some("a"), None, Some("b"), true)]
#[case(Some(""), Some("a"), Some(""), Some("b"), true)]
#[case(Some(""), Some("a"), Some("a"), Some("b"), true)]
#[case(Some("a"), Some("a"), None, Some("b"), true)]
#[case(Some("a"), Some("a"), Some(""), Some("b"), true)]
#[case(Some("a"), Some("a"), Some("a"), Some("b"), true)]
#[case(Some("a"), Some("a"), Some("b"), Some("b"), true)]
fn an_image_or_a_custom_deployment_is_cancelled_as_in_metal3(
    #[case] wanted_image: Option<&str>,
    #[case] wanted_method: Option<&str>,
    #[case] deployed_image: Option<&str>,
    #[case] deployed_method: Option<&str>,
    #[case] is_cancelled: bool,
) {
    for (state, goes_on) in [
        (S::Provisioned, "rest"),
        (S::Provisioning, "enter: provisioned"),
    ] {
        let host = by_image(
            state,
            (wanted_image, wanted_method),
            (deployed_image, deployed_method),
        );
        let expected = if is_cancelled { CANCELLED } else { goes_on };
        expect(&running(host.clone()), expected);
        let offline = running(host).with(|offline| offline.host.spec.online = false);
        let is_left = planned(&offline).to_string() == CANCELLED;
        assert_eq!(is_left, is_cancelled, "whether it is online plays no part");
    }
}

/// The boot volume of a spec.
#[derive(Clone, Copy)]
enum Volume {
    None,
    Noop,
    Used,
}

/// A volume that is on record is released when it leaves the spec, whatever image the spec names beside it, as it does
/// while Cluster API's Metal3 provider claims the host. Without a record the image is what counts.
#[rstest]
#[case(Volume::None, true, None, None, None, true)]
#[case(Volume::None, true, None, None, Some("a"), true)]
#[case(Volume::None, true, None, Some("a"), None, true)]
#[case(Volume::None, true, None, Some("a"), Some("a"), true)]
#[case(Volume::None, true, Some("a"), None, None, true)]
#[case(Volume::None, true, Some("a"), None, Some("a"), true)]
#[case(Volume::None, true, Some("a"), Some("a"), None, true)]
#[case(Volume::None, true, Some("a"), Some("a"), Some("a"), true)]
#[case(Volume::None, false, None, None, None, true)]
#[case(Volume::None, false, None, None, Some("a"), true)]
#[case(Volume::None, false, None, Some("a"), None, false)]
#[case(Volume::None, false, None, Some("a"), Some("a"), true)]
#[case(Volume::None, false, Some("a"), None, None, false)]
#[case(Volume::None, false, Some("a"), None, Some("a"), false)]
#[case(Volume::None, false, Some("a"), Some("a"), None, false)]
#[case(Volume::None, false, Some("a"), Some("a"), Some("a"), false)]
#[case(Volume::Noop, true, None, None, None, false)]
#[case(Volume::Noop, true, None, None, Some("a"), false)]
#[case(Volume::Noop, true, None, Some("a"), None, false)]
#[case(Volume::Noop, true, None, Some("a"), Some("a"), false)]
#[case(Volume::Noop, true, Some("a"), None, None, false)]
#[case(Volume::Noop, true, Some("a"), None, Some("a"), false)]
#[case(Volume::Noop, true, Some("a"), Some("a"), None, false)]
#[case(Volume::Noop, true, Some("a"), Some("a"), Some("a"), false)]
#[case(Volume::Noop, false, None, None, None, true)]
#[case(Volume::Noop, false, None, None, Some("a"), true)]
#[case(Volume::Noop, false, None, Some("a"), None, false)]
#[case(Volume::Noop, false, None, Some("a"), Some("a"), true)]
#[case(Volume::Noop, false, Some("a"), None, None, false)]
#[case(Volume::Noop, false, Some("a"), None, Some("a"), false)]
#[case(Volume::Noop, false, Some("a"), Some("a"), None, false)]
#[case(Volume::Noop, false, Some("a"), Some("a"), Some("a"), false)]
#[case(Volume::Used, true, None, None, None, false)]
#[case(Volume::Used, true, None, None, Some("a"), false)]
#[case(Volume::Used, true, None, Some("a"), None, false)]
#[case(Volume::Used, true, None, Some("a"), Some("a"), false)]
#[case(Volume::Used, true, Some("a"), None, None, false)]
#[case(Volume::Used, true, Some("a"), None, Some("a"), false)]
#[case(Volume::Used, true, Some("a"), Some("a"), None, false)]
#[case(Volume::Used, true, Some("a"), Some("a"), Some("a"), false)]
#[case(Volume::Used, false, None, None, Some("a"), true)]
#[case(Volume::Used, false, None, Some("a"), None, false)]
#[case(Volume::Used, false, None, Some("a"), Some("a"), true)]
#[case(Volume::Used, false, Some("a"), None, None, false)]
#[case(Volume::Used, false, Some("a"), None, Some("a"), false)]
#[case(Volume::Used, false, Some("a"), Some("a"), None, false)]
#[case(Volume::Used, false, Some("a"), Some("a"), Some("a"), false)]
fn a_volume_is_released_when_it_is_taken_from_the_spec(
    #[case] volume: Volume,
    #[case] is_recorded: bool,
    #[case] wanted_image: Option<&str>,
    #[case] wanted_method: Option<&str>,
    #[case] deployed_image: Option<&str>,
    #[case] is_cancelled: bool,
) {
    for state in [S::Provisioned, S::Provisioning] {
        let host = host(state).with(|host| {
            match volume {
                Volume::None => host.spec.boot_volume = None,
                Volume::Noop => {
                    host.spec.boot_volume.as_mut().unwrap().volume_driver = VolumeDriver::Noop;
                }
                Volume::Used => {}
            }
            host.spec.image = image(wanted_image);
            host.spec.custom_deploy = custom(wanted_method);
            let provisioning = &mut host.status.as_mut().unwrap().provisioning;
            provisioning.image = image(deployed_image);
            if !is_recorded {
                provisioning.boot_volume = None;
            }
        });
        let observation = running(host)
            .with(|observation| observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")]);
        let plan = planned(&observation).to_string();
        assert_eq!(plan == CANCELLED, is_cancelled, "{state}: {plan}");
    }
}

/// The end of a claim is no field that a client dropped.
#[rstest]
#[case::dropped(ProvisionOn::Immediate, None, false)]
#[case::dropped_by_who_claimed_it(ProvisionOn::Claim, Some("boot-volume"), false)]
#[case::dropped_and_let_go(ProvisionOn::Claim, None, true)]
fn a_volume_that_is_gone_while_a_consumer_has_the_host_is_not_released(
    #[case] provision_on: ProvisionOn,
    #[case] method: Option<&str>,
    #[case] is_cancelled: bool,
) {
    for state in [S::Provisioned, S::Provisioning] {
        let host = host(state).with(|host| {
            let status = host.status.as_mut().unwrap();
            let record = status.provisioning.boot_volume.as_mut().unwrap();
            record.provision_on = provision_on;
            host.spec.consumer_ref = Some(from(json!({"name": "machine-0"})));
            host.spec.custom_deploy = custom(method);
            host.spec.boot_volume = None;
        });
        if is_cancelled {
            expect(&running(host), CANCELLED);
            continue;
        }
        expect_start(
            &running(host.clone()),
            "wait: VolumeConflict: spec.bootVolume: it was removed while spec.consumerRef is set",
        );
        let status = after(&running(host.clone())).host.status.unwrap();
        assert!(status.provisioning.boot_volume.is_some());
        let free = host.with(|host| host.spec.consumer_ref = None);
        expect(&running(free), CANCELLED);
    }
}

/// The driver is a part of what can't change.
#[test]
fn a_volume_that_is_not_to_be_used_any_more_is_not_released_by_that() {
    for state in [S::Provisioned, S::Provisioning] {
        let host = host(state).with(|host| {
            host.spec.boot_volume.as_mut().unwrap().volume_driver = VolumeDriver::Noop;
        });
        expect_start(
            &running(host),
            "wait: VolumeConflict: spec.bootVolume.volumeDriver: noop, while the host is deployed from the volume vol-1",
        );
    }
}

/// The record of a deployment from the volume may have been lost, and the machine may run from it.
#[test]
fn a_volume_that_is_asked_for_and_not_on_record_cancels_nothing_that_is_provisioned() {
    let host = host(S::Provisioned)
        .with(|host| host.status.as_mut().unwrap().provisioning.boot_volume = None);
    expect_start(
        &running(host),
        "wait: VolumeConflict: status.provisioning.bootVolume: ",
    );
}

#[rstest]
#[case(false, None, None)]
#[case(false, Some("a"), None)]
#[case(false, None, Some("a"))]
#[case(true, None, None)]
#[case(true, Some("a"), None)]
#[case(true, None, Some("a"))]
#[case(true, Some("a"), Some("a"))]
fn an_externally_provisioned_host_is_let_go_with_what_its_spec_names(
    #[case] is_let_go: bool,
    #[case] wanted_image: Option<&str>,
    #[case] wanted_method: Option<&str>,
) {
    let host = by_image(
        S::ExternallyProvisioned,
        (wanted_image, wanted_method),
        (None, None),
    )
    .with(|host| host.spec.externally_provisioned = Some(!is_let_go));
    let mut observation = running(host);
    if !is_let_go {
        return expect(&observation, "rest");
    }
    expect(&observation, "enter: provisioned, no longer externally");
    observation.host = after(&observation).host;
    let status = &observation.host.status.as_ref().unwrap().provisioning;
    assert_eq!(status.image, image(wanted_image));
    assert_eq!(status.custom_deploy, custom(wanted_method));
    let is_kept = wanted_image.is_some() || wanted_method.is_some();
    expect(&observation, if is_kept { "rest" } else { CANCELLED });
}

/// Another operator began the deployment; without the record no later change of the spec would be noticed.
#[rstest]
#[case(Some("a"), None)]
#[case(None, Some("a"))]
#[case(Some("a"), Some("a"))]
fn what_another_operator_deployed_is_on_record_when_it_is_done(
    #[case] wanted_image: Option<&str>,
    #[case] wanted_method: Option<&str>,
) {
    let host = by_image(S::Provisioning, (wanted_image, wanted_method), (None, None));
    let mut observation = running(host);
    expect(&observation, "enter: provisioned");
    observation.host = after(&observation).host;
    let status = &observation.host.status.as_ref().unwrap().provisioning;
    assert_eq!(status.image, image(wanted_image));
    assert_eq!(status.custom_deploy, custom(wanted_method));
    observation.host.spec.image = image(wanted_image.map(|_| "b"));
    observation.host.spec.custom_deploy = custom(wanted_method.map(|_| "b"));
    expect(&observation, CANCELLED);
}

/// Metal3 lets a host become one from every state before a deployment.
#[rstest]
#[case(S::Registering, ProvisionState::Manageable)]
#[case(S::Inspecting, ProvisionState::Manageable)]
#[case(S::Inspecting, ProvisionState::InspectWait)]
#[case(S::Preparing, ProvisionState::Manageable)]
#[case(S::Preparing, ProvisionState::CleanWait)]
#[case(S::Preparing, ProvisionState::Available)]
#[case(S::Available, ProvisionState::Available)]
#[case(S::Available, ProvisionState::Active)]
#[case(S::Ready, ProvisionState::Available)]
fn a_host_becomes_externally_provisioned(#[case] state: S, #[case] node_state: ProvisionState) {
    let host = by_image(state, (None, None), (None, None)).with(|host| {
        host.spec.externally_provisioned = Some(true);
        host.status.as_mut().unwrap().tried_credentials =
            Some(from(json!({"credentialsVersion": "7"})));
    });
    let observation = observe(host).seeing(node(node_state, PowerState::On));
    expect(&observation, "enter: externally provisioned");
}

/// What is deployed is undeployed by taking the image or the volume away, not by this flag.
#[rstest]
#[case(S::Provisioning, CANCELLED)]
#[case(S::Provisioned, CANCELLED)]
fn a_deployed_host_does_not_become_externally_provisioned(
    #[case] state: S,
    #[case] expected: &str,
) {
    let external = |wanted| {
        by_image(state, (wanted, None), (Some("a"), None))
            .with(|host| host.spec.externally_provisioned = Some(true))
    };
    expect(&running(external(None)), expected);
    let plan = planned(&running(external(Some("a"))));
    assert!(
        !matches!(plan.step, Step::Enter(metal_plan::Transition::TakeOver)),
        "{plan}"
    );
}

/// Whether an available host begins a deployment: Metal3's `NeedsProvisioning` asks for `spec.online` first.
#[rstest]
#[case::nothing_to_deploy(None, None, true, "act: SetPower(power on)")]
#[case::nothing_to_deploy_and_offline(None, None, false, "rest")]
#[case::empty_image(Some(""), None, true, "act: SetPower(power on)")]
#[case::empty_method(None, Some(""), true, "act: SetPower(power on)")]
#[case::image(Some("a"), None, true, "wait: spec.image: ")]
#[case::method(None, Some("a"), true, "wait: spec.customDeploy: ")]
#[case::both(Some("a"), Some("a"), true, "wait: spec.image: ")]
#[case::image_offline(Some("a"), None, false, "wait: spec.image: ")]
fn an_image_stops_an_available_host_for_now(
    #[case] wanted_image: Option<&str>,
    #[case] wanted_method: Option<&str>,
    #[case] is_online: bool,
    #[case] expected: &str,
) {
    let host = by_image(S::Available, (wanted_image, wanted_method), (None, None))
        .with(|host| host.spec.online = is_online);
    let observation = observe(host).seeing(node(ProvisionState::Available, PowerState::Off));
    expect_start(&observation, expected);
}

#[test]
fn a_machine_whose_record_was_lost_is_not_shut_down_while_its_volume_is_asked_for() {
    let lost = host(S::Provisioned).with(|host| {
        annotated(host, "ironboot.io/deployed-volume", "vol-1");
        host.status.as_mut().unwrap().provisioning.boot_volume = None;
    });
    expect_start(
        &running(lost.clone()),
        "wait: VolumeConflict: status.provisioning.bootVolume: the record of the deployment was lost",
    );
    // As by a definition of the resource that lacks all of our fields.
    let pruned = lost.clone().with(without_volume);
    expect_start(
        &running(pruned.clone()),
        "wait: VolumeConflict: status.provisioning.bootVolume: the record of the deployment was lost",
    );
    let released = pruned.with(|host| host.metadata.annotations = None);
    expect(&running(released), CANCELLED);
    expect(&running(lost.with(deleted)), CANCELLED);
}
