//! Hosts that are deployed only once a consumer claims them, and the hold on the volume that a consumer leaves.

use ironic_types::{PowerState, ProvisionState};
use metal_api::v1alpha1::{
    BareMetalHost, ErrorType, LunMapping, OperationalStatus, ProvisionOn, ProvisioningState as S,
    ReclaimPolicy,
};
use metal_plan::{EventKind, IronicView, NextHost, Observation, SecretFacts, plan};
use rstest::rstest;
use serde_json::json;

use crate::fixtures::*;

const LABEL: &str = "ironboot.io/boot-volume";
const RELEASED: &str = "ironboot.io/released-volume";
const REUSE: &str = "ironboot.io/reuse-volume";
const DEPLOYED: &str = "ironboot.io/deployed-volume";

fn claim_host(state: S) -> BareMetalHost {
    host(state).with(for_claims)
}

fn left() -> String {
    format!("{TARGET}/1/vol-1@{DEPLOYMENT}")
}

fn held(host: &mut BareMetalHost) {
    annotated(host, RELEASED, &left());
}

fn available(host: BareMetalHost) -> Observation {
    observe(host).seeing(node(ProvisionState::Available, PowerState::Off))
}

fn running(host: BareMetalHost) -> Observation {
    observe(host)
        .seeing(deployed_node(ProvisionState::Active, PowerState::On))
        .with(|observation| observation.seen().targets = vec![target(NODE, DEPLOYMENT, "7")])
}

fn reuse(host: &mut BareMetalHost) {
    host.spec.boot_volume.as_mut().unwrap().reclaim_policy = Some(ReclaimPolicy::Reuse);
}

fn has_value(host: &BareMetalHost, name: &str) -> Option<String> {
    host.metadata.annotations.as_ref()?.get(name).cloned()
}

fn has_label(host: &BareMetalHost) -> bool {
    let labels = host.metadata.labels.as_ref();
    labels.is_some_and(|labels| labels.get(LABEL).is_some_and(|value| value == "true"))
}

/// What a host shows: `errorMessage`, and the status and reason of `BootVolumeReady`.
fn shown(next: &NextHost) -> (&str, String) {
    let status = next.host.status.as_ref().unwrap();
    let mut conditions = status.conditions.iter();
    let ready = conditions.find(|condition| condition.type_ == "BootVolumeReady");
    let ready = ready.map_or_else(String::new, |ready| {
        format!("{} {}", ready.status, ready.reason)
    });
    (&status.error_message, ready)
}

/// Nothing is wrong: no error type, no count, no Warning.
#[track_caller]
fn expect_well(next: &NextHost) {
    let status = next.host.status.as_ref().unwrap();
    assert_eq!(status.operational_status, OperationalStatus::Ok);
    assert_eq!((status.error_type, status.error_count), (None, 0));
    assert!(
        next.events
            .iter()
            .all(|event| event.kind == EventKind::Normal)
    );
}

#[test]
fn an_unclaimed_host_is_offered_while_its_volume_can_be_used() {
    let observation = available(claim_host(S::Available));
    expect(&observation, "wait: nobody has claimed the host");
    let next = after(&observation);
    assert_eq!(shown(&next), ("", "True Ready".into()));
    expect_well(&next);
    assert!(has_label(&next.host));
}

#[rstest]
#[case::no_secret(|seen: &mut Observation| seen.iscsi_credentials = chap_secret(SecretFacts::Missing), "False SecretMissing")]
#[case::no_permission(|seen: &mut Observation| seen.iscsi_credentials = chap_secret(SecretFacts::NotOptedIn), "False SecretNotOptedIn")]
#[case::another_node_has_it(|seen: &mut Observation| seen.seen().targets = vec![target(OTHER_NODE, FRESH, "7")], "False VolumeConflict")]
#[case::no_address(|seen: &mut Observation| seen.host.spec.boot_mac_address = None, "False Invalid")]
#[case::image(|seen: &mut Observation| seen.host.spec.image = Some(from(json!({"url": "a"}))), "False ImageConflict")]
#[case::another_method(|seen: &mut Observation| seen.host.spec.custom_deploy = Some(from(json!({"method": "a"}))), "False ImageConflict")]
#[case::maintenance(|seen: &mut Observation| seen.seen().node.as_mut().unwrap().maintenance = true, "Unknown Checking")]
#[case::no_answer(|seen: &mut Observation| seen.ironic = IronicView::Unavailable { message: "it is off".into() }, "Unknown Checking")]
#[case::another_field(|seen: &mut Observation| seen.host.spec.firmware = Some(from(json!({"sriovEnabled": true}))), "Unknown Checking")]
fn an_unclaimed_host_is_not_offered_while_it_could_not_be_deployed(
    #[case] change: fn(&mut Observation),
    #[case] ready: &str,
) {
    let observation = available(claim_host(S::Available)).with(change);
    let plan = plan(&observation);
    let next = metal_plan::next_host(&observation, &plan, &[]);
    let (message, condition) = shown(&next);
    assert!(!message.is_empty(), "{plan}");
    assert_eq!(condition, ready, "{plan}");
}

/// The write by which a host becomes available comes before its volume was looked at.
#[test]
fn a_host_is_not_offered_before_its_volume_was_looked_at() {
    let observation =
        observe(claim_host(S::Preparing)).seeing(node(ProvisionState::Available, PowerState::Off));
    expect(&observation, "enter: available");
    let next = after(&observation);
    let (message, _) = shown(&next);
    assert!(message.contains("has not been checked yet"), "{message}");
    expect_well(&next);
}

#[test]
fn a_host_that_deploys_by_itself_is_never_offered() {
    let observation = available(host(S::Available).with(|host| host.spec.online = false));
    expect(&observation, "wait: spec.online is false");
    let next = after(&observation);
    assert!(shown(&next).0.contains("not offered to consumers"));
    expect_well(&next);
    assert!(!has_label(&next.host));
}

#[rstest]
#[case::deploys_by_itself(|host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().provision_on = ProvisionOn::Immediate)]
#[case::unused(|host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().volume_driver = metal_api::v1alpha1::VolumeDriver::Noop)]
#[case::no_volume(without_volume)]
fn the_label_goes_from_a_host_that_is_not_for_claims_any_more(
    #[case] change: fn(&mut BareMetalHost),
) {
    let labelled = after(&available(claim_host(S::Available))).host;
    assert!(has_label(&labelled));
    let next = after(&available(labelled.with(change)));
    assert_eq!(next.host.metadata.labels, None);
}

#[test]
fn an_unclaimed_host_that_is_to_be_off_is_shut_down() {
    let observation = observe(claim_host(S::Available).with(|host| host.spec.online = false))
        .seeing(node(ProvisionState::Available, PowerState::On));
    expect(&observation, "act: SetPower(soft power off)");
}

#[test]
fn a_claim_starts_the_deployment_once_the_host_is_to_be_online() {
    let waiting = claim_host(S::Available)
        .with(claimed)
        .with(|host| host.spec.online = false);
    let observation = available(waiting);
    expect(&observation, "wait: spec.online is false");
    assert!(shown(&after(&observation)).0.contains("is claimed"));
    let online = observation.with(|observation| observation.host.spec.online = true);
    expect(&online, "enter: provisioning from vol-1");
    let next = after(&online);
    let record = next
        .host
        .status
        .clone()
        .unwrap()
        .provisioning
        .boot_volume
        .unwrap();
    assert_eq!(record.provision_on, ProvisionOn::Claim);
}

#[test]
fn the_method_of_claims_means_nothing_more_to_a_host_that_deploys_by_itself() {
    let observation = available(host(S::Available).with(claimed));
    expect(&observation, "enter: provisioning from vol-1");
    expect(&running(host(S::Provisioned).with(claimed)), "rest");
    expect(&running(host(S::Provisioned)), "rest");
}

#[test]
fn the_method_of_claims_needs_a_volume() {
    let observation = available(host(S::Available).with(without_volume).with(claimed));
    expect_start(
        &observation,
        "wait: Invalid: spec.customDeploy.method: boot-volume asks for",
    );
}

/// What a consumer may write into a host that was deployed for a claim, and whether that releases it.
#[rstest]
#[case::claimed(Some("boot-volume"), None, false)]
#[case::claimed_with_image(Some("boot-volume"), Some("a"), false)]
#[case::let_go(None, None, true)]
#[case::let_go_with_image(None, Some("a"), true)]
#[case::emptied(Some(""), None, true)]
#[case::another_method(Some("b"), None, true)]
#[case::another_method_with_image(Some("b"), Some("a"), true)]
fn the_end_of_the_claim_releases_the_host(
    #[case] method: Option<&str>,
    #[case] image: Option<&str>,
    #[case] is_released: bool,
    #[values(true, false)] has_consumer: bool,
    #[values(S::Provisioned, S::Provisioning)] state: S,
) {
    let host = claim_host(state).with(|host| {
        host.spec.custom_deploy = method.map(|method| from(json!({"method": method})));
        host.spec.image = image.map(|url| from(json!({"url": url})));
        host.spec.consumer_ref = has_consumer.then(|| from(json!({"name": "machine-0"})));
    });
    let plan = planned(&running(host)).to_string();
    assert_eq!(plan == "enter: deprovisioning", is_released, "{plan}");
}

#[test]
fn an_image_that_comes_before_ironic_begins_stops_the_deployment_until_it_is_cleared() {
    let host = claim_host(S::Provisioning).with(claimed).with(|host| {
        host.spec.image = Some(from(json!({"url": "a"})));
    });
    let observation = observe(host).seeing(node(ProvisionState::Available, PowerState::Off));
    expect_start(&observation, "wait: ImageConflict: spec.image: ");
    let cleared = observation.with(|observation| observation.host.spec.image = None);
    expect_start(&cleared, "act: UpdateNode(");
}

#[rstest]
#[case::claimed(claimed)]
#[case::let_go(|_: &mut BareMetalHost| {})]
fn what_a_deployed_host_waits_for_can_not_change(#[case] change: fn(&mut BareMetalHost)) {
    let immediate = host(S::Provisioned).with(change).with(|host| {
        host.spec.boot_volume.as_mut().unwrap().provision_on = ProvisionOn::Claim;
    });
    expect_start(
        &running(immediate),
        "wait: VolumeConflict: spec.bootVolume.provisionOn: ",
    );
}

#[test]
fn a_reclaim_policy_is_only_for_claims() {
    let host = host(S::Available).with(reuse);
    expect_start(
        &available(host),
        "wait: Invalid: spec.bootVolume.reclaimPolicy: ",
    );
}

/// All passes of a release, from the one that begins it.
fn released(host: BareMetalHost) -> Vec<NextHost> {
    let mut passes = vec![after(&running(host))];
    let undone = |host| observe(host).seeing(node(ProvisionState::Available, PowerState::Off));
    let active = passes[0].host.clone();
    expect(
        &observe(active.clone()).seeing(deployed_node(ProvisionState::Active, PowerState::Off)),
        "act: SetProvisionState(deleted)",
    );
    expect(&undone(active.clone()), "enter: available");
    passes.push(after(&undone(active)));
    passes
}

#[test]
fn what_a_consumer_leaves_is_held_from_before_the_release_begins() {
    let passes = released(claim_host(S::Provisioned));
    let [begun, done] = passes.as_slice() else {
        panic!("two passes");
    };
    assert_eq!(begun.host.state(), S::Deprovisioning);
    assert_eq!(has_value(&begun.host, RELEASED), Some(left()));
    assert_eq!(done.host.state(), S::Available);
    assert_eq!(has_value(&done.host, DEPLOYED), None);
    // The very write that shows `available` keeps consumers away.
    let (message, ready) = shown(done);
    assert!(message.contains("ironboot.io/reuse-volume"), "{message}");
    assert!(message.contains(&left()), "{message}");
    assert_eq!(ready, "False Released");
    expect_well(done);
    assert!(
        done.events
            .iter()
            .any(|event| event.reason.as_str() == "Released")
    );

    let waiting = available(done.host.clone());
    expect_start(&waiting, "wait: spec.bootVolume: the volume is held");
    assert_eq!(after(&waiting).events, []);
    let again = after(&waiting);
    assert_eq!(shown(&again), (message, ready));
    assert_eq!(
        after(&available(again.host.clone())).host,
        again.host,
        "nothing is written again"
    );
}

#[test]
fn what_a_consumer_leaves_may_be_for_the_next() {
    let passes = released(claim_host(S::Provisioned).with(reuse));
    assert_eq!(has_value(&passes[1].host, RELEASED), None);
    let offered = available(passes[1].host.clone());
    expect(&offered, "wait: nobody has claimed the host");
    assert_eq!(shown(&after(&offered)).0, "");
}

/// The policy may change at any time; a hold that is on record stays.
#[test]
fn the_policy_counts_until_the_release_is_done() {
    let begun = after(&running(claim_host(S::Provisioned).with(reuse))).host;
    assert_eq!(has_value(&begun, RELEASED), None);
    let stricter = begun.with(|host| host.spec.boot_volume.as_mut().unwrap().reclaim_policy = None);
    let waits = observe(stricter).seeing(deployed_node(ProvisionState::Deleting, PowerState::Off));
    let noted = after(&waits).host;
    assert_eq!(has_value(&noted, RELEASED), Some(left()));
    let kept =
        after(&observe(noted.with(reuse)).seeing(node(ProvisionState::Available, PowerState::Off)));
    assert_eq!(shown(&kept).1, "False Released");
}

#[rstest]
#[case::for_claims(ProvisionOn::Claim)]
#[case::by_itself(ProvisionOn::Immediate)]
fn a_volume_that_is_held_is_deployed_for_nobody(#[case] provision_on: ProvisionOn) {
    let host = host(S::Available).with(claimed).with(held).with(|host| {
        host.spec.boot_volume.as_mut().unwrap().provision_on = provision_on;
    });
    let observation = available(host);
    expect_start(&observation, "wait: spec.bootVolume: the volume is held");
    let next = after(&observation);
    assert_eq!(shown(&next).1, "False Released");
    expect_well(&next);
}

/// Whoever wrote it: the deployment is broken off before Ironic hears of it.
#[test]
fn a_hold_that_comes_before_ironic_begins_breaks_off_the_deployment() {
    let host = claim_host(S::Provisioning).with(claimed).with(held);
    let observation = observe(host).seeing(node(ProvisionState::Available, PowerState::Off));
    expect(&observation, "enter: deprovisioning");
}

#[rstest]
#[case::another_name(|host: &mut BareMetalHost| host.spec.boot_volume.as_mut().unwrap().volume_id = "vol-2".into(), true)]
#[case::another_target(|host: &mut BareMetalHost| iscsi(host).iqn = "iqn.2026-11.org.example:vol-2".into(), true)]
#[case::another_lun(|host: &mut BareMetalHost| iscsi(host).lun = 2, true)]
#[case::the_same_in_capitals(|host: &mut BareMetalHost| iscsi(host).iqn = TARGET.to_uppercase(), false)]
#[case::another_lun_of_the_initiator(|host: &mut BareMetalHost| {
    iscsi(host).lun = 2;
    iscsi(host).lun_mapping = LunMapping::PerInitiator;
}, false)]
#[case::another_portal(|host: &mut BareMetalHost| iscsi(host).portal = Some("192.0.2.2".into()), false)]
#[case::another_policy(reuse, false)]
#[case::given_free(|host: &mut BareMetalHost| annotated(host, REUSE, &left()), true)]
#[case::another_release_given_free(|host: &mut BareMetalHost| annotated(host, REUSE, &format!("{TARGET}/1/vol-1@{FRESH}")), false)]
#[case::something_given_free(|host: &mut BareMetalHost| annotated(host, REUSE, "true"), false)]
fn a_hold_ends_by_another_volume_or_by_the_word_for_this_very_release(
    #[case] change: fn(&mut BareMetalHost),
    #[case] ends: bool,
) {
    let mut observation = available(claim_host(S::Available).with(held).with(change));
    if !ends {
        return expect_start(&observation, "wait: spec.bootVolume: the volume is held");
    }
    expect(&observation, "enter: volume no longer held");
    let next = after(&observation);
    assert_eq!(next.host.metadata.annotations, None);
    assert!(
        !shown(&next).0.is_empty(),
        "not offered before it was looked at"
    );
    expect_well(&next);
    observation.host = next.host;
    expect(&observation, "wait: nobody has claimed the host");
}

/// Nobody knows of which volume it is, so it is of this one.
#[rstest]
#[case("")]
#[case("vol-1")]
#[case("a/b/c@d")]
fn a_hold_that_can_not_be_read_holds_until_its_very_value_is_given_free(#[case] text: &str) {
    let host = claim_host(S::Available).with(|host| annotated(host, RELEASED, text));
    expect_start(
        &available(host.clone()),
        "wait: spec.bootVolume: the volume is held",
    );
    let free = host.with(|host| annotated(host, REUSE, text));
    expect(&available(free), "enter: volume no longer held");
}

#[test]
fn a_hold_means_nothing_to_a_host_without_a_volume_and_waits_for_the_volume_to_come_back() {
    let observation = available(claim_host(S::Available).with(held).with(without_volume));
    expect(&observation, "act: SetPower(power on)");
    let next = after(&observation);
    assert_eq!(shown(&next), ("", String::new()));
    assert_eq!(has_value(&next.host, RELEASED), Some(left()));
}

/// The owner takes the volume away; what the consumer left on it is held if it comes back.
#[test]
fn a_volume_that_is_taken_from_a_claimed_host_is_held_when_it_comes_back() {
    let taken = claim_host(S::Provisioned)
        .with(claimed)
        .with(without_volume);
    let next = after(&running(taken));
    assert_eq!(next.host.state(), S::Deprovisioning);
    assert_eq!(has_value(&next.host, RELEASED), Some(left()));
}

#[test]
fn a_volume_that_is_taken_from_a_host_that_deploys_by_itself_is_not_held() {
    let next = after(&running(host(S::Provisioned).with(without_volume)));
    assert_eq!(next.host.state(), S::Deprovisioning);
    assert_eq!(has_value(&next.host, RELEASED), None);
}

#[rstest]
#[case::held(S::Available, "enter: powering off before delete")]
#[case::deployed(S::Provisioned, "enter: deprovisioning")]
fn a_deleted_host_goes_as_any_other(#[case] state: S, #[case] expected: &str) {
    let host = claim_host(state).with(deleted);
    let observation = match state {
        S::Available => available(host.with(held)),
        _ => running(host),
    };
    expect(&observation, expected);
    let next = after(&observation);
    assert_eq!(
        has_value(&next.host, RELEASED).is_some(),
        state == S::Available
    );
}

/// The machine may have run for a moment before Ironic gave up.
#[test]
fn a_consumer_that_gives_up_after_a_failure_leaves_a_volume_that_is_held() {
    let gave_up = claim_host(S::Available).with(|host| {
        failed(host, ErrorType::Provisioning, 100);
        let status = host.status.as_mut().unwrap();
        status.error_count = 0;
        status.provisioning_fail_count = 2;
    });
    let observation = available(gave_up.clone());
    expect(&observation, "enter: volume held");
    let next = after(&observation);
    let value = has_value(&next.host, RELEASED);
    assert_eq!(value, Some(format!("{TARGET}/1/vol-1@{FRESH}")));
    assert_eq!(shown(&next).1, "False Released");
    expect_well(&next);
    let status = next.host.status.as_ref().unwrap();
    assert_eq!(status.provisioning_fail_count, 0);

    let reused = available(gave_up.with(reuse));
    expect(&reused, "wait: nobody has claimed the host");
    assert_eq!(shown(&after(&reused)).0, "");
}

/// A failed deployment is undone and tried again while the claim lasts; a claim that ends meanwhile leaves a hold.
#[test]
fn a_failed_deployment_is_no_release_before_the_claim_ends() {
    let failing = claim_host(S::Provisioning).with(claimed).with(|host| {
        failed(host, ErrorType::Provisioning, 100);
        host.status.as_mut().unwrap().provisioning_fail_count = 1;
    });
    let observation =
        observe(failing).seeing(deployed_node(ProvisionState::DeployFailed, PowerState::Off));
    expect(&observation, "enter: deprovisioning");
    let undoing = after(&observation).host;
    assert_eq!(has_value(&undoing, RELEASED), None);
    let let_go = undoing.with(|host| host.spec.custom_deploy = None);
    let next = after(&observe(let_go).seeing(node(ProvisionState::Available, PowerState::Off)));
    assert_eq!(next.host.state(), S::Available);
    assert_eq!(has_value(&next.host, RELEASED), Some(left()));
    assert_eq!(shown(&next).1, "False Released");
    expect_well(&next);
}

/// A pass was cut off between the annotation and the status, and then the consumer changed its mind.
#[test]
fn the_hold_of_a_release_that_never_began_is_dropped() {
    let host = claim_host(S::Provisioning)
        .with(claimed)
        .with(held)
        .with(|host| {
            failed(host, ErrorType::Provisioning, 100);
        });
    let observation =
        observe(host).seeing(deployed_node(ProvisionState::DeployFailed, PowerState::Off));
    let next = after(&observation);
    assert_eq!(next.host.state(), S::Deprovisioning);
    assert_eq!(has_value(&next.host, RELEASED), None);
}

#[test]
fn a_paused_host_keeps_its_label_and_its_hold_as_they_are() {
    let observation = running(claim_host(S::Deprovisioning).with(|host| {
        annotated(host, "baremetalhost.metal3.io/paused", "");
    }));
    assert_eq!(after(&observation).host, observation.host);
}

/// As after a release that was called off before its status was written.
#[test]
fn a_hold_of_what_a_consumer_has_again_ends() {
    let again = host(S::Provisioned)
        .with(for_claims)
        .with(claimed)
        .with(|host| annotated(host, RELEASED, &format!("{TARGET}/1/vol-1@{DEPLOYMENT}")));
    let observation = observe(again).seeing(deployed_node(ProvisionState::Active, PowerState::On));
    expect(&observation, "enter: volume no longer held");
    let next = after(&observation).host;
    assert_eq!(next.state(), S::Provisioned);
    assert_eq!(
        next.metadata.annotations.unwrap_or_default().get(RELEASED),
        None
    );
}
