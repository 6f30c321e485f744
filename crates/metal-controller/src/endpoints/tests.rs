//! What is served over HTTP.

use reqwest::StatusCode;
use rstest::rstest;

use super::*;
use crate::metrics::tests::{filled, missing_from};

fn anywhere() -> Listen {
    "127.0.0.1:0".parse().unwrap()
}

/// What an operator with these answers to a request, while it serves.
async fn ask(metrics: Metrics, health: Health, path: &str) -> (StatusCode, String, String) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let endpoints = Endpoints::bind((&anywhere(), metrics), (&anywhere(), health))
        .await
        .unwrap();
    let address = match path {
        "/metrics" => endpoints.metrics_address(),
        _ => endpoints.health_address(),
    };
    let url = format!("http://{}{path}", address.unwrap());
    let asked = async {
        let answer = reqwest::get(url).await.unwrap();
        let kind = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        (answer.status(), kind, answer.text().await.unwrap())
    };
    tokio::select! {
        answer = asked => answer,
        ended = endpoints.serve() => panic!("{ended:?}"),
    }
}

#[tokio::test]
async fn every_metric_of_metal3_is_served_with_its_type() {
    let (status, kind, text) = ask(filled(), Health::default(), "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(kind, "text/plain; version=0.0.4");
    assert_eq!(missing_from(&text), [""; 0], "{text}");
    assert!(text.contains("# TYPE ironboot_pass_duration_seconds histogram\n"));
}

#[tokio::test]
async fn an_operator_lives_before_it_is_ready() {
    let metrics = Metrics::new().unwrap();
    let health = Health::default();
    let alive = ask(metrics.clone(), health.clone(), "/healthz").await;
    assert_eq!((alive.0, alive.2.as_str()), (StatusCode::OK, "ok\n"));
    let ready = ask(metrics, health, "/readyz").await;
    assert_eq!(ready.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        ready.2.contains("[-] hosts: the cache has not synced yet"),
        "{}",
        ready.2
    );
}

#[tokio::test]
async fn an_operator_is_ready_once_all_was_read() {
    let health = Health::default();
    health.hosts_synced();
    health.saw(&ironic_client::watch::Event::Synced);
    let (status, _, report) = ask(Metrics::new().unwrap(), health, "/readyz").await;
    assert_eq!(status, StatusCode::OK, "{report}");
}

#[rstest]
#[case("/healthz", "/metrics")]
#[case("/", "/metrics")]
#[case("/metrics", "/readyz")]
#[tokio::test]
async fn nothing_else_is_served(#[case] path: &str, #[case] port_of: &str) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let endpoints = Endpoints::bind(
        (&anywhere(), Metrics::new().unwrap()),
        (&anywhere(), Health::default()),
    )
    .await
    .unwrap();
    let address = match port_of {
        "/metrics" => endpoints.metrics_address(),
        _ => endpoints.health_address(),
    };
    let url = format!("http://{}{path}", address.unwrap());
    tokio::select! {
        answer = reqwest::get(url) => assert_eq!(answer.unwrap().status(), StatusCode::NOT_FOUND),
        ended = endpoints.serve() => panic!("{ended:?}"),
    }
}

#[tokio::test]
async fn nowhere_is_nowhere() {
    let nowhere = Listen::Nowhere;
    let endpoints = Endpoints::bind(
        (&nowhere, Metrics::new().unwrap()),
        (&nowhere, Health::default()),
    )
    .await
    .unwrap();
    assert_eq!(endpoints.metrics_address(), None);
    assert_eq!(endpoints.health_address(), None);
}

#[tokio::test]
async fn an_address_in_use_is_named_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let at = Listen::At {
        host: "127.0.0.1".to_owned(),
        port,
    };
    let refused = Endpoints::bind(
        (&at, Metrics::new().unwrap()),
        (&Listen::Nowhere, Health::default()),
    )
    .await
    .unwrap_err();
    let words = Chain(&refused).to_string();
    assert!(
        words.contains(&format!("metrics at 127.0.0.1:{port}")),
        "{words}"
    );
    assert!(words.contains("--metrics-addr"), "{words}");
    assert!(words.contains("in use"), "{words}");
}

#[tokio::test]
async fn without_a_host_it_is_every_address() {
    let at: Listen = ":0".parse().unwrap();
    let endpoints = Endpoints::bind(
        (&at, Metrics::new().unwrap()),
        (&Listen::Nowhere, Health::default()),
    )
    .await
    .unwrap();
    assert!(endpoints.metrics_address().unwrap().ip().is_unspecified());
}

#[rstest]
#[case("", None)]
#[case("0", None)]
#[case(":9440", Some(("", 9440)))]
#[case("127.0.0.1:8085", Some(("127.0.0.1", 8085)))]
#[case("localhost:0", Some(("localhost", 0)))]
#[case("[::1]:8085", Some(("::1", 8085)))]
fn an_address_is_written_as_for_go(#[case] text: &str, #[case] expected: Option<(&str, u16)>) {
    let expected = expected.map_or(Listen::Nowhere, |(host, port)| Listen::At {
        host: host.to_owned(),
        port,
    });
    assert_eq!(text.parse(), Ok(expected));
}

#[rstest]
#[case("8085")]
#[case("localhost")]
#[case("localhost:")]
#[case("localhost:http")]
#[case("localhost:65536")]
#[case("::1")]
#[case("[::1]")]
#[case("[::1:80")]
fn what_is_no_address_is_refused(#[case] text: &str) {
    let words = text.parse::<Listen>().unwrap_err().to_string();
    assert!(words.contains(&format!("{text:?}")), "{words}");
}
