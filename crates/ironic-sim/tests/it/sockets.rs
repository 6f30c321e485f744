use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use ironic_sim::{Fault, FaultKind, Seed, Server, Settings, Sim, State};
use serde_json::Value;

/// Asks over a socket of its own; what arrived until the other side closed it.
fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: ironic.example\r\nConnection: close\r\n\
         X-OpenStack-Ironic-API-Version: 1.89\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    // A reset is the end as well.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn json(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(body).unwrap()
}

async fn serve() -> (Sim, Server) {
    let sim = Sim::new(Settings::default());
    sim.seed(&Seed {
        nodes: Some(State::Manageable),
        ..Seed::default()
    });
    let server = sim.serve((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    (sim, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_simulator_answers_over_http() {
    let (_, server) = serve().await;
    let answer = ask(server.address(), "GET", "/v1/nodes/node-0", "");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let node = json(&answer);
    assert_eq!(node["name"], "node-0");
    let link = node["links"][0]["href"].as_str().unwrap();
    assert!(
        link.starts_with("http://ironic.example/v1/nodes/"),
        "{link}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_cut_connection_is_closed_without_an_answer() {
    let (sim, server) = serve().await;
    for kind in [FaultKind::CutBefore, FaultKind::CutAfter] {
        sim.inject(Fault::once(kind));
        assert_eq!(ask(server.address(), "GET", "/v1/nodes", ""), "");
    }
    let answer = ask(server.address(), "GET", "/v1/nodes", "");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn faults_and_the_journal_are_reached_from_outside() {
    let (_, server) = serve().await;
    let address = server.address();
    let fault = r#"{"fault": "status", "status": 503}"#;
    let answer = ask(address, "POST", "/_sim/faults", fault);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let answer = ask(address, "GET", "/v1/nodes", "");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let journal = json(&ask(address, "GET", "/_sim/journal", ""));
    assert_eq!(journal["total"], 1);
    assert_eq!(journal["counts"]["GET /v1/nodes"], 1);
    let answer = ask(address, "POST", "/_sim/faults", r#"{"fault": "nonsense"}"#);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_server_that_is_dropped_is_gone() {
    let (_, server) = serve().await;
    let address = server.address();
    drop(server);
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(address).is_ok() {
        assert!(std::time::Instant::now() < deadline, "it still listens");
        tokio::task::yield_now().await;
    }
}
