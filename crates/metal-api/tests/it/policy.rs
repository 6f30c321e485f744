//! The `ValidatingAdmissionPolicy`: what the rules in the definition can't see.

use kube::core::cel::{
    KubeCelExt,
    cel::{self, Context, Program},
};
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::LazyLock;

const POLICY: &str = include_str!("../../../../deploy/admission/policy.yaml");

/// An expression, and what is said where it is false.
pub(crate) type Validation = (Program, String);

/// Those of a policy.
pub(crate) fn validations(policy: &str) -> Vec<Validation> {
    let policy: Value = serde_saphyr::from_str(policy).unwrap();
    let validations = policy["spec"]["validations"].as_array().unwrap();
    validations
        .iter()
        .map(|validation| {
            let text = |key: &str| validation[key].as_str().unwrap().to_owned();
            (
                Program::compile(&text("expression")).unwrap(),
                text("message"),
            )
        })
        .collect()
}

fn judge(host: &Value, old: Option<&Value>) -> Vec<String> {
    static VALIDATIONS: LazyLock<Vec<Validation>> = LazyLock::new(|| validations(POLICY));
    judge_by(&VALIDATIONS, host, old)
}

/// What the policy says of a new host, or of a change of `old` to it.
///
/// The API server gives a policy the objects as they are, other than it does with the rules of a definition, where names
/// such as `namespace` are escaped.
pub(crate) fn judge_by(
    validations: &[Validation],
    host: &Value,
    old: Option<&Value>,
) -> Vec<String> {
    let operation = if old.is_some() { "UPDATE" } else { "CREATE" };
    let request = json!({"operation": operation, "namespace": "metal"});
    let mut context = Context::default().with_all();
    for (name, value) in [
        ("object", host),
        ("oldObject", old.unwrap_or(&Value::Null)),
        ("request", &request),
    ] {
        context.add_variable_from_value(name, cel::to_value(value).unwrap());
    }
    validations
        .iter()
        .filter_map(|(expression, message)| match expression.execute(&context) {
            Ok(cel::Value::Bool(true)) => None,
            Ok(cel::Value::Bool(false)) => Some(message.clone()),
            other => panic!("{message}: {other:?}"),
        })
        .collect()
}

fn host(annotations: Value, spec: Value) -> Value {
    let mut host = json!({
        "metadata": {"name": "node-0", "namespace": "metal"},
        "spec": {"online": true},
    });
    host["metadata"]["annotations"] = annotations;
    extend(&mut host["spec"], spec);
    host
}

fn extend(base: &mut Value, over: Value) {
    let Value::Object(over) = over else {
        panic!("an object: {over}")
    };
    base.as_object_mut().unwrap().extend(over);
}

const BMC: &str = r#"{"address": "redfish://a", "credentialsName": "b"}"#;

fn bmc() -> Value {
    serde_json::from_str(BMC).unwrap()
}

#[rstest]
#[case::nothing(json!({}), json!({}))]
#[case::a_secret(json!({}), json!({"userData": {"name": "a"}}))]
#[case::a_secret_of_the_same_namespace(json!({}), json!({"userData": {"name": "a", "namespace": "metal"}}))]
#[case::network_data_of_the_same_namespace(json!({}), json!({"networkData": {"name": "a", "namespace": "metal"}}))]
#[case::metadata_without_a_namespace(json!({}), json!({"metaData": {"name": "a", "namespace": ""}}))]
#[case::asks_for_an_inspection(json!({"inspect.metal3.io": ""}), json!({"inspectionMode": "agent"}))]
#[case::forbids_inspection_twice(json!({"inspect.metal3.io": "disabled"}), json!({"inspectionMode": "disabled"}))]
#[case::not_inspected_with_a_mac(json!({"inspect.metal3.io": "disabled"}), json!({"bmc": bmc(), "bootMACAddress": "52:54:00:e2:e0:01"}))]
#[case::not_inspected_without_a_bmc(json!({"inspect.metal3.io": "disabled"}), json!({}))]
#[case::hardware_without_inspection(json!({"inspect.metal3.io/hardwaredetails": "{}"}), json!({"inspectionMode": "disabled"}))]
#[case::hardware_without_inspection_by_annotation(
    json!({"inspect.metal3.io/hardwaredetails": "{}", "inspect.metal3.io": "disabled"}), json!({})
)]
#[case::no_hardware(json!({"inspect.metal3.io/hardwaredetails": ""}), json!({}))]
#[case::reboots(json!({"reboot.metal3.io": ""}), json!({}))]
#[case::reboots_hard(json!({"reboot.metal3.io/a": r#"{"mode": "hard"}"#}), json!({}))]
#[case::reboots_softly(json!({"reboot.metal3.io/": "\n{\n\"force\": true, \"mode\" : \"soft\"}\n"}), json!({}))]
#[case::reboots_in_any_way(json!({"reboot.metal3.io": r#"{"mode": ""}"#}), json!({}))]
#[case::reboots_without_a_mode(json!({"reboot.metal3.io": "{}"}), json!({}))]
#[case::looks_like_a_reboot(json!({"reboot.metal3.iox": "x"}), json!({}))]
#[case::asks_for_a_deployment(json!({"ironboot.io/redeploy": "a".repeat(253)}), json!({}))]
#[case::asks_for_nothing(json!({"ironboot.io/redeploy": ""}), json!({}))]
#[case::interfaces(json!({}), json!({"networkInterfaces": [{"name": "a"}, {"name": "b"}, {"macAddress": "52:54:00:e2:e0:01"}]}))]
fn what_metal3_accepts_is_accepted(#[case] annotations: Value, #[case] spec: Value) {
    assert_eq!(judge(&host(annotations, spec), None), [""; 0]);
}

#[rstest]
#[case(json!({}), json!({"userData": {"name": "a", "namespace": "other"}}), "spec.userData.namespace")]
#[case(json!({}), json!({"networkData": {"name": "a", "namespace": "other"}}), "spec.networkData.namespace")]
#[case(json!({}), json!({"metaData": {"name": "a", "namespace": "other"}}), "spec.metaData.namespace")]
#[case(json!({"inspect.metal3.io": "please"}), json!({}), "annotation inspect.metal3.io")]
#[case(json!({"inspect.metal3.io": "disabled"}), json!({"inspectionMode": "agent"}), "spec.inspectionMode")]
#[case(json!({"inspect.metal3.io": "disabled"}), json!({"inspectionMode": "fast"}), "spec.inspectionMode")]
#[case(json!({"inspect.metal3.io": "disabled"}), json!({"bmc": bmc()}), "spec.bootMACAddress")]
#[case(json!({"inspect.metal3.io/hardwaredetails": "{}"}), json!({}), "annotation inspect.metal3.io/hardwaredetails")]
#[case(
    json!({"inspect.metal3.io/hardwaredetails": "{}", "inspect.metal3.io": ""}), json!({"inspectionMode": "agent"}),
    "annotation inspect.metal3.io/hardwaredetails"
)]
#[case(json!({"reboot.metal3.io": "hard"}), json!({}), "annotation reboot.metal3.io")]
#[case(json!({"reboot.metal3.io/a": r#"{"mode": "gently"}"#}), json!({}), "annotation reboot.metal3.io")]
#[case(json!({"reboot.metal3.io/a": r#"{"mode": "soft""#}), json!({}), "annotation reboot.metal3.io")]
#[case(json!({"ironboot.io/redeploy": "a".repeat(254)}), json!({}), "annotation ironboot.io/redeploy")]
#[case(json!({"ironboot.io/redeploy": "ä".repeat(127)}), json!({}), "annotation ironboot.io/redeploy")]
#[case(json!({}), json!({"networkInterfaces": [{"name": "a"}, {"name": "A"}]}), "spec.networkInterfaces")]
#[case(
    json!({}), json!({"networkInterfaces": [{"macAddress": "52:54:00:e2:e0:01"}, {"macAddress": "52:54:00:E2:E0:01"}]}),
    "spec.networkInterfaces"
)]
fn what_metal3_refuses_is_refused_unless_it_was_so_before(
    #[case] annotations: Value,
    #[case] spec: Value,
    #[case] field: &str,
) {
    let bad = host(annotations, spec);
    let good = host(json!({}), json!({}));
    for refusals in [judge(&bad, None), judge(&bad, Some(&good))] {
        let [message] = refusals.as_slice() else {
            panic!("one refusal: {refusals:#?}");
        };
        let (named, advice) = message.split_once(": ").unwrap();
        assert_eq!(named, field);
        assert!(advice.contains("; "), "{advice}");
    }
    // Another change of a host that was stored before the policy existed.
    let mut other = bad.clone();
    other["spec"]["online"] = false.into();
    other["metadata"]["annotations"]["a"] = "b".into();
    assert_eq!(judge(&other, Some(&bad)), [""; 0]);
    assert_eq!(judge(&good, Some(&bad)), [""; 0]);
}

#[rstest]
#[case("node-0", true)]
#[case("11111111-1111-4111-8111-11111111111", true)]
#[case("11111111-1111-4111-8111-111111111111", false)]
#[case("11111111111141118111111111111111", false)]
fn no_host_is_named_like_a_node(#[case] name: &str, #[case] is_accepted: bool) {
    let mut host = host(json!({}), json!({}));
    host["metadata"]["name"] = name.into();
    let refusals = judge(&host, None);
    assert_eq!(refusals.is_empty(), is_accepted, "{refusals:?}");
    assert_eq!(judge(&host, Some(&host)), [""; 0]);
}

#[test]
fn a_host_without_annotations_or_spec_is_none_of_its_business() {
    let bare = json!({"metadata": {"name": "node-0", "namespace": "metal"}});
    assert_eq!(judge(&bare, None), [""; 0]);
    assert_eq!(judge(&bare, Some(&bare)), [""; 0]);
}

#[test]
fn the_policy_is_bound_and_a_failure_of_it_refuses_nothing() {
    let read = |text: &str| serde_saphyr::from_str::<Value>(text).unwrap();
    let policy = read(POLICY);
    let binding = read(include_str!(
        "../../../../deploy/admission/policy_binding.yaml"
    ));
    assert_eq!(binding["spec"]["policyName"], policy["metadata"]["name"]);
    assert_eq!(binding["spec"]["validationActions"], json!(["Deny"]));
    assert_eq!(policy["spec"]["failurePolicy"], "Ignore");
}
