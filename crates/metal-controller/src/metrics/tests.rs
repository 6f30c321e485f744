//! What grows when.

use std::collections::{BTreeMap, BTreeSet};

use ironic_client::AttemptOutcome;
use ironic_types::{Method, Node, PowerState, PowerTarget};
use jiff::Timestamp;
use kube::core::DeserializeGuard;
use kube::runtime::{reflector, watcher};
use metal_api::v1alpha1::{
    BareMetalHost, BareMetalHostStatus, ErrorType, OperationalStatus, ProvisioningState as S,
};
use metal_plan::{
    Attempt as PlannedAttempt, Blocker, Effect, IronicView, LeaseFacts, Observation, Outcome, Plan,
    RETRY, SecretFacts, Seen, Settings, Step, Transition, Wait, next_host,
};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

const NODE: &str = "11111111-1111-4111-8111-111111111111";

// What a host, a Secret and Ironic are like, each changed in a word or two.

fn host(state: S) -> BareMetalHost {
    let mut host: BareMetalHost = from(json!({
        "apiVersion": "metal3.io/v1alpha1",
        "kind": "BareMetalHost",
        "metadata": {"name": "node-0", "namespace": "metal", "finalizers": ["baremetalhost.metal3.io"]},
        "spec": {
            "online": true,
            "bmc": {"address": "redfish+http://192.0.2.1:8000/redfish/v1/Systems/1", "credentialsName": "node-0-bmc"},
        },
    }));
    host.status.get_or_insert_default().provisioning.state = state;
    host
}

fn deleted(mut host: BareMetalHost) -> BareMetalHost {
    let deletion = json!({"deletionTimestamp": "2026-11-22T12:00:00Z"});
    let with_deletion: BareMetalHost = from(json!({
        "apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "metadata": deletion, "spec": {"online": true},
    }));
    host.metadata.deletion_timestamp = with_deletion.metadata.deletion_timestamp;
    host
}

fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn observed(host: BareMetalHost, power: Option<PowerState>) -> Observation {
    let node = Node {
        uuid: NODE.parse().unwrap(),
        power_state: power,
        ..Node::default()
    };
    Observation {
        host,
        hardware: None,
        rivals: Vec::new(),
        leases: LeaseFacts::NotRead,
        bmc_credentials: SecretFacts::NotRead,
        iscsi_credentials: std::collections::BTreeMap::new(),
        config_drive: metal_plan::ConfigDriveFacts::NotRead,
        ironic: IronicView::Seen(Box::new(Seen {
            node: Some(node),
            ..Seen::default()
        })),
        settings: Settings {
            soft_power_off_timeout: Duration::from_mins(3),
            deploy_kernel: "http://kernel.example/".to_owned(),
            deploy_ramdisk: "http://ramdisk.example/".to_owned(),
            max_provisioning_retries: 5,
            provisioning_limit: 20,
            volume_lease_namespace: "ironboot-system".to_owned(),
        },
        now: Timestamp::UNIX_EPOCH,
        fresh_id: uuid::Uuid::nil(),
    }
}

fn in_state(state: S) -> Observation {
    observed(host(state), Some(PowerState::On))
}

fn planned(step: Step) -> Plan {
    Plan {
        step,
        look_again: RETRY,
    }
}

fn powers(target: PowerTarget) -> Plan {
    planned(Step::Act(vec![Effect::SetPower {
        node: NODE.parse().unwrap(),
        target,
        timeout: None,
    }]))
}

fn creates_node() -> Plan {
    let credentials = metal_plan::CredentialsRef {
        name: "node-0-bmc".to_owned(),
        version: "7".to_owned(),
    };
    let details = host(S::None).spec.bmc.unwrap();
    let bmc = metal_plan::Bmc::parse(&details).unwrap();
    let driver = metal_plan::DriverBlueprint {
        interfaces: bmc.interfaces(),
        bmc,
        deploy_kernel: String::new(),
        deploy_ramdisk: String::new(),
    };
    let node = Box::new(metal_plan::NodeBlueprint {
        name: "metal~node-0".to_owned(),
        driver,
        capabilities: String::new(),
        cpu_arch: None,
        disable_power_off: false,
    });
    planned(Step::Act(vec![Effect::CreateNode { node, credentials }]))
}

fn fails(error_type: ErrorType) -> Plan {
    planned(Step::Enter(Transition::RecordFailure(PlannedAttempt {
        error_type,
        message: "No.".to_owned(),
    })))
}

/// A registration as it is recorded once it is over.
fn registered(seconds: i64) -> Value {
    let end = Timestamp::from_second(seconds).unwrap();
    json!({"register": {"start": "1970-01-01T00:00:00Z", "end": end.to_string()}})
}

// What grew, as the text of the metrics tells.

/// The value of each series but for the buckets of histograms and their sums.
fn samples(metrics: &Metrics) -> BTreeMap<String, f64> {
    let text = metrics.text().unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        })
        .filter(|(series, _)| !series.contains("_bucket{") && !series.contains("_sum{"))
        .collect()
}

/// `NAME{LABELS} +N`, without the prefix of Metal3's.
fn growth(metrics: &Metrics, happens: impl FnOnce()) -> Vec<String> {
    let before = samples(metrics);
    happens();
    samples(metrics)
        .into_iter()
        .filter_map(|(series, now)| {
            let grown = now - before.get(&series).copied().unwrap_or_default();
            (grown != 0.0).then(|| format!("{series} +{grown}"))
        })
        .collect()
}

/// What grows in a pass, the planner's own next status included.
fn grows(observation: &Observation, plan: &Plan, outcomes: &[Outcome]) -> Vec<String> {
    let next = next_host(observation, plan, outcomes).host;
    grows_to(observation, plan, outcomes, &next)
}

fn grows_to(
    observation: &Observation,
    plan: &Plan,
    outcomes: &[Outcome],
    next: &BareMetalHost,
) -> Vec<String> {
    let metrics = Metrics::new().unwrap();
    let pass = Pass {
        observation,
        plan,
        outcomes,
        next,
    };
    growth(&metrics, || metrics.count(&pass))
}

/// What grows when nothing but the status changes.
fn grows_by(
    state: S,
    before: impl FnOnce(&mut BareMetalHostStatus),
    change: impl FnOnce(&mut BareMetalHostStatus),
) -> Vec<String> {
    let mut observation = in_state(state);
    before(observation.host.status.as_mut().unwrap());
    let mut next = observation.host.clone();
    change(next.status.as_mut().unwrap());
    grows_to(&observation, &planned(Step::Rest), &[], &next)
}

#[rstest]
#[case::taken_over(S::None, Transition::Register, &["metal3_provisioning_state_change_total{new_state=\"registering\",prev_state=\"\"} +1"])]
#[case::healed(S::Available, Transition::Register, &["metal3_host_registration_required_total +1", "metal3_provisioning_state_change_total{new_state=\"registering\",prev_state=\"available\"} +1"])]
#[case::without_bmc(S::None, Transition::Discover, &["metal3_host_unmanaged_total +1", "metal3_provisioning_state_change_total{new_state=\"unmanaged\",prev_state=\"\"} +1"])]
#[case::abandoned(S::Provisioned, Transition::SkipPowerOff, &["metal3_delete_without_deprovisioning_total +1", "metal3_delete_without_powering_off_total +1", "metal3_provisioning_state_change_total{new_state=\"deleting\",prev_state=\"provisioned\"} +1"])]
#[case::never_powered_off(S::Registering, Transition::Delete, &["metal3_provisioning_state_change_total{new_state=\"deleting\",prev_state=\"registering\"} +1"])]
#[case::deprovisioning_given_up(S::Deprovisioning, Transition::SkipDeprovisioning, &["metal3_delete_without_deprovisioning_total +1", "metal3_provisioning_state_change_total{new_state=\"powering off before delete\",prev_state=\"deprovisioning\"} +1"])]
#[case::power_off_given_up(S::PoweringOffBeforeDelete, Transition::SkipPowerOff, &["metal3_delete_without_powering_off_total +1", "metal3_provisioning_state_change_total{new_state=\"deleting\",prev_state=\"powering off before delete\"} +1"])]
fn a_transition_is_counted(#[case] state: S, #[case] to: Transition, #[case] expected: &[&str]) {
    let observation = in_state(state);
    assert_eq!(
        grows(&observation, &planned(Step::Enter(to)), &[]),
        expected
    );
}

#[test]
fn a_machine_that_is_off_was_powered_off() {
    let observation = observed(host(S::PoweringOffBeforeDelete), Some(PowerState::Off));
    let grown = grows(&observation, &planned(Step::Enter(Transition::Delete)), &[]);
    assert_eq!(
        grown,
        [
            "metal3_provisioning_state_change_total{new_state=\"deleting\",prev_state=\"powering off before delete\"} +1"
        ]
    );
}

#[rstest]
#[case(PowerTarget::On, "on")]
#[case(PowerTarget::Off, "off")]
#[case(PowerTarget::SoftOff, "off")]
#[case(PowerTarget::Reboot, "off")]
#[case(PowerTarget::SoftReboot, "off")]
fn a_power_action_is_counted(#[case] target: PowerTarget, #[case] on_off: &str) {
    let expected = format!(
        "metal3_operation_power_change_total{{host=\"node-0\",namespace=\"metal\",on_off=\"{on_off}\"}} +1"
    );
    let grown = grows(&in_state(S::Provisioned), &powers(target), &[Outcome::Done]);
    assert_eq!(grown, [expected]);
}

#[rstest]
#[case(Outcome::Locked { message: String::new() }, &[])]
#[case(Outcome::Overtaken { message: String::new() }, &[])]
#[case(Outcome::Unavailable { message: String::new() }, &[])]
#[case(Outcome::Refused { message: "No.".to_owned() }, &["metal3_host_error_total{error_type=\"PowerManagementError\"} +1"])]
fn a_power_action_that_was_not_taken_is_not_counted(
    #[case] outcome: Outcome,
    #[case] expected: &[&str],
) {
    let grown = grows(
        &in_state(S::Provisioned),
        &powers(PowerTarget::On),
        &[outcome],
    );
    assert_eq!(grown, expected);
}

#[rstest]
#[case::first(S::Registering, &["metal3_credentials_updated_total +1"])]
#[case::lost_by_ironic(S::Provisioned, &["metal3_credentials_updated_total +1", "metal3_host_registration_required_total +1"])]
fn a_node_that_is_made_is_counted(#[case] state: S, #[case] expected: &[&str]) {
    let made = Outcome::NodeCreated(NODE.parse().unwrap());
    assert_eq!(grows(&in_state(state), &creates_node(), &[made]), expected);
}

#[rstest]
#[case(ErrorType::Registration, &["metal3_credentials_no_management_access_total +1", "metal3_host_error_total{error_type=\"RegistrationError\"} +1"])]
#[case(ErrorType::ProvisionedRegistration, &["metal3_credentials_no_management_access_total +1", "metal3_host_error_total{error_type=\"ProvisionedRegistrationError\"} +1"])]
#[case(ErrorType::Inspection, &["metal3_host_error_total{error_type=\"InspectionError\"} +1"])]
#[case(ErrorType::Preparation, &["metal3_host_error_total{error_type=\"PreparationError\"} +1"])]
#[case(ErrorType::Provisioning, &["metal3_host_error_total{error_type=\"ProvisioningError\"} +1"])]
#[case(ErrorType::PowerManagement, &["metal3_host_error_total{error_type=\"PowerManagementError\"} +1"])]
#[case(ErrorType::Detach, &["metal3_host_error_total{error_type=\"DetachError\"} +1"])]
#[case(ErrorType::Servicing, &["metal3_host_error_total{error_type=\"ServicingError\"} +1"])]
fn a_failure_is_counted_in_metal3s_words(#[case] error_type: ErrorType, #[case] expected: &[&str]) {
    assert_eq!(
        grows(&in_state(S::Registering), &fails(error_type), &[]),
        expected
    );
}

#[test]
fn a_second_failure_of_the_same_kind_is_counted() {
    let grown = grows_by(
        S::Preparing,
        |status| {
            status.error_type = Some(ErrorType::Preparation);
            status.error_count = 4;
        },
        |status| status.error_count = 5,
    );
    assert_eq!(
        grown,
        ["metal3_host_error_total{error_type=\"PreparationError\"} +1"]
    );
}

#[test]
fn a_host_that_comes_to_wait_for_somebody_is_counted_once() {
    let blocked = planned(Step::Wait(Wait::Blocked(Blocker::PowerUnknown {
        message: "Look at the BMC".to_owned(),
    })));
    let first = in_state(S::Available);
    assert_eq!(
        grows(&first, &blocked, &[]),
        ["metal3_host_error_total{error_type=\"PowerManagementError\"} +1"]
    );
    let again = Observation {
        host: next_host(&first, &blocked, &[]).host,
        ..first
    };
    assert_eq!(grows(&again, &blocked, &[]), [""; 0]);
}

#[test]
fn an_ironic_that_gives_no_answer_is_counted_in_each_pass() {
    let waits = planned(Step::Wait(Wait::IronicUnavailable {
        message: "connection refused".to_owned(),
    }));
    assert_eq!(
        grows(&in_state(S::Available), &waits, &[]),
        ["metal3_provisioner_not_ready_total +1"]
    );
}

#[test]
fn user_data_that_cannot_be_used_is_counted_by_its_field() {
    let observation = Observation {
        config_drive: metal_plan::ConfigDriveFacts::SecretMissing {
            field: "spec.networkData",
            secret: "net".to_owned(),
        },
        ..in_state(S::Available)
    };
    let expected = "metal3_host_config_data_error_total{host_data_type=\"networkData\"} +1";
    let grown = grows(&observation, &planned(Step::Rest), &[]);
    assert_eq!(grown, [expected]);
}

#[rstest]
#[case(SecretFacts::NotRead, &[])]
#[case(SecretFacts::Missing, &["metal3_credentials_missing_total +1"])]
#[case(SecretFacts::Invalid { problem: String::new() }, &["metal3_credentials_invalid_total +1"])]
#[case(SecretFacts::Usable { version: "7".to_owned() }, &[])]
fn credentials_that_cannot_be_used_are_counted(
    #[case] bmc_credentials: SecretFacts,
    #[case] expected: &[&str],
) {
    let observation = Observation {
        bmc_credentials: bmc_credentials.clone(),
        ..in_state(S::Registering)
    };
    assert_eq!(grows(&observation, &planned(Step::Rest), &[]), expected);

    let deleted = Observation {
        host: deleted(host(S::Registering)),
        ..observation
    };
    assert_eq!(
        grows(&deleted, &planned(Step::Rest), &[]),
        [""; 0],
        "a deletion needs none"
    );
}

#[test]
fn an_address_that_is_none_counts_as_invalid_credentials() {
    let mut observation = Observation {
        bmc_credentials: SecretFacts::Usable {
            version: "7".to_owned(),
        },
        ..in_state(S::Registering)
    };
    observation.host.spec.bmc.as_mut().unwrap().address = "carrier-pigeon://nowhere".to_owned();
    assert_eq!(
        grows(&observation, &planned(Step::Rest), &[]),
        ["metal3_credentials_invalid_total +1"]
    );
}

#[test]
fn a_secret_that_cannot_be_asked_for_is_counted() {
    let metrics = Metrics::new().unwrap();
    let grown = growth(&metrics, || metrics.credentials_unreadable());
    assert_eq!(grown, ["metal3_credentials_unhandled_error_total +1"]);
}

#[rstest]
#[case(S::Registering, "provisioning")]
#[case(S::Inspecting, "provisioning")]
#[case(S::Available, "provisioning")]
#[case(S::Provisioning, "provisioning")]
#[case(S::Provisioned, "deprovisioning")]
#[case(S::Deprovisioning, "deprovisioning")]
fn a_host_that_comes_to_be_delayed_is_counted_once(#[case] state: S, #[case] operation: &str) {
    let delay = |status: &mut BareMetalHostStatus| {
        status.operational_status = OperationalStatus::Delayed;
    };
    assert_eq!(
        grows_by(state, |_| {}, delay),
        [format!(
            "metal3_delayed__{operation}_total{{host=\"node-0\",namespace=\"metal\"}} +1"
        )]
    );
    assert_eq!(grows_by(state, delay, delay), [""; 0]);
}

#[rstest]
#[case::waits(true, S::Provisioned, true)]
#[case::goes_on(true, S::Deleting, false)]
#[case::stays(false, S::Provisioned, false)]
fn a_deletion_that_waits_for_a_detached_host_is_counted(
    #[case] is_deleted: bool,
    #[case] state: S,
    #[case] is_counted: bool,
) {
    let mut host = host(state);
    host.status.as_mut().unwrap().operational_status = OperationalStatus::Detached;
    if is_deleted {
        host = deleted(host);
    }
    let observation = observed(host.clone(), None);
    let grown = grows_to(&observation, &planned(Step::Rest), &[], &host);
    assert_eq!(
        grown.contains(&"metal3_delete_delayed_for_detached_total +1".to_owned()),
        is_counted
    );
}

#[rstest]
#[case("register")]
#[case("inspect")]
#[case("provision")]
#[case("deprovision")]
fn an_operation_that_ends_is_measured_once(#[case] operation: &str) {
    let began = json!({operation: {"start": "2026-11-22T12:00:00Z"}});
    let ended =
        json!({operation: {"start": "2026-11-22T12:00:00Z", "end": "2026-11-22T12:01:31Z"}});
    let mut observation = in_state(S::Available);
    let mut next = observation.host.clone();
    observation.host.status.as_mut().unwrap().operation_history = Some(from(began));
    next.status.as_mut().unwrap().operation_history = Some(from(ended));

    let metrics = Metrics::new().unwrap();
    let rest = planned(Step::Rest);
    let count = |observation: &Observation| {
        metrics.count(&Pass {
            observation,
            plan: &rest,
            outcomes: &[],
            next: &next,
        });
    };
    count(&observation);
    observation.host = next.clone();
    count(&observation);

    let name = format!("metal3_operation_{operation}_duration_seconds");
    let text = metrics.text().unwrap();
    let series = format!("{name}_sum{{host=\"node-0\",namespace=\"metal\"}} 91\n");
    assert!(text.contains(&series), "{text}");
    let series = format!("{name}_count{{host=\"node-0\",namespace=\"metal\"}} 1\n");
    assert!(text.contains(&series), "{text}");
}

#[test]
fn an_operation_of_which_no_beginning_is_known_is_not_measured() {
    let grown = grows_by(
        S::Registering,
        |_| {},
        |status| {
            let end = json!({"register": {"end": "2026-11-22T12:01:31Z"}});
            status.operation_history = Some(from(end));
        },
    );
    assert_eq!(grown, [""; 0]);
}

#[test]
fn nothing_of_a_paused_host_is_counted() {
    let mut observation = in_state(S::Available);
    observation.bmc_credentials = SecretFacts::Missing;
    assert_eq!(grows(&observation, &planned(Step::Ignore), &[]), [""; 0]);
}

// The whole text.

/// A pass over a host that touches every series of a host's own.
fn everything_happens(metrics: &Metrics, name: &str) {
    let mut observation = in_state(S::Provisioned);
    observation.host.metadata.name = Some(name.to_owned());
    let reference = ObjectRef::from_obj(&DeserializeGuard(Ok(observation.host.clone())));
    metrics.begin(&reference);
    for operation in ["register", "inspect", "provision", "deprovision"] {
        let mut next = observation.host.clone();
        let status = next.status.as_mut().unwrap();
        status.operational_status = OperationalStatus::Delayed;
        status.provisioning.state = match operation {
            "inspect" => S::Inspecting,
            _ => S::Deprovisioning,
        };
        let mut history = registered(60);
        history[operation] = history["register"].clone();
        status.operation_history = Some(from(history));
        for target in [PowerTarget::On, PowerTarget::Off] {
            metrics.count(&Pass {
                observation: &observation,
                plan: &powers(target),
                outcomes: &[Outcome::Done],
                next: &next,
            });
        }
    }
    metrics.end(PassResult::Acted, Duration::from_millis(20));
    metrics.ironic_observer().attempted(&Attempt {
        call: "get node",
        method: Method::Get,
        outcome: AttemptOutcome::Answered(200),
        number: 1,
        waited: Duration::ZERO,
        took: Duration::from_millis(20),
    });
}

fn stored(name: &str, state: S) -> Stored {
    let mut host = host(state);
    host.metadata.name = Some(name.to_owned());
    DeserializeGuard(Ok(host))
}

fn reference(name: &str) -> ObjectRef<Stored> {
    ObjectRef::from_obj(&stored(name, S::None))
}

/// Metal3's metrics, from its `metrics.go`.
const METAL3: [(&str, &str, &[&str]); 24] = [
    ("metal3_reconcile_total", "counter", &["namespace", "host"]),
    ("metal3_reconcile_error_total", "counter", &[]),
    ("metal3_host_error_total", "counter", &["error_type"]),
    (
        "metal3_operation_power_change_total",
        "counter",
        &["namespace", "host", "on_off"],
    ),
    ("metal3_credentials_missing_total", "counter", &[]),
    ("metal3_credentials_invalid_total", "counter", &[]),
    ("metal3_credentials_unhandled_error_total", "counter", &[]),
    ("metal3_credentials_updated_total", "counter", &[]),
    ("metal3_waiting_for_preprov_image_total", "counter", &[]),
    (
        "metal3_credentials_no_management_access_total",
        "counter",
        &[],
    ),
    (
        "metal3_host_config_data_error_total",
        "counter",
        &["host_data_type"],
    ),
    (
        "metal3_delayed__provisioning_total",
        "counter",
        &["namespace", "host"],
    ),
    (
        "metal3_delayed__deprovisioning_total",
        "counter",
        &["namespace", "host"],
    ),
    (
        "metal3_operation_register_duration_seconds",
        "histogram",
        &["namespace", "host"],
    ),
    (
        "metal3_operation_inspect_duration_seconds",
        "histogram",
        &["namespace", "host"],
    ),
    (
        "metal3_operation_provision_duration_seconds",
        "histogram",
        &["namespace", "host"],
    ),
    (
        "metal3_operation_deprovision_duration_seconds",
        "histogram",
        &["namespace", "host"],
    ),
    (
        "metal3_provisioning_state_change_total",
        "counter",
        &["prev_state", "new_state"],
    ),
    ("metal3_host_registration_required_total", "counter", &[]),
    ("metal3_host_unmanaged_total", "counter", &[]),
    ("metal3_delete_without_deprovisioning_total", "counter", &[]),
    ("metal3_delete_without_powering_off_total", "counter", &[]),
    ("metal3_provisioner_not_ready_total", "counter", &[]),
    ("metal3_delete_delayed_for_detached_total", "counter", &[]),
];

/// For the endpoint's tests: every name of Metal3's with its type, once a host was cared for.
pub(crate) fn missing_from(text: &str) -> Vec<&'static str> {
    METAL3
        .iter()
        .filter(|(name, kind, _)| !text.contains(&format!("# TYPE {name} {kind}\n")))
        .map(|(name, ..)| *name)
        .collect()
}

/// For the endpoint's tests: metrics with every series.
pub(crate) fn filled() -> Metrics {
    let metrics = Metrics::new().unwrap();
    everything_happens(&metrics, "node-0");
    metrics
}

#[test]
fn metal3s_metrics_have_metal3s_labels_and_no_others() {
    let metrics = Metrics::new().unwrap();
    let ours: BTreeSet<_> = metrics
        .described()
        .iter()
        .filter(|info| !info.name.starts_with("ironboot_"))
        .map(|info| (info.name, info.kind, info.labels))
        .collect();
    assert_eq!(ours, METAL3.into_iter().collect());
}

#[rstest]
#[case("register", "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf")]
#[case("inspect", "30 90 180 360 720 1440 +Inf")]
#[case("provision", "30 90 180 360 720 1440 +Inf")]
#[case("deprovision", "30 90 180 360 720 1440 +Inf")]
fn an_operations_buckets_are_metal3s(#[case] operation: &str, #[case] expected: &str) {
    let start = format!("metal3_operation_{operation}_duration_seconds_bucket{{");
    let text = filled().text().unwrap();
    let bounds: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with(&start))
        .map(|line| {
            line.split("le=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(bounds.join(" "), expected);
}

#[test]
fn what_has_a_fixed_set_of_labels_is_0_from_the_start() {
    let text = Metrics::new().unwrap().text().unwrap();
    for series in [
        "metal3_host_error_total{error_type=\"RegistrationError\"} 0\n",
        "metal3_host_error_total{error_type=\"DetachError\"} 0\n",
        "metal3_host_config_data_error_total{host_data_type=\"userData\"} 0\n",
        "metal3_waiting_for_preprov_image_total 0\n",
        "metal3_delete_without_powering_off_total 0\n",
    ] {
        assert!(text.contains(series), "{series}");
    }
}

#[test]
fn only_metal3s_own_labels_grow_with_the_hosts() {
    let metrics = Metrics::new().unwrap();
    everything_happens(&metrics, "node-0");
    let one = samples(&metrics);
    everything_happens(&metrics, "node-1");
    let two = samples(&metrics);

    let new: BTreeSet<_> = two
        .keys()
        .filter(|series| !one.contains_key(*series))
        .map(|series| series.split('{').next().unwrap().trim_end_matches("_count"))
        .collect();
    let of_hosts: BTreeSet<_> = metrics
        .described()
        .iter()
        .filter(|info| info.labels.contains(&"host"))
        .map(|info| info.name)
        .collect();
    assert_eq!(new, of_hosts);
    assert!(of_hosts.iter().all(|name| name.starts_with("metal3_")));
}

#[test]
fn the_series_of_a_host_are_removed_when_it_is_gone() {
    let metrics = Metrics::new().unwrap();
    everything_happens(&metrics, "node-0");
    everything_happens(&metrics, "node-1");
    let of = |name: &str| {
        let label = format!("host=\"{name}\"");
        let text = metrics.text().unwrap();
        text.lines().filter(|line| line.contains(&label)).count()
    };
    let all = of("node-0");
    assert!(all > 0);

    let is_there = |host: &ObjectRef<Stored>| host.name != "node-0";
    metrics.sweep(is_there);
    assert_eq!(of("node-0"), all, "whoever scrapes sees the last of them");
    metrics.sweep(is_there);
    assert_eq!((of("node-0"), of("node-1")), (0, all));
}

#[test]
fn a_host_that_comes_back_keeps_its_series() {
    let metrics = Metrics::new().unwrap();
    let host = reference("node-0");
    metrics.begin(&host);
    metrics.sweep(|_| false);
    metrics.begin(&host);
    metrics.sweep(|_| false);
    let series = "metal3_reconcile_total{host=\"node-0\",namespace=\"metal\"} 2";
    assert!(metrics.text().unwrap().contains(series));
}

#[test]
fn hosts_are_counted_in_each_state() {
    let metrics = Metrics::new().unwrap();
    let (store, mut writer) = reflector::store();
    metrics.look_up_hosts_in(store);
    let unreadable = serde_json::from_value(json!({
        "apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost",
        "metadata": {"name": "node-3", "namespace": "metal"}, "spec": {"online": "perhaps"},
    }));
    for host in [
        stored("node-0", S::Available),
        stored("node-1", S::Available),
        stored("node-2", S::None),
        unreadable.unwrap(),
    ] {
        writer.apply_watcher_event(&watcher::Event::Apply(host));
    }
    let shown = |state: &str, count: i64| {
        let series = format!("ironboot_hosts{{state=\"{state}\"}} {count}\n");
        let text = metrics.text().unwrap();
        assert!(text.contains(&series), "{series} is missing from\n{text}");
    };
    shown("available", 2);
    shown("none", 1);
    shown("unreadable", 1);
    shown("provisioned", 0);

    writer.apply_watcher_event(&watcher::Event::Apply(stored("node-0", S::Provisioned)));
    writer.apply_watcher_event(&watcher::Event::Delete(stored("node-1", S::Available)));
    shown("available", 0);
    shown("provisioned", 1);
}

#[rstest]
#[case(PassResult::Failed, &["ironboot_pass_duration_seconds_count{result=\"failed\"} +1", "metal3_reconcile_error_total +1"])]
#[case(PassResult::Conflict, &["ironboot_pass_duration_seconds_count{result=\"conflict\"} +1"])]
#[case(PassResult::Waited, &["ironboot_pass_duration_seconds_count{result=\"waited\"} +1"])]
fn a_pass_is_measured(#[case] result: PassResult, #[case] expected: &[&str]) {
    let metrics = Metrics::new().unwrap();
    let grown = growth(&metrics, || metrics.end(result, Duration::from_secs(1)));
    assert_eq!(grown, expected);
}

#[test]
fn a_request_to_ironic_is_counted_and_measured() {
    let metrics = Metrics::new().unwrap();
    let attempt = Attempt {
        call: "set power state",
        method: Method::Put,
        outcome: AttemptOutcome::Answered(409),
        number: 1,
        waited: Duration::ZERO,
        took: Duration::from_secs(2),
    };
    let grown = growth(&metrics, || metrics.ironic_observer().attempted(&attempt));
    assert_eq!(
        grown,
        [
            "ironboot_ironic_request_duration_seconds_count{call=\"set power state\"} +1",
            "ironboot_ironic_requests_total{call=\"set power state\",method=\"PUT\",outcome=\"4xx\"} +1",
        ]
    );
}

/// What stands in docs/metrics.md.
fn table(metrics: &Metrics) -> String {
    let row = |info: &MetricInfo| {
        let labels: Vec<_> = info
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        format!(
            "| `{}` | {} | {} | {} |\n",
            info.name,
            info.kind,
            labels.join(", "),
            info.help
        )
    };
    metrics.described().iter().map(row).collect()
}

#[test]
fn the_documentation_lists_all_metrics() {
    let documented = include_str!("../../../../docs/metrics.md");
    let documented: BTreeSet<_> = documented
        .lines()
        .filter(|line| {
            ["counter", "gauge", "histogram"]
                .iter()
                .any(|kind| line.split(" | ").nth(1) == Some(kind))
        })
        .collect();
    let table = table(&Metrics::new().unwrap());
    let expected: BTreeSet<_> = table.lines().collect();
    assert_eq!(
        documented, expected,
        "docs/metrics.md should have these rows:\n{table}"
    );
}
