//! One volume, one machine: Leases that are taken, kept, given back and taken over.

use ironic_types::{PowerState, ProvisionState as N};
use metal_api::v1alpha1::{BareMetalHost, LunMapping, ProvisioningState as S};
use metal_plan::{
    Blocker, HolderFacts, LeaseFact, LeaseFacts, LeaseHolder, Observation, Outcome, Step, Wait,
    label_value, lease_holder, needed_leases, next_host,
};
use rstest::rstest;

use crate::fixtures::*;

const OTHER: &str = "metal/node-1/52:54:00:e2:e0:02";
const TAKE: &str = "act: TakeLeases(initiator iqn.2026-11.org.example:node-0, volume vol-1 of iqn.2026-11.org.example:vol-1, lun 1 of iqn.2026-11.org.example:vol-1)";

fn available() -> Observation {
    observe(host(S::Available)).seeing(node(N::Available, PowerState::Off))
}

fn deployed(state: N, power: PowerState) -> Observation {
    observe(host(S::Provisioned)).seeing(deployed_node(state, power))
}

fn free(observation: &mut Observation) {
    observation.leases = LeaseFacts::Known(Vec::new());
}

fn leases(observation: &mut Observation) -> &mut Vec<LeaseFact> {
    match &mut observation.leases {
        LeaseFacts::Known(leases) => leases,
        LeaseFacts::NotRead | LeaseFacts::Unavailable { .. } => panic!("not known"),
    }
}

/// All Leases are another's.
fn taken_by(holder: &str, is: &HolderFacts) -> impl Fn(&mut Observation) {
    move |observation| {
        for lease in leases(observation) {
            holder.clone_into(&mut lease.holder);
            lease.host_uid = Some("another".to_owned());
            lease.holder_is = is.clone();
        }
    }
}

fn fenced_for(holder: &str) -> impl Fn(&mut Observation) {
    move |observation| {
        for lease in leases(observation) {
            lease.fenced = Some(holder.to_owned());
        }
    }
}

fn being_deleted(observation: &mut Observation) {
    for lease in leases(observation) {
        lease.is_deleted = true;
    }
}

/// The last to be taken is another's.
fn last_taken(observation: &mut Observation) {
    leases(observation).pop();
    let another = held(&observation.host).pop().unwrap().with(|lease| {
        OTHER.clone_into(&mut lease.holder);
        lease.holder_is = HolderFacts::Lives;
    });
    leases(observation).push(another);
}

#[track_caller]
fn expect_conflict(observation: &Observation, words: &[&str]) {
    let plan = planned(observation).to_string();
    assert!(plan.starts_with("wait: VolumeConflict: "), "{plan}");
    for word in words {
        assert!(plan.contains(word), "{plan} lacks {word}");
    }
}

mod names {
    use super::*;

    fn names(change: impl FnOnce(&mut BareMetalHost)) -> Vec<String> {
        let leases = needed_leases(&host(S::Available).with(change));
        leases.into_iter().map(|lease| lease.name).collect()
    }

    #[test]
    fn a_volume_has_one_for_its_id_and_one_for_its_lun_and_its_initiator_one_in_the_order_of_their_names()
     {
        let names = names(|_| {});
        assert_eq!(names.len(), 3);
        assert!(names.is_sorted(), "{names:?}");
        for name in names {
            assert!(
                name.starts_with("ironboot-volume-") && name.len() == 40,
                "{name}"
            );
        }
    }

    #[test]
    fn the_case_of_the_iqn_makes_no_other_volume() {
        assert_eq!(
            names(|host| iscsi(host).iqn = TARGET.to_uppercase()),
            names(|_| {})
        );
    }

    #[test]
    fn another_id_with_the_same_lun_shares_the_lun_and_nothing_else() {
        let other =
            names(|host| host.spec.boot_volume.as_mut().unwrap().volume_id = "vol-2".into());
        let shared = names(|_| {})
            .into_iter()
            .filter(|name| other.contains(name));
        assert_eq!(shared.count(), 2, "the LUN's and the initiator's");
    }

    #[test]
    fn luns_of_each_initiator_say_nothing() {
        let per_initiator = |lun: i64| {
            names(|host| {
                iscsi(host).lun_mapping = LunMapping::PerInitiator;
                iscsi(host).lun = lun;
            })
        };
        assert_eq!(
            per_initiator(1).len(),
            2,
            "the volume's and the initiator's"
        );
        assert_eq!(per_initiator(1), per_initiator(2));
        let shared = names(|_| {});
        assert!(per_initiator(1).iter().all(|name| shared.contains(name)));
    }

    #[test]
    fn what_is_deployed_counts_and_before_a_deployment_what_is_asked_for() {
        let names = |host: &BareMetalHost| {
            let leases = needed_leases(host).into_iter();
            leases.map(|lease| lease.name).collect::<Vec<_>>()
        };
        let changed = |state| host(state).with(|host| iscsi(host).lun = 2);
        assert_eq!(names(&changed(S::Provisioned)), names(&host(S::Available)));
        assert_ne!(names(&changed(S::Available)), names(&host(S::Available)));
        assert!(names(&host(S::Preparing)).is_empty());
        assert!(names(&host(S::Available).with(without_volume)).is_empty());
    }

    #[test]
    fn the_holder_is_the_machine_by_its_mac_address_in_lower_case() {
        let host = host(S::Available)
            .with(|host| host.spec.boot_mac_address = Some("52:54:00:E2:E0:01".into()));
        let holder = lease_holder(&host);
        assert_eq!(holder, "metal/node-0/52:54:00:e2:e0:01");
        let parsed = LeaseHolder::parse(&holder).unwrap();
        assert_eq!(
            (parsed.namespace, parsed.name, parsed.mac),
            ("metal", "node-0", "52:54:00:e2:e0:01")
        );
    }

    #[rstest]
    #[case("")]
    #[case("metal/node-0")]
    #[case("/node-0/52:54:00:e2:e0:01")]
    #[case("some-pod_4711")]
    fn what_is_no_holder_of_ours_is_not_taken_apart(#[case] text: &str) {
        assert_eq!(LeaseHolder::parse(text), None);
    }

    #[test]
    fn a_label_is_as_long_as_kubernetes_takes_it_and_still_tells_names_apart() {
        let (one, other) = ("a".repeat(70), "a".repeat(69) + "b");
        assert_eq!(label_value("node-0"), "node-0");
        assert_eq!(label_value(&one).len(), 63);
        assert_ne!(label_value(&one), label_value(&other));
    }
}

#[test]
fn the_leases_are_taken_before_the_intent_is_recorded_and_after_all_else_was_checked() {
    expect(&available(), "enter: provisioning from vol-1");
    let without = available().with(free);
    expect(&without, TAKE);
    let offline = without.clone().with(|seen| seen.host.spec.online = false);
    expect(&offline, "wait: spec.online is false");
    let no_secret = without.with(|seen| seen.iscsi_credentials.clear());
    expect_start(&no_secret, "wait: SecretMissing: ");
}

#[test]
fn who_was_stopped_between_two_leases_takes_the_rest() {
    let half = available().with(|seen| drop(leases(seen).pop()));
    let Step::Act(effects) = planned(&half).step else {
        panic!("nothing is taken");
    };
    let [metal_plan::Effect::TakeLeases { claims, .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let last = needed_leases(&half.host).pop().unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].name, last.name);
}

#[test]
fn the_loser_is_not_deployed_and_names_the_field_and_the_host_of_its_own_namespace() {
    let observation = available().with(taken_by(OTHER, &HolderFacts::Lives));
    expect_conflict(&observation, &["spec.bootVolume.", "host node-1 has "]);
    let offline = observation.with(|seen| seen.host.spec.online = false);
    expect_conflict(&offline, &["host node-1 has "]);
}

#[test]
fn a_host_of_another_namespace_is_not_named() {
    let observation = available().with(taken_by(
        "secret/host-x/52:54:00:e2:e0:02",
        &HolderFacts::Lives,
    ));
    expect_conflict(&observation, &["a host in another namespace has "]);
    let plan = planned(&observation).to_string();
    assert!(
        !plan.contains("secret") && !plan.contains("host-x"),
        "{plan}"
    );
}

#[test]
fn a_host_of_the_same_name_with_another_mac_is_another_machine() {
    let earlier = "metal/node-0/52:54:00:e2:e0:99";
    let gone = HolderFacts::Gone { has_node: None };
    expect_conflict(
        &available().with(taken_by(earlier, &gone)),
        &[
            "an earlier machine of this name (MAC address 52:54:00:e2:e0:99)",
            "ironboot.io/fenced",
        ],
    );
}

#[test]
fn a_host_that_was_made_again_with_the_same_mac_is_the_holder() {
    let again = available().with(|seen| {
        for lease in leases(seen) {
            lease.host_uid = Some("of the one before".to_owned());
        }
    });
    expect(&again, "enter: provisioning from vol-1");
}

#[test]
fn who_can_have_one_lease_only_gives_it_back() {
    expect(&available().with(last_taken), "act: GiveBackLeases(2)");
    let on = available()
        .seeing(node(N::Available, PowerState::On))
        .with(last_taken);
    expect(&on, "act: SetPower(soft power off)");
    let unfree = available().with(taken_by(OTHER, &HolderFacts::Lives));
    expect_conflict(&unfree, &[]);
}

#[rstest]
#[case::released(without_volume)]
#[case::not_used(|host: &mut BareMetalHost| {
    host.spec.boot_volume.as_mut().unwrap().volume_driver = metal_api::v1alpha1::VolumeDriver::Noop;
})]
fn what_the_spec_names_no_more_is_given_back_once_the_machine_is_off(
    #[case] change: fn(&mut BareMetalHost),
) {
    let changed = available().with(|seen| change(&mut seen.host));
    expect(&changed, "act: GiveBackLeases(3)");
    let on = changed.clone().seeing(node(N::Available, PowerState::On));
    expect(&on, "act: SetPower(soft power off)");
    // Of a host of the past: its machine may start from the volume again, for nobody undeployed it.
    let of_the_past = changed.with(|seen| {
        for lease in leases(seen) {
            lease.host_uid = Some("of the one before".to_owned());
        }
    });
    expect(&of_the_past, "act: SetPower(power on)");
}

/// Nobody else has the LUN of a host that says that it is its own, whatever others say of theirs.
#[test]
fn a_lun_of_its_initiator_s_own_is_not_everybody_s() {
    let per_initiator = |seen: &mut Observation| {
        iscsi(&mut seen.host).lun_mapping = LunMapping::PerInitiator;
    };
    let taken = available().with(per_initiator).with(|seen| {
        let lun = held(&host(S::Available)).pop().unwrap();
        leases(seen).retain(|lease| lease.name != lun.name);
        leases(seen).push(lun.with(|lease| {
            OTHER.clone_into(&mut lease.holder);
            lease.holder_is = HolderFacts::Lives;
        }));
    });
    expect(&taken, "act: GiveBackLeases(2)");
    let asking = taken.with(|seen| leases(seen).retain(|lease| lease.holder == OTHER));
    expect_conflict(&asking, &["spec.bootVolume.iscsiTarget.lun: host node-1"]);
    let alone = asking.with(free);
    expect_start(&alone, "act: TakeLeases(initiator ");
}

/// By its name the storage tells machines, and their LUNs.
#[test]
fn two_machines_have_no_initiator_in_common() {
    let taken = available().with(|seen| {
        let initiator = held(&host(S::Available)).remove(0);
        *leases(seen) = vec![initiator.with(|lease| {
            OTHER.clone_into(&mut lease.holder);
            lease.holder_is = HolderFacts::Lives;
        })];
    });
    expect_conflict(
        &taken,
        &["spec.bootVolume.connectorId: host node-1 has initiator iqn.2026-11.org.example:node-0"],
    );
}

#[test]
fn another_volume_in_the_spec_frees_the_first() {
    let changed = available().with(|seen| {
        let volume = seen.host.spec.boot_volume.as_mut().unwrap();
        volume.volume_id = "vol-2".into();
    });
    expect(&changed, "act: GiveBackLeases(1)");
}

#[rstest]
#[case::on(N::Active, PowerState::On)]
#[case::off(N::Active, PowerState::Off)]
#[case::lost(N::Manageable, PowerState::On)]
fn a_deployed_host_without_leases_takes_them_before_all_else(
    #[case] state: N,
    #[case] power: PowerState,
) {
    let observation = deployed(state, power);
    expect(&observation.clone().with(free), TAKE);
    let conflict = observation.with(taken_by(OTHER, &HolderFacts::Lives));
    expect_conflict(&conflict, &["host node-1"]);
    // Its power is left alone as well.
    let offline = conflict.with(|seen| seen.host.spec.online = false);
    expect_conflict(&offline, &["host node-1"]);
}

#[test]
fn a_deployed_host_whose_volume_is_anothers_is_not_even_registered_again() {
    let lost = observe(host(S::Provisioned));
    expect_start(&lost, "act: CreateNode(");
    // Nor are they taken on the word of a host that Ironic doesn't know.
    expect_start(&lost.clone().with(free), "act: CreateNode(");
    let conflict = lost.with(taken_by(OTHER, &HolderFacts::Lives));
    expect_conflict(&conflict, &["host node-1"]);
    // But it can be released.
    let released = conflict.with(|seen| without_volume(&mut seen.host));
    expect_start(&released, "act: CreateNode(");
}

#[test]
fn a_deployment_that_has_not_begun_ends_when_the_volume_is_anothers() {
    let begun = observe(host(S::Provisioning)).seeing(node(N::Available, PowerState::Off));
    expect(&begun.clone().with(free), TAKE);
    let conflict = begun.with(taken_by(OTHER, &HolderFacts::Lives));
    expect(&conflict, "enter: deprovisioning");
}

#[test]
fn a_release_without_a_node_adopts_only_with_the_leases() {
    let lost = observe(host(S::Deprovisioning).with(without_volume))
        .seeing(deployed_node(N::Manageable, PowerState::On));
    expect_start(&lost, "act: ");
    let conflict = lost.clone().with(taken_by(OTHER, &HolderFacts::Lives));
    expect(&conflict, "act: SetPower(soft power off)");
    let off = conflict
        .clone()
        .seeing(deployed_node(N::Manageable, PowerState::Off));
    expect_conflict(&off, &["host node-1"]);
    expect(&lost.with(free), TAKE);
    // A deletion goes on without.
    let deleted = conflict.with(|seen| deleted(&mut seen.host));
    expect(&deleted, "act: SetPower(soft power off)");
}

#[rstest]
#[case::available(available())]
#[case::deployed(deployed(N::Active, PowerState::On))]
#[case::lost(observe(host(S::Provisioned)))]
fn a_lease_that_is_being_deleted_is_nobodys_and_cannot_be_taken(
    #[case] observation: Observation,
    #[values(None, Some(OTHER))] holder: Option<&str>,
    #[values(true, false)] is_fenced: bool,
) {
    let gone = HolderFacts::Gone {
        has_node: Some(false),
    };
    let mut observation = observation;
    if let Some(holder) = holder {
        taken_by(holder, &gone)(&mut observation);
    }
    if is_fenced {
        let holder = leases(&mut observation)[0].holder.clone();
        fenced_for(&holder)(&mut observation);
    }
    let words = [
        "spec.bootVolume.",
        "Lease ironboot-system/ironboot-volume-",
        "is being deleted and waits for its finalizers",
    ];
    expect_conflict(&observation.with(being_deleted), &words);
}

mod release {
    use super::*;

    fn undeployed(power: PowerState) -> Observation {
        let released = host(S::Deprovisioning).with(without_volume);
        let leases = held(&released);
        observe(released)
            .seeing(node(N::Available, power))
            .with(|seen| seen.leases = LeaseFacts::Known(leases))
    }

    #[test]
    fn the_leases_are_given_back_when_nothing_is_left_and_the_machine_is_off() {
        expect(&undeployed(PowerState::Off), "act: GiveBackLeases(3)");
        expect(&undeployed(PowerState::On), "act: SetPower(soft power off)");
        let left = undeployed(PowerState::Off).with(|seen| {
            seen.seen().targets = vec![target(NODE, DEPLOYMENT, "7")];
        });
        expect(&left, "act: DeleteTarget");
        expect(&undeployed(PowerState::Off).with(free), "enter: available");
    }

    /// Another host may wait for the volume, and is not meant to have it by this.
    #[test]
    fn who_tries_again_keeps_them() {
        let leases = held(&host(S::Deprovisioning));
        let failed = observe(host(S::Deprovisioning))
            .seeing(node(N::Available, PowerState::Off))
            .with(|seen| seen.leases = LeaseFacts::Known(leases));
        expect(&failed, "enter: available");
        let let_go = failed.clone().with(|seen| for_claims(&mut seen.host));
        expect(&let_go, "act: GiveBackLeases(3)");
        expect(
            &failed.with(|seen| deleted(&mut seen.host)),
            "act: GiveBackLeases(3)",
        );
    }

    /// Somebody else set a finalizer.
    #[test]
    fn those_that_wait_for_finalizers_are_given_back_already() {
        let given_back = undeployed(PowerState::Off).with(being_deleted);
        expect(&given_back, "enter: available");
        let one = undeployed(PowerState::Off).with(|seen| leases(seen)[1].is_deleted = true);
        expect(&one, "act: GiveBackLeases(2)");
    }

    #[test]
    fn those_of_a_host_of_the_past_are_given_back_too() {
        let past = undeployed(PowerState::Off).with(|seen| {
            for lease in leases(seen) {
                lease.host_uid = None;
            }
        });
        expect(&past, "act: GiveBackLeases(3)");
    }

    #[test]
    fn nobody_leaves_before_they_can_be_given_back() {
        let unreadable = undeployed(PowerState::Off).with(|seen| {
            seen.leases = LeaseFacts::Unavailable {
                message: "forbidden".into(),
            };
        });
        expect_start(&unreadable, "wait: Checking: ");
    }

    #[rstest]
    #[case::dead_bmc(S::Deleting, N::Active, PowerState::On)]
    #[case::not_undeployed(S::PoweringOffBeforeDelete, N::Active, PowerState::Off)]
    #[case::not_adopted(S::PoweringOffBeforeDelete, N::Manageable, PowerState::Off)]
    fn who_gave_up_keeps_them(#[case] state: S, #[case] node_state: N, #[case] power: PowerState) {
        let observation = observe(host(state).with(deleted)).seeing(node(node_state, power));
        let leases = held(&host(S::Available));
        let observation = observation.with(|seen| seen.leases = LeaseFacts::Known(leases));
        let plan = planned(&observation).to_string();
        assert!(!plan.contains("GiveBackLeases"), "{plan}");
    }
}

mod fence {
    use super::*;

    fn gone(has_node: Option<bool>) -> HolderFacts {
        HolderFacts::Gone { has_node }
    }

    #[rstest]
    #[case(gone(Some(false)))]
    #[case(HolderFacts::Detached { has_node: Some(false) })]
    fn the_lease_of_a_fenced_machine_without_a_host_is_taken_over(#[case] is: HolderFacts) {
        let observation = available()
            .with(taken_by(OTHER, &is))
            .with(fenced_for(OTHER));
        let Step::Act(effects) = planned(&observation).step else {
            panic!("it is not taken over");
        };
        let [metal_plan::Effect::TakeLeases { claims, holder }] = effects.as_slice() else {
            panic!("{effects:?}");
        };
        assert_eq!(*holder, lease_holder(&observation.host));
        assert!(
            claims
                .iter()
                .all(|claim| claim.over.as_deref() == Some("3"))
        );
        assert_eq!(claims.len(), 3);
    }

    #[rstest]
    #[case::not_fenced(
        gone(None),
        None,
        "set the annotation ironboot.io/fenced on Lease ironboot-system/ironboot-volume-"
    )]
    #[case::detached(HolderFacts::Detached { has_node: None }, None, "its host is detached")]
    #[case::another_holder(
        gone(None),
        Some("metal/node-7/52:54:00:e2:e0:07"),
        "does not name the holder"
    )]
    #[case::upper_case(
        gone(None),
        Some("METAL/node-1/52:54:00:e2:e0:02"),
        "does not name the holder"
    )]
    #[case::there(HolderFacts::Lives, Some(OTHER), "delete or detach that host first")]
    #[case::node(gone(Some(true)), Some(OTHER), "delete that node first")]
    #[case::detached_with_node(HolderFacts::Detached { has_node: Some(true) }, Some(OTHER), "delete that node first")]
    #[case::unknown(gone(None), Some(OTHER), "not known yet")]
    fn until_then_it_is_said_what_to_do_first(
        #[case] is: HolderFacts,
        #[case] fence: Option<&str>,
        #[case] words: &str,
    ) {
        let mut observation = available().with(taken_by(OTHER, &is));
        if let Some(fence) = fence {
            fenced_for(fence)(&mut observation);
        }
        expect_conflict(&observation, &["host node-1 has ", words]);
    }

    const ELSEWHERE: &str = "secret/host-x/52:54:00:e2:e0:02";

    #[rstest]
    fn a_holder_that_may_not_be_read_keeps_its_lease_and_it_is_said_who_can_end_that(
        #[values(None, Some(ELSEWHERE))] fence: Option<&str>,
    ) {
        let mut observation = available().with(taken_by(ELSEWHERE, &HolderFacts::Unreadable));
        if let Some(fence) = fence {
            fenced_for(fence)(&mut observation);
        }
        let words = [
            "a host in another namespace has ",
            "let the operator get baremetalhosts",
            "delete the Lease",
        ];
        expect_conflict(&observation, &words);
        let plan = planned(&observation).to_string();
        assert!(
            !plan.contains("secret") && !plan.contains("host-x"),
            "{plan}"
        );
    }

    #[rstest]
    fn a_holder_of_somebody_elses_making_is_none_that_could_be_released(
        #[values("", "somebody", "metal/node-1")] holder: &str,
        #[values(true, false)] is_fenced: bool,
    ) {
        let mut observation = available().with(taken_by(holder, &HolderFacts::Lives));
        if is_fenced {
            fenced_for(holder)(&mut observation);
        }
        let words = [
            "a holder that this operator did not write has ",
            "delete Lease ironboot-system/ironboot-volume-",
            "once no machine uses the volume",
        ];
        expect_conflict(&observation, &words);
    }

    #[test]
    fn one_lease_that_is_not_fenced_keeps_all() {
        let observation = available()
            .with(taken_by(OTHER, &gone(Some(false))))
            .with(fenced_for(OTHER))
            .with(|seen| leases(seen)[1].fenced = None);
        expect_conflict(&observation, &["ironboot.io/fenced"]);
    }
}

#[test]
fn what_kubernetes_refuses_is_shown_and_not_counted() {
    let observation = available().with(free);
    let message = "the Leases can't be taken: namespace ironboot-system does not exist";
    let outcomes = [Outcome::LeasesUnavailable {
        message: message.into(),
    }];
    let plan = planned(&observation);
    let next = next_host(&observation, &plan, &outcomes);
    let status = next.host.status.unwrap();
    assert_eq!(status.error_message, message);
    assert_eq!(status.error_count, 0);
    assert_eq!(next.events.len(), 1);
    assert_eq!(plan.look_again_after(&outcomes), metal_plan::RETRY);
}

#[test]
fn who_came_second_looks_again_at_once_and_shows_nothing() {
    let observation = available().with(free);
    let plan = planned(&observation);
    let next = next_host(&observation, &plan, &[Outcome::LeasesChanged]);
    assert_eq!(next.events, []);
    assert!(plan.look_again_after(&[Outcome::LeasesChanged]) < metal_plan::RETRY);
}

#[rstest]
#[case(S::Available, N::Available)]
#[case(S::Provisioned, N::Active)]
fn leases_that_cannot_be_read_keep_a_host_from_its_volume(#[case] state: S, #[case] on: N) {
    let observation = observe(host(state))
        .seeing(deployed_node(on, PowerState::Off))
        .with(|seen| {
            seen.leases = LeaseFacts::Unavailable {
                message: "forbidden".into(),
            };
        });
    let plan = planned(&observation);
    assert!(
        matches!(
            &plan.step,
            Step::Wait(Wait::Blocked(Blocker::BootVolume { message, .. })) if message.contains("forbidden")
        ),
        "{plan}"
    );
    let plain = observation.with(|seen| {
        without_volume(&mut seen.host);
        seen.host.status.as_mut().unwrap().provisioning.boot_volume = None;
    });
    assert!(!matches!(planned(&plain).step, Step::Wait(_)));
}
