//! The client against a server that is scripted, not simulated.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail their tests")]

mod auth;
mod build;
mod certificates;
mod errors;
mod limits;
mod lists;
mod logs;
mod observed;
mod requests;
mod retries;
mod secrets;
mod served;
mod tls;
mod versions;
mod volume;

use std::sync::Once;

use ironic_client::Ironic;
use ironic_client::types::NodeId;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const NODE: &str = "53ef9ae8-6f94-4dcd-bf11-2554189f29bb";
const VERSION_HEADER: &str = "X-OpenStack-Ironic-API-Version";

fn node() -> NodeId {
    NODE.parse().unwrap()
}

/// What a program does once, for all its clients.
fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
        logs::install();
    });
}

fn client(server: &MockServer) -> Ironic {
    set_up();
    Ironic::builder(server.uri().parse().unwrap())
        .build()
        .unwrap()
}

fn root(min: &str, max: &str) -> Value {
    let version = json!({"id": "v1", "status": "CURRENT", "min_version": min, "version": max});
    json!({"name": "OpenStack Ironic API", "default_version": version, "versions": [version]})
}

/// A server that says it speaks up to this version, and nothing else yet.
async fn server_up_to(max: &str) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(root("1.1", max)))
        .mount(&server)
        .await;
    server
}

async fn server() -> MockServer {
    server_up_to("1.115").await
}

/// Lets the server answer one request so, whenever it comes.
async fn answer(server: &MockServer, verb: &str, at: &str, response: ResponseTemplate) {
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(response)
        .mount(server)
        .await;
}

/// As Ironic writes its errors.
fn fault(status: u16, words: &str) -> ResponseTemplate {
    let body = json!({"faultcode": "Client", "faultstring": words, "debuginfo": null});
    ResponseTemplate::new(status)
        .insert_header("x-openstack-request-id", "req-1")
        .set_body_json(json!({"error_message": body.to_string()}))
}

/// All that the server was asked, but for its root document.
async fn asked(server: &MockServer) -> Vec<Request> {
    let mut requests = server.received_requests().await.unwrap();
    requests.retain(|request| request.url.path() != "/");
    requests
}

async fn times_asked_for_root(server: &MockServer) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .filter(|request| request.url.path() == "/")
        .count()
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name)?.to_str().ok()
}
