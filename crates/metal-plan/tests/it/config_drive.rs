//! User data: how it gets to a machine that boots from a volume, and what is said where it can't.

use ironic_types::{PowerState, ProvisionState as N};
use metal_api::conditions::{ConditionType, find_condition};
use metal_api::v1alpha1::{BareMetalHost, ConfigDrive, ErrorType, ProvisioningState as S};
use metal_plan::{
    ConfigDriveFacts, NextHost, Observation, Outcome, VirtualMediaFacts, needs, next_host,
};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use crate::events::is_known;
use crate::fixtures::*;
use crate::properties::{drives, with_drive};
use crate::toy::Toy;

const DEPLOYED: &str = "ironboot.io/deployed-config-drive";

fn with_data(host: &mut BareMetalHost) {
    host.spec.user_data = from(json!({"name": "user-data"}));
}

fn choosing(choice: ConfigDrive) -> impl Fn(&mut BareMetalHost) {
    move |host| host.spec.boot_volume.as_mut().unwrap().config_drive = Some(choice)
}

/// The content that goes by a word was recorded.
fn recorded(host: &mut BareMetalHost, word: &str) {
    let status = host.status.as_mut().unwrap();
    let intent = status.provisioning.boot_volume.as_mut().unwrap();
    intent.config_drive = Some(format!("{KEY_ID}.{word}"));
}

fn available(host: BareMetalHost) -> Observation {
    observe(host).seeing(node(N::Available, PowerState::Off))
}

/// An intent with a config drive, the machine off and nothing told to Ironic.
fn intended() -> Observation {
    let host = host(S::Provisioning)
        .with(with_data)
        .with(|host| recorded(host, "drive"));
    observe(host).seeing(deployed_node(N::Available, PowerState::Off))
}

/// The volumes are told to Ironic.
fn begun() -> Observation {
    intended().with(|observation| {
        let seen = observation.seen();
        seen.connectors = vec![connector(INITIATOR)];
        seen.targets = vec![target(NODE, DEPLOYMENT, "7")];
    })
}

/// A release of a host whose machine has a config drive, undeployed and off.
fn undeployed() -> Observation {
    let host = host(S::Deprovisioning)
        .with(without_volume)
        .with(|host| recorded(host, "drive"));
    observe(host).seeing(node(N::Available, PowerState::Off))
}

fn media(observation: Observation, facts: VirtualMediaFacts) -> Observation {
    observation.with(|observation| observation.seen().virtual_media = facts)
}

/// Ironic's word for what failed.
fn complaint(is_inserted: bool, words: &str) -> VirtualMediaFacts {
    VirtualMediaFacts::Drive {
        is_inserted,
        last_error: Some(words.to_owned()),
        is_asked_in_vain: false,
    }
}

/// A minute ago the contrary was asked for.
fn in_vain(is_inserted: bool) -> VirtualMediaFacts {
    VirtualMediaFacts::Drive {
        is_inserted,
        last_error: None,
        is_asked_in_vain: true,
    }
}

const NOT_ATTACHED: &str = "Could not attach device cdrom to node 1: Got HTTP code 404";
const NOT_DETACHED: &str = "Could not detach device(s) ['cdrom'] from node 1: the BMC is gone";

fn condition(next: &NextHost) -> Option<(String, String)> {
    let conditions = &next.host.status.as_ref().unwrap().conditions;
    let condition = find_condition(conditions, ConditionType::UserDataDelivered)?;
    Some((condition.reason.clone(), condition.message.clone()))
}

#[track_caller]
fn expect_reason(next: &NextHost, reason: &str) {
    assert_eq!(condition(next).unwrap().0, reason);
}

fn unchanged(_: &mut BareMetalHost) {}

#[rstest]
#[case::nothing_to_deliver(unchanged, false)]
#[case::user_data(with_data, true)]
#[case::network_data(|host: &mut BareMetalHost| host.spec.network_data = from(json!({"name": "net"})), true)]
#[case::metadata(|host: &mut BareMetalHost| host.spec.meta_data = from(json!({"name": "meta"})), true)]
#[case::asked_for(choosing(ConfigDrive::VirtualMedia), true)]
#[case::forgone(|host: &mut BareMetalHost| { with_data(host); choosing(ConfigDrive::None)(host) }, false)]
fn a_config_drive_is_made_for_what_there_is_to_deliver(
    #[case] change: impl FnOnce(&mut BareMetalHost),
    #[case] expected: bool,
) {
    let observation = available(host(S::Available).with(change));
    expect(&observation, "enter: provisioning from vol-1");
    let next = after(&observation);
    let intent = next.host.status.unwrap().provisioning.boot_volume.unwrap();
    let drive = expected.then(|| format!("{KEY_ID}.drive"));
    assert_eq!(intent.config_drive, drive);
    let annotations = next.host.metadata.annotations.unwrap();
    assert_eq!(annotations.get(DEPLOYED), drive.as_ref());
    let reads = needs(&observation.host, observation.node());
    assert_eq!(
        (reads.config_drive, reads.virtual_media),
        (expected, expected)
    );
}

#[rstest]
#[case(ConfigDriveFacts::NotServed, "NotServed", "--config-drive-url")]
#[case(ConfigDriveFacts::SecretMissing { field: "spec.userData", secret: "user-data".into() }, "SecretMissing", "spec.userData: Secret user-data does not exist")]
#[case(ConfigDriveFacts::SecretInvalid { field: "spec.userData", secret: "user-data".into(), problem: "it is too large".into() }, "SecretInvalid", "it is too large")]
#[case(ConfigDriveFacts::NotRead, "Pending", "not looked at yet")]
fn nothing_is_deployed_without_its_user_data(
    #[case] facts: ConfigDriveFacts,
    #[case] reason: &str,
    #[case] words: &str,
) {
    let observation = available(host(S::Available).with(with_data));
    let observation = observation.with(|observation| observation.config_drive = facts);
    expect_start(&observation, &format!("wait: {reason}: "));
    let next = after(&observation);
    let (shown, message) = condition(&next).unwrap();
    assert_eq!(shown, reason);
    assert!(message.contains(words), "{message}");
    let status = next.host.status.as_ref().unwrap();
    assert_eq!(status.error_message, message);
    let ready = find_condition(&status.conditions, ConditionType::Ready).unwrap();
    assert_eq!(
        (ready.reason.as_str(), ready.status.as_str()),
        (reason, "False")
    );
}

/// A consumer brings user data, and would wait for ever where it can't be delivered.
#[rstest]
#[case::no_drive(VirtualMediaFacts::Lacking { problem: "the driver has none".into() }, drive_of("drive"), "NoVirtualMedia")]
#[case::not_served(disc(false), ConfigDriveFacts::NotServed, "NotServed")]
fn a_host_that_can_take_no_user_data_is_offered_only_if_it_forgoes_it(
    #[case] facts: VirtualMediaFacts,
    #[case] content: ConfigDriveFacts,
    #[case] reason: &str,
) {
    let offered = available(host(S::Available).with(for_claims));
    let observation = media(offered, facts).with(|observation| observation.config_drive = content);
    expect_start(&observation, &format!("wait: {reason}: "));
    let next = after(&observation);
    expect_reason(&next, reason);
    assert!(!next.host.status.unwrap().error_message.is_empty());

    let forgoing =
        observation.with(|observation| choosing(ConfigDrive::None)(&mut observation.host));
    expect(&forgoing, "wait: nobody has claimed the host");
    assert!(!needs(&forgoing.host, forgoing.node()).virtual_media);
    assert_eq!(condition(&after(&forgoing)), None);
}

#[test]
fn a_claim_with_user_data_is_deployed_with_it() {
    let host = host(S::Available)
        .with(for_claims)
        .with(claimed)
        .with(with_data);
    let next = after(&available(host));
    expect_reason(&next, "Pending");
    let intent = next.host.status.unwrap().provisioning.boot_volume.unwrap();
    assert_eq!(intent.config_drive.unwrap(), format!("{KEY_ID}.drive"));
}

#[rstest]
#[case::a_disc_of_before_is_ejected(media(intended(), disc(true)), "act: DetachConfigDrive")]
#[case::volumes_then_the_disc(
    intended(),
    "act: CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) AttachConfigDrive(1a2b3c4d.drive)"
)]
#[case::cut_off_between(begun(), "act: AttachConfigDrive(1a2b3c4d.drive)")]
#[case::ironic_works_on_it(
    media(begun(), VirtualMediaFacts::Busy),
    "wait: virtual media are changing"
)]
#[case::it_is_in(media(begun(), disc(true)), "act: Validate SetProvisionState(active)")]
#[case::it_failed(
    media(begun(), complaint(false, NOT_ATTACHED)),
    "enter: failure: the config drive could not be inserted: Could not attach device cdrom to node 1: Got HTTP code 404"
)]
#[case::a_complaint_of_before_says_nothing(
    media(intended(), complaint(false, NOT_ATTACHED)),
    "act: CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) AttachConfigDrive(1a2b3c4d.drive)"
)]
#[case::nothing_came_of_it(
    media(begun(), in_vain(false)),
    "enter: failure: the config drive could not be inserted: Ironic took the request, and the BMC shows no change a minute later"
)]
#[case::a_disc_of_before_stays(
    media(intended(), complaint(true, NOT_DETACHED)),
    "enter: failure: the config drive could not be ejected: Could not detach device(s) ['cdrom'] from node 1: the BMC is gone"
)]
#[case::another_complaint_says_nothing(
    media(begun(), complaint(true, "no power")),
    "act: Validate SetProvisionState(active)"
)]
#[case::the_drive_is_gone(media(begun(), VirtualMediaFacts::Lacking { problem: "none".into() }), "wait: NoVirtualMedia: spec.bootVolume.configDrive: user data can't be delivered (none); set it to None to do without user data")]
#[case::nobody_can_look(media(begun(), VirtualMediaFacts::Unreadable { message: "500".into() }), "enter: failure: the config drive could not be inserted: 500")]
fn the_disc_is_in_before_the_machine_starts(
    #[case] observation: Observation,
    #[case] expected: &str,
) {
    expect(&observation, expected);
}

#[test]
fn a_machine_that_runs_is_shut_down_before_its_disc_is_changed() {
    let mut observation = media(intended(), disc(true));
    let running = observation.seen().node.as_mut().unwrap();
    running.power_state = Some(PowerState::On);
    expect_start(&observation, "act: SetPower(");
    assert!(!needs(&observation.host, observation.node()).fresh_virtual_media);
}

#[test]
fn a_failed_insertion_is_told_until_the_next_attempt() {
    let observation = media(begun(), complaint(false, NOT_ATTACHED));
    let mut host = after(&observation).host;
    let mut told = Vec::new();
    for _ in 0..4 {
        let next = after(&media(available(host), disc(false)));
        let (reason, message) = condition(&next).unwrap();
        assert!(message.contains("Got HTTP code 404"), "{message}");
        told.push((next.host.state(), reason));
        host = next.host;
    }
    let failed = || "AttachFailed".to_owned();
    assert!(told.contains(&(S::Deprovisioning, failed())), "{told:?}");
    assert!(told.contains(&(S::Available, failed())), "{told:?}");
}

#[test]
fn a_refusal_at_once_says_what_was_refused() {
    let observation = begun();
    let plan = planned(&observation);
    let outcome = Outcome::Refused {
        message: "no way".to_owned(),
    };
    let next = next_host(&observation, &plan, &[outcome]);
    expect_reason(&next, "AttachFailed");
    let status = next.host.status.unwrap();
    assert_eq!(
        status.error_message,
        "the config drive could not be inserted: no way"
    );
    assert_eq!(status.error_type, Some(ErrorType::Provisioning));
}

#[test]
fn other_content_before_the_deployment_begins_is_another_intent() {
    let observation = begun().with(|observation| observation.config_drive = drive_of("other"));
    expect(&observation, "enter: provisioning from vol-1");
    let host = after(&observation).host;
    // What is in by now is of the intent before, and so is the target.
    let next = observe(host).seeing(deployed_node(N::Available, PowerState::Off));
    let next = media(next, disc(true)).with(|observation| {
        observation.config_drive = drive_of("other");
        observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
    });
    expect(&next, "act: DetachConfigDrive");
}

#[test]
fn a_host_that_forgoes_it_before_the_deployment_begins_is_undone_first() {
    let observation = media(begun(), disc(true));
    let observation =
        observation.with(|observation| choosing(ConfigDrive::None)(&mut observation.host));
    expect(&observation, "enter: deprovisioning");
}

#[rstest]
#[case::it_is_in(disc(true), "act: DetachConfigDrive")]
#[case::ironic_works_on_it(VirtualMediaFacts::Busy, "wait: virtual media are changing")]
#[case::it_is_out(
    disc(false),
    "act: UpdateNode(/storage_interface,/deploy_interface,/properties/capabilities)"
)]
#[case::nobody_knows_whether_it_is_out(VirtualMediaFacts::Lacking { problem: "none".into() }, "enter: failure: the config drive could not be ejected: none")]
#[case::nothing_came_of_it(
    in_vain(true),
    "enter: failure: the config drive could not be ejected: Ironic took the request, and the BMC shows no change a minute later"
)]
#[case::it_failed(
    complaint(true, NOT_DETACHED),
    "enter: failure: the config drive could not be ejected: Could not detach device(s) ['cdrom'] from node 1: the BMC is gone"
)]
#[case::nobody_can_look(VirtualMediaFacts::Unreadable { message: "500".into() }, "enter: failure: the config drive could not be ejected: 500")]
fn a_release_takes_the_disc_out(#[case] facts: VirtualMediaFacts, #[case] expected: &str) {
    let observation = undeployed().with(|observation| {
        let node = observation.seen().node.as_mut().unwrap();
        node.properties = from(json!({"capabilities": "boot_mode:bios,iscsi_boot:true"}));
    });
    expect(&media(observation, facts), expected);
}

#[test]
fn an_ejection_that_failed_is_tried_again_and_counted_each_time() {
    let failing = || media(undeployed(), complaint(true, NOT_DETACHED));
    let failed = after(&failing());
    expect_reason(&failed, "AttachFailed");
    let again = failing().with(|observation| {
        observation.host = failed.host.clone();
        let status = observation.host.status.as_mut().unwrap();
        status.last_updated = Some(ago(600));
    });
    expect(&again, "act: DetachConfigDrive");
    let tried = after(&again);
    let once_more = failing().with(|observation| observation.host = tried.host.clone());
    let counted = after(&once_more).host.status.unwrap();
    assert_eq!(counted.error_count, 2);
}

#[test]
fn a_look_that_failed_is_repeated_at_its_time_and_counted_each_time() {
    let unreadable = VirtualMediaFacts::Unreadable {
        message: "500".into(),
    };
    let failed = after(&media(undeployed(), unreadable.clone())).host;
    let at = |seconds| {
        let failed = failed.clone();
        media(undeployed(), unreadable.clone()).with(|observation| {
            observation.host = failed;
            observation.host.status.as_mut().unwrap().last_updated = Some(ago(seconds));
        })
    };
    expect_start(&at(10), "wait: next attempt at");
    expect_start(&at(600), "enter: failure");
    assert_eq!(after(&at(600)).host.status.unwrap().error_count, 2);
}

#[test]
fn a_host_without_a_config_drive_asks_no_bmc_for_one() {
    let observation = observe(host(S::Deprovisioning)).seeing(node(N::Available, PowerState::Off));
    let reads = needs(&observation.host, observation.node());
    assert!(!reads.virtual_media && !reads.config_drive);
    let running = host(S::Provisioned)
        .with(with_data)
        .with(|host| recorded(host, "drive"));
    let running = observe(running).seeing(deployed_node(N::Active, PowerState::On));
    let reads = needs(&running.host, running.node());
    assert!(!reads.virtual_media && !reads.config_drive);
    expect_reason(&after(&running), "Attached");
}

#[rstest]
#[case::other_content(with_data, "other", true)]
#[case::the_same(with_data, "drive", false)]
#[case::forgone(choosing(ConfigDrive::None), "drive", true)]
fn a_redeployment_delivers_what_was_changed(
    #[case] change: impl FnOnce(&mut BareMetalHost),
    #[case] content: &str,
    #[case] expected: bool,
) {
    let host = host(S::Provisioned)
        .with(|host| recorded(host, "drive"))
        .with(|host| annotated(host, "ironboot.io/redeploy", "1"))
        .with(change);
    let observation = observe(host)
        .seeing(deployed_node(N::Active, PowerState::On))
        .with(|observation| observation.config_drive = drive_of(content));
    let expected = if expected {
        "enter: provisioning from vol-1"
    } else {
        "enter: no reason to deploy anew"
    };
    expect_start(&observation, expected);
}

/// The intent has none, and the machine may have that of the deployment before.
#[rstest]
#[case::it_is_in(disc(true), "act: DetachConfigDrive")]
#[case::it_is_out(
    disc(false),
    "act: CreateConnector(iqn.2026-11.org.example:node-0) CreateTarget(vol-1) Validate SetProvisionState(active)"
)]
#[case::nobody_can_look(VirtualMediaFacts::Lacking { problem: "none".into() }, "enter: failure: the config drive could not be ejected: none")]
fn a_deployment_without_user_data_begins_with_an_empty_drive(
    #[case] facts: VirtualMediaFacts,
    #[case] expected: &str,
) {
    let host = host(S::Provisioning).with(|host| annotated(host, DEPLOYED, "1a2b3c4d.drive"));
    let observation = observe(host).seeing(deployed_node(N::Available, PowerState::Off));
    assert!(needs(&observation.host, observation.node()).fresh_virtual_media);
    let observation = media(observation, facts);
    expect(&observation, expected);
    assert!(
        after(&observation)
            .host
            .metadata
            .annotations
            .unwrap()
            .contains_key(DEPLOYED),
        "it is forgotten before the machine runs"
    );
}

#[test]
fn what_was_seen_out_is_forgotten_once_the_machine_runs() {
    let host = host(S::Provisioning).with(|host| annotated(host, DEPLOYED, "1a2b3c4d.drive"));
    let observation = observe(host).seeing(deployed_node(N::Active, PowerState::On));
    let observation = observation.with(|observation| {
        observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
    });
    let next = after(&observation);
    assert_eq!(next.host.state(), S::Provisioned);
    assert!(
        !next
            .host
            .metadata
            .annotations
            .unwrap_or_default()
            .contains_key(DEPLOYED)
    );
}

/// The status was lost before the deletion; the annotation was not.
#[test]
fn a_deleted_host_without_a_record_loses_its_disc_too() {
    let host = host(S::Deprovisioning).with(deleted).with(|host| {
        host.status.as_mut().unwrap().provisioning.boot_volume = None;
        annotated(host, "ironboot.io/deployed-volume", "x");
        annotated(host, DEPLOYED, "1a2b3c4d.drive");
    });
    let observation = observe(host).seeing(node(N::Available, PowerState::Off));
    assert!(needs(&observation.host, observation.node()).fresh_virtual_media);
    expect(&media(observation, disc(true)), "act: DetachConfigDrive");
}

#[test]
fn a_deletion_looks_at_no_drive_but_to_eject() {
    let host = host(S::Available).with(for_claims).with(deleted);
    let observation = available(host);
    let reads = needs(&observation.host, observation.node());
    assert!(!reads.virtual_media && !reads.config_drive);
}

#[test]
fn a_host_is_not_offered_while_ironic_works_on_its_drive() {
    let observation = available(host(S::Available).with(for_claims));
    let observation = media(observation, VirtualMediaFacts::Busy);
    expect(&observation, "wait: virtual media are changing");
    let next = after(&observation);
    assert!(!next.host.status.unwrap().error_message.is_empty());
    assert_eq!(next.events, []);
}

#[test]
fn a_redeployment_that_could_not_deliver_leaves_the_machine_running() {
    let host = host(S::Provisioned)
        .with(with_data)
        .with(|host| annotated(host, "ironboot.io/redeploy", "1"));
    let observation = observe(host).seeing(deployed_node(N::Active, PowerState::On));
    let lacking = VirtualMediaFacts::Lacking {
        problem: "none".into(),
    };
    expect_start(&media(observation, lacking), "wait: NoVirtualMedia: ");
}

/// Metal3's types drop the record on a move; the annotation keeps what a release must know.
#[test]
fn a_move_does_not_forget_the_disc() {
    let deployed = format!("{TARGET}/1/vol-1@{DEPLOYMENT}");
    let host = host(S::None).with(|host| {
        host.status = None;
        annotated(host, "ironboot.io/deployed-volume", &deployed);
        annotated(host, DEPLOYED, "9c8d.drive");
    });
    let restored = after(&observe(host)).host.status.unwrap();
    let volume = restored.provisioning.boot_volume.unwrap();
    assert_eq!(volume.config_drive.as_deref(), Some("9c8d.drive"));
}

#[test]
fn a_life_with_user_data_ends_with_nothing_left() {
    let mut observation = available(host(S::Available).with(with_data));
    let mut toy = Toy::default();
    let plans = toy.live(&mut observation, 40);
    let at = |plan: &str| plans.iter().position(|other| other.contains(plan)).unwrap();
    assert!(
        at("AttachConfigDrive") < at("SetProvisionState(active)"),
        "{plans:#?}"
    );
    assert_eq!(observation.host.state(), S::Provisioned);
    assert_eq!(observation.seen().virtual_media, disc(true));
    without_volume(&mut observation.host);
    let plans = toy.live(&mut observation, 40);
    assert_eq!(observation.host.state(), S::Available, "{plans:#?}");
    assert_eq!(observation.seen().virtual_media, disc(false));
    let annotations = observation.host.metadata.annotations.unwrap_or_default();
    assert!(!annotations.contains_key(DEPLOYED), "{annotations:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Where a host is deployed or released, and no more is wrong than the drive.
    #[test]
    fn no_promise_is_broken_whatever_is_known_of_the_drive(
        state in prop::sample::select(vec![S::Available, S::Provisioning, S::Provisioned, S::Deprovisioning]),
        drive in drives(),
        (is_active, is_on, is_begun) in any::<(bool, bool, bool)>(),
        (is_for_claims, is_claimed, is_asked_again) in any::<(bool, bool, bool)>(),
        (keeps_volume, has_failed) in (any::<bool>(), prop::bool::weighted(0.2)),
    ) {
        let node_state = if is_active { N::Active } else { N::Available };
        let power = if is_on { PowerState::On } else { PowerState::Off };
        let mut host = host(state);
        if is_asked_again {
            annotated(&mut host, "ironboot.io/redeploy", "1");
        }
        if is_for_claims {
            for_claims(&mut host);
        }
        if is_claimed {
            claimed(&mut host);
        }
        if has_failed {
            failed(&mut host, ErrorType::Provisioning, 100);
        }
        let mut observation = observe(host).seeing(deployed_node(node_state, power));
        with_drive(&mut observation, drive);
        if is_begun {
            observation.seen().connectors = vec![connector(INITIATOR)];
            observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
        }
        if !keeps_volume {
            without_volume(&mut observation.host);
        }
        let plan = planned(&observation);
        for event in after(&observation).events {
            prop_assert!(is_known(event.reason.as_str()), "{:?} of {plan}", event.reason);
        }
    }
}
