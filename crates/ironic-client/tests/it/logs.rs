//! What of a request is in the log.

use std::io;
use std::sync::{Arc, Mutex};

use ironic_client::types::calls::CreateNode;
use ironic_client::types::{DriverInfo, NewNode};
use secrecy::SecretString;
use tracing::Level;

use crate::{answer, client, fault, server};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_logged_with_its_id_and_without_its_body() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let server = server().await;
    answer(
        &server,
        "POST",
        "/v1/nodes",
        fault(409, "you sent planted-7f3a"),
    )
    .await;

    let call = CreateNode {
        node: NewNode {
            driver: "redfish".to_owned(),
            driver_info: DriverInfo::new()
                .with("redfish_username", "planted-user")
                .with("redfish_password", SecretString::from("planted-7f3a")),
            ..NewNode::default()
        },
    };
    let logging = tracing::subscriber::set_default(subscriber);
    client(&server).send(&call).await.unwrap_err();
    drop(logging);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let fields = "call=\"create node\" method=POST path=\"/v1/nodes\" version=1.89 status=409 \
                  request_id=\"req-1\"";
    assert!(log.contains(fields), "{log}");
    assert!(
        log.contains("call=\"get root document\" method=GET path=\"/\""),
        "{log}"
    );
    assert!(!log.contains("planted"), "{log}");
}
