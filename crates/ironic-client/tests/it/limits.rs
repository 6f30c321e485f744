//! How much is asked for at once, and how much is taken for an answer.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{join, join_all};
use ironic_client::types::Drivers;
use ironic_client::types::calls::ListDrivers;
use ironic_client::{Error, ErrorKind, Failure, Ironic};
use rstest::rstest;
use tokio::sync::Semaphore;

use crate::served::{Reply, Served, nothing};
use crate::set_up;

fn builder(served: &Served) -> ironic_client::IronicBuilder {
    set_up();
    Ironic::builder(format!("http://{}", served.address).parse().unwrap())
}

/// How many requests are at a server that answers when it is let.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[tokio::test]
async fn no_more_requests_are_in_flight_than_are_allowed() {
    const ALL: usize = 12;
    const ALLOWED: usize = 3;
    let crowd = Arc::new(Crowd::default());
    let (arrived, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let served = Served::by({
        let (crowd, arrived, gate) = (crowd.clone(), arrived.clone(), gate.clone());
        move |_| {
            let (crowd, arrived, gate) = (crowd.clone(), arrived.clone(), gate.clone());
            async move {
                let now = crowd.now.fetch_add(1, Ordering::SeqCst) + 1;
                crowd.most.fetch_max(now, Ordering::SeqCst);
                arrived.add_permits(1);
                gate.acquire().await.unwrap().forget();
                crowd.now.fetch_sub(1, Ordering::SeqCst);
                nothing()
            }
        }
    })
    .await;
    let ironic = builder(&served)
        .max_in_flight(NonZeroUsize::new(ALLOWED).unwrap())
        .build()
        .unwrap();
    ironic.versions().await.unwrap();

    // Clones share the limit.
    let clients: Vec<_> = (0..ALL).map(|_| ironic.clone()).collect();
    let requests = join_all(clients.iter().map(|ironic| ironic.send(&ListDrivers)));
    let doorman = async {
        // As many as are allowed are there at the same time, and never one more.
        let many = u32::try_from(ALLOWED).unwrap();
        arrived.acquire_many(many).await.unwrap().forget();
        for _ in ALLOWED..ALL {
            gate.add_permits(1);
            arrived.acquire().await.unwrap().forget();
        }
        gate.add_permits(ALLOWED);
    };
    let (answers, ()) = join(requests, doorman).await;

    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(crowd.most.load(Ordering::SeqCst), ALLOWED);
}

#[tokio::test]
async fn a_request_that_nobody_waits_for_leaves_its_place() {
    let served = Served::by(async |request| {
        if request.is("GET /v1/drivers/") {
            std::future::pending::<()>().await;
        }
        nothing()
    })
    .await;
    let ironic = builder(&served)
        .max_in_flight(NonZeroUsize::MIN)
        .build()
        .unwrap();
    ironic.versions().await.unwrap();

    let name = "slow".to_owned();
    let slow = ironic_client::types::calls::GetDriver { name };
    let mut slow = Box::pin(ironic.send(&slow));
    tokio::select! {
        biased;
        _ = &mut slow => panic!("it is never answered"),
        () = tokio::task::yield_now() => {}
    }
    drop(slow);

    ironic.send(&ListDrivers).await.unwrap();
}

/// More than the root document has.
const LENGTH: usize = 2000;

fn drivers() -> String {
    format!("{:LENGTH$}", "{\"drivers\": []}")
}

fn as_announced() -> String {
    format!("content-length: {LENGTH}\r\n\r\n{}", drivers())
}

fn in_pieces() -> String {
    let body = drivers();
    let (one, other) = body.split_at(8);
    format!(
        "transfer-encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n",
        one.len(),
        other.len()
    )
}

async fn answered_within(limit: usize, rest: String) -> (Result<Drivers, Error>, Served) {
    let served = Served::by(move |_| {
        let answer = format!("HTTP/1.1 200 OK\r\nx-openstack-request-id: req-9\r\n{rest}");
        async move { Reply::Last(answer) }
    })
    .await;
    let ironic = builder(&served).max_answer_bytes(limit).build().unwrap();
    (ironic.send(&ListDrivers).await, served)
}

#[rstest]
#[case(as_announced())]
#[case(in_pieces())]
#[tokio::test]
async fn an_answer_may_be_as_large_as_is_allowed(#[case] rest: String) {
    let (answer, _) = answered_within(LENGTH, rest).await;
    answer.unwrap();
}

#[rstest]
#[case(as_announced())]
#[case(in_pieces())]
#[tokio::test]
async fn an_answer_that_is_too_large_is_an_error_and_not_asked_for_again(#[case] rest: String) {
    let (answer, served) = answered_within(LENGTH - 1, rest).await;
    let refused = answer.unwrap_err();

    assert_eq!(
        refused.to_string(),
        "could not read the answer 200 to GET /v1/drivers (request req-9): it has more than 1999 \
         bytes"
    );
    assert_eq!(refused.kind(), ErrorKind::NotUnderstood);
    assert_eq!(refused.status(), Some(200));
    assert_eq!(refused.request_id(), Some("req-9"));
    assert_eq!(served.seen().len(), 1);
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let served = Served::by(async |_| nothing()).await;
    let ironic = builder(&served).build().unwrap();
    for _ in 0..3 {
        ironic.send(&ListDrivers).await.unwrap();
    }
    for request in served.seen() {
        assert_eq!(request.connection, 0);
    }
}

#[tokio::test]
async fn connecting_does_not_take_longer_than_it_may() {
    set_up();
    // Of a network that is for documentation: nobody answers, or the way there is refused.
    let ironic = Ironic::builder("http://192.0.2.1:6385".parse().unwrap())
        .connect_timeout(Duration::from_millis(10))
        .build()
        .unwrap();
    let refused = ironic.send(&ListDrivers).await.unwrap_err();
    let Error::Transport {
        failure, endpoint, ..
    } = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(*failure, Failure::Connect);
    assert_eq!(endpoint, "192.0.2.1:6385");
}
