//! What the observer is told.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use ironic_client::types::Method;
use ironic_client::types::calls::{DeleteNode, ListDrivers};
use ironic_client::{
    Attempt, AttemptOutcome, Failure, Ironic, IronicBuilder, Observer, RetryPolicy,
};
use rstest::rstest;
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

use crate::served::{Reply, Served, nothing};
use crate::{answer, fault, node, server, set_up};

const SOON: RetryPolicy = RetryPolicy {
    max_attempts: 3,
    first_delay: Duration::ZERO,
    max_delay: Duration::ZERO,
    total: Duration::from_hours(1),
};

#[derive(Default)]
struct Notes(Mutex<Vec<Attempt>>);

impl Observer for Notes {
    fn attempted(&self, attempt: &Attempt) {
        self.0.lock().unwrap().push(*attempt);
    }
}

impl Notes {
    /// But for those of the root document.
    fn taken(&self) -> Vec<Attempt> {
        let mut taken = self.0.lock().unwrap().clone();
        taken.retain(|attempt| attempt.call != "get root document");
        taken
    }
}

fn observed(endpoint: &str) -> (IronicBuilder, Arc<Notes>) {
    set_up();
    let notes = Arc::new(Notes::default());
    let builder = Ironic::builder(endpoint.parse().unwrap())
        .retry(SOON)
        .observer(notes.clone());
    (builder, notes)
}

#[tokio::test]
async fn each_attempt_is_told_of_once() {
    let server = server().await;
    Mock::given(path("/v1/drivers"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let drivers = ResponseTemplate::new(200).set_body_string("{\"drivers\": []}");
    answer(&server, "GET", "/v1/drivers", drivers).await;
    let at = format!("/v1/nodes/{}", node());
    answer(&server, "DELETE", &at, fault(404, "Gone.")).await;
    let (builder, notes) = observed(&server.uri());
    let ironic = builder.build().unwrap();

    ironic.send(&ListDrivers).await.unwrap();
    ironic.send(&DeleteNode { node: node() }).await.unwrap_err();

    let taken: Vec<_> = notes
        .taken()
        .iter()
        .map(|noted| (noted.call, noted.method, noted.number, noted.outcome))
        .collect();
    let expected = [
        ("list drivers", Method::Get, 1, 503),
        ("list drivers", Method::Get, 2, 200),
        ("delete node", Method::Delete, 1, 404),
    ]
    .map(|(call, method, number, status)| (call, method, number, AttemptOutcome::Answered(status)));
    assert_eq!(taken, expected);
    let all = notes.0.lock().unwrap().len();
    assert_eq!(all, 4, "and of the root document");
}

#[tokio::test]
async fn an_attempt_without_an_answer_is_told_of() {
    let served = Served::by(async |_| Reply::Cut).await;
    let (builder, notes) = observed(&format!("http://{}", served.address));
    builder
        .build()
        .unwrap()
        .send(&ListDrivers)
        .await
        .unwrap_err();

    let taken = notes.taken();
    assert_eq!(taken.len(), 3);
    for attempt in taken {
        assert_eq!(attempt.outcome, AttemptOutcome::Failed(Failure::Lost));
    }
}

#[tokio::test]
async fn an_attempt_that_nobody_waits_for_is_told_of() {
    let served = Served::by(async |_| std::future::pending().await).await;
    let (builder, notes) = observed(&format!("http://{}", served.address));
    let ironic = builder.build().unwrap();
    ironic.versions().await.unwrap();

    let mut request = Box::pin(ironic.send(&ListDrivers));
    tokio::select! {
        biased;
        _ = &mut request => panic!("it is never answered"),
        () = tokio::task::yield_now() => {}
    }
    assert!(notes.taken().is_empty());
    drop(request);

    let [attempt] = notes.taken().try_into().unwrap();
    assert_eq!(attempt.outcome, AttemptOutcome::Cancelled);
}

#[tokio::test]
async fn who_had_to_wait_for_others_is_told() {
    let served = Served::by(async |_| nothing()).await;
    let (builder, notes) = observed(&format!("http://{}", served.address));
    let ironic = builder.max_in_flight(NonZeroUsize::MIN).build().unwrap();
    ironic.versions().await.unwrap();

    join_all((0..3).map(|_| ironic.send(&ListDrivers))).await;

    let [first, second, third] = notes.taken().try_into().unwrap();
    // They came at the same time, and were let through one after the other.
    assert!(first.waited < second.waited);
    assert!(second.waited < third.waited);
}

#[tokio::test]
async fn a_closure_is_an_observer() {
    let served = Served::by(async |_| nothing()).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = told.clone();
    let observer = move |attempt: &Attempt| seen.lock().unwrap().push(attempt.outcome.as_str());
    let (builder, _) = observed(&format!("http://{}", served.address));
    let ironic = builder.observer(Arc::new(observer)).build().unwrap();
    ironic.send(&ListDrivers).await.unwrap();
    assert_eq!(*told.lock().unwrap(), ["2xx", "2xx"]);
}

#[rstest]
#[case(AttemptOutcome::Answered(100), "1xx")]
#[case(AttemptOutcome::Answered(204), "2xx")]
#[case(AttemptOutcome::Answered(302), "3xx")]
#[case(AttemptOutcome::Answered(409), "4xx")]
#[case(AttemptOutcome::Answered(599), "5xx")]
#[case(AttemptOutcome::Failed(Failure::Tls), "tls")]
#[case(AttemptOutcome::TooLarge, "too_large")]
#[case(AttemptOutcome::Cancelled, "cancelled")]
fn an_outcome_has_a_word(#[case] outcome: AttemptOutcome, #[case] word: &str) {
    assert_eq!(outcome.as_str(), word);
}
