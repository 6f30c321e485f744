use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::matchers::{body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const PATH: &str = "/apis/metal3.io/v1alpha1/namespaces/metal/hardwaredata/node-0";

fn host(finalizers: &[&str]) -> BareMetalHost {
    let mut host = BareMetalHost::default();
    host.metadata.namespace = Some("metal".into());
    host.metadata.name = Some("node-0".into());
    host.metadata.finalizers = Some(finalizers.iter().map(|name| (*name).to_owned()).collect());
    host
}

fn data(finalizers: &[&str]) -> Value {
    json!({
        "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
        "metadata": {
            "name": "node-0", "namespace": "metal", "resourceVersion": "7", "finalizers": finalizers,
        },
    })
}

/// What a client sees that has no right to anything else than the expected requests.
fn client(server: &MockServer) -> Client {
    // Another test may have installed it.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    Client::try_from(kube::Config::new(server.uri().parse().unwrap())).unwrap()
}

async fn answers(server: &MockServer, status: u16, body: Value) {
    Mock::given(method("GET"))
        .and(path(PATH))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .expect(1)
        .mount(server)
        .await;
}

#[rstest]
#[case::the_last_pass(true, &["baremetalhost.metal3.io"], &[], true)]
#[case::another_finalizer_stays(true, &["baremetalhost.metal3.io", "a"], &["a"], true)]
#[case::still_kept(true, &["baremetalhost.metal3.io"], &["baremetalhost.metal3.io"], false)]
#[case::gone_before(true, &["a"], &["a"], false)]
#[case::not_deleted(false, &["baremetalhost.metal3.io"], &[], false)]
fn a_host_is_let_go_with_its_finalizer(
    #[case] is_deleted: bool,
    #[case] before: &[&str],
    #[case] after: &[&str],
    #[case] expected: bool,
) {
    let mut before = host(before);
    before.metadata.deletion_timestamp = is_deleted.then_some(Time(Timestamp::UNIX_EPOCH));
    assert_eq!(is_let_go(&before, &host(after)), expected);
}

#[tokio::test]
async fn only_the_one_finalizer_is_removed_and_only_from_what_was_read() {
    let server = MockServer::start().await;
    let name = names::HARDWARE_DATA_FINALIZER;
    answers(&server, 200, data(&["a", name, "b"])).await;
    Mock::given(method("PATCH"))
        .and(path(PATH))
        .and(body_json(
            json!({"metadata": {"resourceVersion": "7", "finalizers": ["a", "b"]}}),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(data(&["a", "b"])))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server);
    release(&client, &host(&[]), &PatchParams::default())
        .await
        .unwrap();
}

#[rstest]
#[case::without_it(200, data(&["a"]))]
#[case::none(404, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "message": "", "code": 404}))]
#[tokio::test]
async fn nothing_is_written_where_there_is_nothing_to_remove(
    #[case] status: u16,
    #[case] body: Value,
) {
    let server = MockServer::start().await;
    answers(&server, status, body).await;
    let client = client(&server);
    release(&client, &host(&[]), &PatchParams::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_conflict_is_told() {
    let server = MockServer::start().await;
    answers(&server, 200, data(&[names::HARDWARE_DATA_FINALIZER])).await;
    let conflict = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "message": "", "code": 409});
    Mock::given(method("PATCH"))
        .respond_with(ResponseTemplate::new(409).set_body_json(conflict))
        .mount(&server)
        .await;
    let client = client(&server);
    let error = release(&client, &host(&[]), &PatchParams::default())
        .await
        .unwrap_err();
    assert!(matches!(error, kube::Error::Api(status) if status.is_conflict()));
}
