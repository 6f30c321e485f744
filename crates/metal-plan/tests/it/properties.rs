//! Whatever is observed: no plan breaks a promise, and what a waiting host shows stays as it is.

use ironic_types::{PowerState, ProvisionState};
use metal_api::v1alpha1::{
    BareMetalHost, ConfigDrive, DataVolume, ErrorType, OperationalStatus, ProvisionOn,
    ProvisioningState as S,
};
use metal_plan::{
    ConfigDriveFacts, HolderFacts, IronicView, LeaseFact, LeaseFacts, MacOwner, NODE_FIELDS,
    Observation, Outcome, SecretFacts, Step, Transition, VirtualMediaFacts, check, next_host, plan,
};
use proptest::prelude::*;
use proptest::{option, sample};

use crate::events::is_known;
use crate::fixtures::{self, *};

const REBOOTS: [(&str, &str); 4] = [
    ("reboot.metal3.io", ""),
    ("reboot.metal3.io", r#"{"mode": "hard", "force": true}"#),
    ("reboot.metal3.io/soft", r#"{"force": true}"#),
    ("reboot.metal3.io/hard", r#"{"mode": "hard"}"#),
];

const LAST_ERRORS: [&str; 6] = [
    "Could not attach device cdrom to node 1: Got HTTP code 404",
    "Could not detach device(s) ['cdrom'] from node 1: no answer",
    "Failed to change power state to 'power off' by 'soft power off': timeout",
    "Failed to change power state to 'power off' by 'power off': no answer",
    "Failed to change power state to 'power on' by 'power on': no answer",
    "something else",
];

const STATES: [S; 14] = [
    S::None,
    S::Unmanaged,
    S::Registering,
    S::Inspecting,
    S::MatchProfile,
    S::Preparing,
    S::Ready,
    S::Available,
    S::Provisioning,
    S::Provisioned,
    S::ExternallyProvisioned,
    S::Deprovisioning,
    S::PoweringOffBeforeDelete,
    S::Deleting,
];

/// Mostly usable: else most is never planned.
fn facts() -> impl Strategy<Value = SecretFacts> {
    prop_oneof![
        1 => Just(SecretFacts::NotRead),
        1 => Just(SecretFacts::Missing),
        1 => Just(SecretFacts::NotOptedIn),
        1 => Just(SecretFacts::Invalid {
            problem: "key password is missing".into()
        }),
        12 => Just(SecretFacts::Usable {
            version: "7".into()
        }),
    ]
}

/// What an annotation may bring along.
fn moved() -> BoxedStrategy<(&'static str, String)> {
    let status = (
        proptest::sample::select(STATES.to_vec()),
        proptest::bool::weighted(0.8),
    )
        .prop_map(|(state, is_readable)| {
            let end = if is_readable { "}" } else { "" };
            let text = format!(r#"{{"provisioning": {{"state": "{state}"}}{end}"#);
            ("baremetalhost.metal3.io/status", text)
        });
    let hardware = prop_oneof![Just("{}"), Just("{"), Just("")]
        .prop_map(|text| ("inspect.metal3.io/hardwaredetails", text.to_owned()));
    prop_oneof![status, hardware].boxed()
}

/// So many data volumes without credentials.
fn data_volumes(count: usize) -> Vec<DataVolume> {
    (0..count)
        .map(|i| {
            from(serde_json::json!({
                "name": format!("data-{i}"),
                "volumeId": format!("vol-data-{i}"),
                "iscsiTarget": {
                    "iqn": format!("iqn.2026-11.org.example:data-{i}"), "portal": "192.0.2.1:3260", "lun": 0,
                    "authMethod": "None",
                },
            }))
        })
        .collect()
}

/// What is asked for and recorded of a config drive, and what is known of it and of the machine's virtual media.
pub(crate) type Drive = (
    bool,
    Option<ConfigDrive>,
    Option<&'static str>,
    ConfigDriveFacts,
    VirtualMediaFacts,
);

/// In a box, as all that is large: the stack of a test holds each strategy more than once.
pub(crate) fn drives() -> BoxedStrategy<Drive> {
    let choice = || sample::select(vec![ConfigDrive::VirtualMedia, ConfigDrive::None]);
    let recorded = || sample::select(vec!["1a2b3c4d.drive", "1a2b3c4d.other"]);
    let content = prop_oneof![
        4 => Just(drive_of("drive")),
        1 => Just(ConfigDriveFacts::NotRead),
        1 => Just(ConfigDriveFacts::NotServed),
        1 => Just(ConfigDriveFacts::SecretMissing { field: "spec.userData", secret: "user-data".into() }),
    ];
    let media = prop_oneof![
        4 => (any::<(bool, bool)>(), option::of(sample::select(LAST_ERRORS.to_vec()))).prop_map(|((is_inserted, is_asked_in_vain), error)| {
            VirtualMediaFacts::Drive { is_inserted, last_error: error.map(String::from), is_asked_in_vain }
        }),
        1 => Just(VirtualMediaFacts::NotRead),
        1 => Just(VirtualMediaFacts::Busy),
        1 => Just(VirtualMediaFacts::Lacking { problem: "the driver has none".into() }),
        1 => Just(VirtualMediaFacts::Unreadable { message: "500".into() }),
    ];
    (
        any::<bool>(),
        option::of(choice()),
        option::of(recorded()),
        content,
        media,
    )
        .boxed()
}

pub(crate) fn with_drive(observation: &mut Observation, drive: Drive) {
    let (has_data, choice, recorded, content, media) = drive;
    let host = &mut observation.host;
    if has_data {
        host.spec.user_data = from(serde_json::json!({"name": "user-data"}));
    }
    host.spec.boot_volume.as_mut().unwrap().config_drive = choice;
    let status = host.status.as_mut().unwrap();
    if let Some(record) = &mut status.provisioning.boot_volume {
        record.config_drive = recorded.map(str::to_owned);
    }
    observation.config_drive = content;
    observation.seen().virtual_media = media;
}

/// Most is planned in a few of them.
fn node_states() -> BoxedStrategy<ProvisionState> {
    prop_oneof![
        2 => sample::select(ProvisionState::KNOWN.to_vec()),
        2 => Just(ProvisionState::Available),
        1 => Just(ProvisionState::Active),
    ]
    .boxed()
}

prop_compose! {
    fn anything()(
        state in proptest::sample::select(STATES.to_vec()),
        node_state in proptest::option::weighted(0.9, node_states()),
        power in proptest::option::weighted(0.9, proptest::sample::select(PowerState::KNOWN.to_vec())),
        changing in proptest::bool::weighted(0.3),
        has_node in proptest::bool::weighted(0.9),
        online in any::<bool>(),
        is_deleted in proptest::bool::weighted(0.25),
        (keeps_volume, keeps_record) in (proptest::bool::weighted(0.7), proptest::bool::weighted(0.8)),
        targets in proptest::sample::subsequence(vec![(NODE, DEPLOYMENT), (NODE, FRESH), (OTHER_NODE, FRESH)], 0..=3),
        (bmc, iscsi, leases) in (facts(), facts(), leases()),
        asked_ago in proptest::option::of(0..1000_i64),
        maintenance in proptest::bool::weighted(0.2),
        (has_port, annotated) in (proptest::bool::weighted(0.8), proptest::bool::weighted(0.2)),
        moved in proptest::option::weighted(0.1, moved()),
        (errors, of_power) in (0..3_i64, any::<bool>()),
        reboots in proptest::sample::subsequence(REBOOTS.to_vec(), 0..=2),
        (stays_on, knows_so) in (proptest::bool::weighted(0.2), proptest::option::of(any::<bool>())),
        last_error in proptest::option::of(proptest::sample::select(LAST_ERRORS.to_vec())),
        target_state in proptest::option::weighted(0.2, Just(ProvisionState::Available)),
        (of_spec, of_record) in (0..3_usize, 0..3_usize),
        drive in drives(),
    ) -> Observation {
        let mut observation = observe(host(state));
        observation.host.spec.online = online;
        if is_deleted {
            deleted(&mut observation.host);
        }
        // Now and then those of the spec wait for the next deployment.
        observation.host.spec.data_volumes = data_volumes(of_spec);
        if let Some(volume) = &mut observation.host.status.as_mut().unwrap().provisioning.boot_volume {
            volume.data_volumes = data_volumes(of_record);
        }
        with_drive(&mut observation, drive);
        if !keeps_volume {
            without_volume(&mut observation.host);
        }
        if !keeps_record {
            observation.host.status.as_mut().unwrap().provisioning.boot_volume = None;
        }
        if errors > 0 {
            let error_type = if of_power { ErrorType::PowerManagement } else { ErrorType::Provisioning };
            failed(&mut observation.host, error_type, errors * 100);
        }
        observation.host.spec.disable_power_off = stays_on.then_some(true);
        observation.host.status.as_mut().unwrap().boot_volume = asked_ago
            .map(|seconds| from(serde_json::json!({"shutdownAskedAt": ago(seconds)})));
        if annotated {
            let annotation = ("ironboot.io/deployed-volume".to_owned(), "vol-1".to_owned());
            observation.host.metadata.annotations = Some([annotation].into());
        }
        if let Some((name, text)) = moved {
            let annotations = observation.host.metadata.annotations.get_or_insert_default();
            annotations.insert(name.to_owned(), text);
        }
        for (name, value) in reboots {
            fixtures::annotated(&mut observation.host, name, value);
        }
        if !has_port {
            observation.seen().ports.clear();
        }
        observation.bmc_credentials = bmc;
        observation.iscsi_credentials = chap_secret(iscsi);
        observation.seen().node = has_node.then(|| node(ProvisionState::Enroll, PowerState::Off)).map(|node| ironic_types::Node {
            provision_state: node_state,
            target_power_state: changing.then_some(PowerState::Off),
            power_state: power,
            target_provision_state: target_state,
            disable_power_off: knows_so,
            last_error: last_error.map(String::from),
            maintenance,
            instance_uuid: maintenance.then(|| HOST_UID.parse().unwrap()),
            ..node
        });
        observation.seen().targets =
            targets.into_iter().map(|(node, deployment)| target(node, deployment, "7")).collect();
        observation.leases = leases(&observation.host);
        observation
    }
}

type Leases = fn(&BareMetalHost) -> LeaseFacts;

/// Who holds the Leases: usually the host itself.
fn leases() -> impl Strategy<Value = Leases> {
    const OTHERS: Leases = |host| {
        let others = held(host).into_iter().map(|lease| LeaseFact {
            holder: "metal/node-1/52:54:00:e2:e0:02".into(),
            holder_is: HolderFacts::Lives,
            ..lease
        });
        LeaseFacts::Known(others.collect())
    };
    const FENCED: Leases = |host| {
        let fenced = held(host).into_iter().map(|lease| LeaseFact {
            holder: "metal/node-1/52:54:00:e2:e0:02".into(),
            fenced: Some("metal/node-1/52:54:00:e2:e0:02".into()),
            holder_is: HolderFacts::Gone {
                has_node: Some(false),
            },
            ..lease
        });
        LeaseFacts::Known(fenced.collect())
    };
    // What was asked for before, too.
    const MORE: Leases = |_| LeaseFacts::Known(held(&host(S::Provisioned)));
    const ONE: Leases = |host| LeaseFacts::Known(held(host).into_iter().take(1).collect());
    const NONE: Leases = |_| LeaseFacts::Known(Vec::new());
    const UNREADABLE: Leases = |_| LeaseFacts::Unavailable {
        message: "forbidden".into(),
    };
    const OWN: Leases = |host| LeaseFacts::Known(held(host));
    prop_oneof![
        6 => Just(OWN),
        1 => Just(OTHERS),
        1 => Just(FENCED),
        1 => Just(MORE),
        1 => Just(ONE),
        1 => Just(NONE),
        1 => Just(UNREADABLE),
    ]
}

/// The annotation that takes a host out of Ironic.
const DETACHED: [&str; 4] = [
    "",
    r#"{"force": true}"#,
    r#"{"deleteAction": "delay"}"#,
    r#"{"deleteAction": "delay", "force": true}"#,
];

fn error_types() -> impl Strategy<Value = Option<ErrorType>> {
    proptest::option::of(proptest::sample::select(vec![
        ErrorType::Detach,
        ErrorType::ProvisionedRegistration,
        ErrorType::Registration,
        ErrorType::Inspection,
        ErrorType::Preparation,
        ErrorType::Provisioning,
        ErrorType::PowerManagement,
        ErrorType::Servicing,
    ]))
}

/// Whether the spec and the record are of a claim, what the consumer asks for, and what is held.
type Claim = (
    bool,
    bool,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
);

fn claims() -> impl Strategy<Value = Claim> {
    const HELD: [&str; 3] = [
        "iqn.2026-11.org.example:vol-1/1/vol-1@a",
        "iqn.2026-11.org.example:vol-2/1/vol-2@a",
        "vol-1",
    ];
    let value = || proptest::option::weighted(0.2, proptest::sample::select(HELD.to_vec()));
    let method = proptest::option::of(proptest::sample::select(vec!["boot-volume", "other"]));
    (any::<bool>(), any::<bool>(), method, value(), value())
}

fn with_claim(host: &mut metal_api::v1alpha1::BareMetalHost, claim: Claim) {
    let (is_wanted, is_recorded, method, released, reuse) = claim;
    let on = |claim| {
        if claim {
            ProvisionOn::Claim
        } else {
            ProvisionOn::Immediate
        }
    };
    if let Some(volume) = &mut host.spec.boot_volume {
        volume.provision_on = on(is_wanted);
    }
    let status = host.status.as_mut().unwrap();
    if let Some(record) = &mut status.provisioning.boot_volume {
        record.provision_on = on(is_recorded);
    }
    host.spec.custom_deploy = method.map(|method| from(serde_json::json!({"method": method})));
    for (name, value) in [("released", released), ("reuse", reuse)] {
        if let Some(value) = value {
            fixtures::annotated(host, &format!("ironboot.io/{name}-volume"), value);
        }
    }
}

fn urls() -> impl Strategy<Value = Option<&'static str>> {
    proptest::sample::select(vec![
        None,
        Some(""),
        Some("http://a.invalid"),
        Some("http://b.invalid"),
    ])
}

fn image(url: Option<&str>) -> Option<metal_api::v1alpha1::Image> {
    url.map(|url| from(serde_json::json!({"url": url})))
}

/// What of the hardware is known.
fn hardware() -> impl Strategy<Value = Option<serde_json::Value>> {
    proptest::sample::select(vec![
        None,
        Some(serde_json::json!({})),
        Some(serde_json::json!({"storage": [{"name": "/dev/sda"}]})),
        Some(serde_json::json!({"nics": [{"mac": "52:54:00:E2:E0:02", "pxe": true}, {"mac": ""}]})),
    ])
}

prop_compose! {
    /// With all that happens to a host beside a deployment from its volume.
    fn anything_at_all()(
        mut observation in anything(),
        detached in proptest::option::weighted(0.2, proptest::sample::select(DETACHED.to_vec())),
        shown in proptest::option::weighted(0.3, proptest::sample::select(vec![
            OperationalStatus::Detached, OperationalStatus::Delayed, OperationalStatus::Error, OperationalStatus::Discovered,
        ])),
        failure in proptest::option::weighted(0.5, (error_types(), 0..12_i64, 0..40_000_i64)),
        (wanted, deployed) in (urls(), urls()),
        (is_external, is_inspected) in (proptest::bool::weighted(0.2), proptest::bool::weighted(0.2)),
        instance in proptest::sample::select(vec![None, Some(HOST_UID), Some(OTHER_NODE)]),
        is_taken in proptest::bool::weighted(0.2),
        busy_nodes in proptest::sample::select(vec![0_usize, 19, 20, 1000]),
        hardware in hardware(),
        (failures, limit, failed_generation) in (0..8_i64, 0..3_i64, proptest::option::of(0..2_i64)),
        (tried, generation) in (proptest::sample::select(vec![None, Some("6"), Some("7"), Some("7"), Some("7"), Some("7")]), 1..3_i64),
        (has_mac, has_bmc, has_finalizer) in
            (proptest::bool::weighted(0.9), proptest::bool::weighted(0.9), proptest::bool::weighted(0.9)),
        claim in claims(),
        (target, fault) in (proptest::option::weighted(0.3, proptest::sample::select(vec![
            ProvisionState::Available, ProvisionState::Manageable, ProvisionState::Active,
        ])), proptest::option::weighted(0.1, Just("power failure"))),
    ) -> Observation {
        if let Some(node) = &mut observation.seen().node {
            node.instance_uuid = instance.map(|uuid| uuid.parse().unwrap());
            node.target_provision_state = target;
            node.fault = fault.map(str::to_owned);
        } else if is_taken {
            observation.seen().mac_owner = Some(MacOwner {
                address: "52:54:00:e2:e0:01".into(),
                node: "metal~node-1".into(),
            });
        }
        observation.seen().busy_nodes = busy_nodes;
        observation.hardware = hardware.map(from);
        observation.settings.max_provisioning_retries = limit;
        let host = &mut observation.host;
        if let Some(value) = detached {
            fixtures::annotated(host, "baremetalhost.metal3.io/detached", value);
        }
        if is_inspected {
            fixtures::annotated(host, "inspect.metal3.io", "");
        }
        if !has_mac {
            host.spec.boot_mac_address = None;
        }
        if !has_bmc {
            host.spec.bmc = None;
        }
        if !has_finalizer {
            host.metadata.finalizers = None;
        }
        host.spec.externally_provisioned = Some(is_external);
        host.spec.image = image(wanted);
        if let Some((error_type, errors, seconds)) = failure {
            failed(host, error_type.unwrap_or(ErrorType::Registration), seconds);
            let status = host.status.as_mut().unwrap();
            status.error_type = error_type;
            // While the next attempt is under way no error is shown; so often it has not failed then.
            status.error_count = if error_type.is_some() { errors } else { errors.min(3) };
            status.operational_status = OperationalStatus::Error;
        }
        with_claim(host, claim);
        host.metadata.generation = Some(generation);
        let status = host.status.as_mut().unwrap();
        if let Some(shown) = shown {
            status.operational_status = shown;
        }
        status.provisioning.image = image(deployed);
        status.provisioning_fail_count = failures;
        status.boot_volume.get_or_insert_default().failed_generation = failed_generation;
        status.operation_history = Some(from(serde_json::json!({"deprovision": {"end": ago(90)}})));
        status.tried_credentials =
            tried.map(|version| from(serde_json::json!({"credentialsVersion": version})));
        observation
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_plan_breaks_a_promise(observation in anything_at_all()) {
        let plan = plan(&observation);
        prop_assert_eq!(check(&observation, &plan), vec![], "{}", plan);
    }

    #[test]
    fn a_plan_is_a_function_and_what_it_publishes_does_not_move_by_itself(observation in anything_at_all()) {
        let first = plan(&observation);
        prop_assert_eq!(&first, &plan(&observation));
        if let metal_plan::Step::Wait(_) | metal_plan::Step::Rest = first.step {
            let once = next_host(&observation, &first, &[]).host;
            let again = Observation { host: once.clone(), ..observation };
            let second = plan(&again);
            prop_assert_eq!(next_host(&again, &second, &[]).host, once, "{} then {}", first, second);
        }
    }

    /// Users filter by them.
    #[test]
    fn an_event_has_one_of_the_known_reasons(observation in anything_at_all(), is_done in any::<bool>()) {
        let plan = plan(&observation);
        let outcome = if is_done { Outcome::Done } else { Outcome::Refused { message: "No.".into() } };
        let outcomes = match &plan.step {
            Step::Act(effects) if is_done => vec![outcome; effects.len()],
            Step::Act(_) => vec![outcome],
            Step::Ignore | Step::Enter(_) | Step::Wait(_) | Step::Rest => Vec::new(),
        };
        for event in next_host(&observation, &plan, &outcomes).events {
            prop_assert!(is_known(event.reason.as_str()), "{:?}", event.reason);
        }
    }

    /// Cluster API claims what is available without a word.
    #[test]
    fn a_host_with_a_volume_is_offered_only_when_it_waits_for_a_claim_and_could_be_deployed(observation in anything_at_all()) {
        let plan = plan(&observation);
        let next = next_host(&observation, &plan, &[]).host;
        let status = next.status.as_ref().unwrap();
        let volume = next.spec.boot_volume.as_ref();
        if !matches!(status.provisioning.state, S::Ready | S::Available) || !status.error_message.is_empty() || plan.step == Step::Ignore {
            return Ok(());
        }
        if let Some(volume) = volume {
            let deploy = next.spec.custom_deploy.as_ref();
            prop_assert_eq!(volume.provision_on, ProvisionOn::Claim);
            prop_assert_eq!(deploy.map(|deploy| deploy.method.as_str()), None);
            let secret = observation.iscsi_credentials.get("vol-1-chap");
            let is_usable = matches!(secret, Some(SecretFacts::Chap { .. }));
            prop_assert!(is_usable && next.spec.image.is_none_or(|image| image.url.is_empty()));
            let node = observation.node().unwrap();
            prop_assert!(node.provision_state == Some(ProvisionState::Available) && !node.maintenance);
            // Another node's target of this volume is in the way.
            let IronicView::Seen(seen) = &observation.ironic else { unreachable!() };
            prop_assert!(seen.targets.iter().all(|target| target.node_uuid == node.uuid));
            if volume.config_drive != Some(ConfigDrive::None) {
                let has_drive = matches!(seen.virtual_media, VirtualMediaFacts::Drive { .. });
                let is_served = matches!(observation.config_drive, ConfigDriveFacts::Usable { .. });
                prop_assert!(has_drive && is_served);
            }
            let annotations = next.metadata.annotations.unwrap_or_default();
            let released = annotations.get("ironboot.io/released-volume");
            prop_assert!(released.is_none(), "{:?}", released);
        }
    }

    /// The watch over Ironic asks for these fields only.
    #[test]
    fn a_plan_depends_on_no_other_field_of_the_node(observation in anything_at_all()) {
        let mut other = observation.clone();
        if let Some(node) = &mut other.seen().node {
            let mut json = serde_json::to_value(&*node)?;
            for field in ironic_types::Node::FIELDS.iter().filter(|field| !NODE_FIELDS.contains(field)) {
                json.as_object_mut().unwrap().remove(*field);
            }
            *node = serde_json::from_value(json)?;
            node.description = Some("of another time".to_owned());
            node.owner = Some("somebody".to_owned());
            node.reservation = Some("a conductor".to_owned());
            node.boot_mode = Some("uefi".to_owned());
            node.extra.insert("key".to_owned(), "value".into());
        }
        prop_assert_eq!(plan(&observation), plan(&other));
        prop_assert_eq!(
            next_host(&observation, &plan(&observation), &[]),
            next_host(&other, &plan(&other), &[])
        );
    }

    /// A transition permits something: it never leads to others alone, round and round.
    #[test]
    fn no_host_goes_from_state_to_state_without_doing_anything(mut observation in anything_at_all()) {
        let mut way = Vec::new();
        while let Step::Enter(transition) = plan(&observation).step {
            way.push(transition.to_string());
            prop_assert!(way.len() < 8, "{:#?}", way);
            if transition == Transition::Forget {
                break;
            }
            observation.host = after(&observation).host;
        }
    }
}
