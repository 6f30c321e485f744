//! The way to the simulated Ironic: it counts requests, lets one of them go wrong, and keeps the clocks in step.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use ironic_client::{Failure, InProcess, InProcessAnswer, InProcessRequest, Ironic};
use ironic_sim::{Fault, FaultKind, Method, Request, Sim};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::stop::Stopper;

/// What a real Ironic takes for a request.
const LATENCY: Duration = Duration::from_millis(20);

/// The client's patience.
const PATIENCE: Duration = Duration::from_mins(1);

/// The only way to the simulator.
pub(crate) struct Door {
    pub(crate) sim: Sim,
    began: Instant,
    asked: Mutex<Vec<Asked>>,
    fault: Mutex<Option<(usize, FaultKind)>>,
    stopper: Stopper,
    onlooker: Mutex<Option<Onlooker>>,
}

/// Looks at Ironic after each request, and after whatever happened by itself before it.
pub(crate) type Onlooker = Box<dyn FnMut(&Sim, Option<&Asked>) + Send>;

/// A request, and the status of its answer even if that was lost on its way.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    /// What was asked of the node's state or its power.
    pub(crate) verb: Option<String>,
    /// Where the image is that was to be inserted as a CD.
    pub(crate) disc: Option<String>,
    pub(crate) status: u16,
}

impl Asked {
    /// Whether it was this verb, or this power target, and Ironic agreed.
    pub(crate) fn agreed_to(&self, verb: &str) -> bool {
        self.verb.as_deref() == Some(verb) && (200..300).contains(&self.status)
    }
}

impl Door {
    pub(crate) fn new(sim: Sim, began: Instant) -> Arc<Self> {
        Arc::new(Self {
            sim,
            began,
            asked: Mutex::default(),
            fault: Mutex::default(),
            stopper: Stopper::default(),
            onlooker: Mutex::default(),
        })
    }

    /// A client that comes through here, as the operator has one.
    pub(crate) fn client(self: &Arc<Self>) -> Ironic {
        Ironic::builder("http://ironic.example:6385".parse().unwrap())
            .in_process(self.clone())
            .build()
            .unwrap()
    }

    pub(crate) fn set_onlooker(&self, onlooker: Onlooker) {
        *self.onlooker.lock().unwrap() = Some(onlooker);
    }

    fn look_on(&self, asked: Option<&Asked>) {
        if let Some(look) = self.onlooker.lock().unwrap().as_mut() {
            look(&self.sim, asked);
        }
    }

    pub(crate) fn stopper(&self) -> &Stopper {
        &self.stopper
    }

    /// Lets the request with this number go wrong.
    pub(crate) fn fault(&self, request: usize, kind: FaultKind) {
        *self.fault.lock().unwrap() = Some((request, kind));
    }

    /// Neither a fault nor a stop is to come any more.
    pub(crate) fn disarm(&self) {
        *self.fault.lock().unwrap() = None;
        self.stopper.disarm();
    }

    pub(crate) fn is_fault_due(&self) -> bool {
        self.fault.lock().unwrap().is_some()
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// How many requests asked for a change.
    pub(crate) fn changes(&self) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.method != "GET").count()
    }

    /// How often Ironic agreed to this verb, or this power target.
    pub(crate) fn agreed_to(&self, verb: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.agreed_to(verb)).count()
    }

    /// Lets in Ironic happen what is due.
    pub(crate) fn catch_up(&self) {
        let now = self.began.elapsed();
        self.sim.advance(now.saturating_sub(self.sim.now()));
        self.look_on(None);
    }

    /// Looks at something in Ironic behind the operator's back; null where it is not.
    pub(crate) fn look(&self, target: &str) -> Value {
        self.catch_up();
        let request = Request::new(Method::Get, target).version("1.95");
        let answer = self.sim.handle(&request);
        if answer.status == 404 {
            return Value::Null;
        }
        assert_eq!(answer.status, 200, "{target}: {answer:?}");
        answer.json()
    }

    /// Changes something in Ironic behind the operator's back.
    pub(crate) fn change(&self, method: Method, target: &str, body: &Value) {
        self.catch_up();
        let request = Request::new(method, target).version("1.95");
        let answer = self.sim.handle(&request.body(body.to_string()));
        assert!(answer.status < 300, "{target}: {answer:?}");
    }

    /// Tries to change something in Ironic behind the operator's back: it may say no.
    pub(crate) fn try_change(&self, method: Method, target: &str, body: &Value) {
        self.catch_up();
        let request = Request::new(method, target).version("1.95");
        self.sim.handle(&request.body(body.to_string()));
        self.look_on(None);
    }

    async fn answered(&self, request: InProcessRequest) -> Result<InProcessAnswer, Failure> {
        sleep(LATENCY).await;
        self.catch_up();
        let request = taken_over(request);
        let number = self.count() + 1;
        if let Some((_, kind)) = self.fault.lock().unwrap().take_if(|(at, _)| *at == number) {
            self.sim.inject(Fault::once(kind));
        }
        let answer = self.sim.handle(&request);
        let asked = Asked {
            verb: verb(&request),
            disc: disc(&request),
            target: format!("{}?{}", request.path, request.query),
            method: request.method,
            status: answer.status,
        };
        self.look_on(Some(&asked));
        self.asked.lock().unwrap().push(asked);
        self.stopper.happened(number).await;
        // A crash has moved the simulator's clock.
        sleep(self.sim.now().saturating_sub(self.began.elapsed())).await;
        sleep(answer.delay.min(PATIENCE)).await;
        if answer.is_cut {
            Err(Failure::Lost)
        } else if answer.delay >= PATIENCE {
            Err(Failure::Timeout)
        } else {
            Ok(InProcessAnswer {
                status: answer.status,
                body: answer.body,
            })
        }
    }
}

impl InProcess for Door {
    fn answer(&self, request: InProcessRequest) -> BoxFuture<'_, Result<InProcessAnswer, Failure>> {
        self.answered(request).boxed()
    }
}

fn taken_over(request: InProcessRequest) -> Request {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    Request {
        path: path.to_owned(),
        query: query.to_owned(),
        method: request.method,
        headers: request.headers,
        body: request.body,
    }
}

fn disc(request: &Request) -> Option<String> {
    let is_insertion = request.method == "POST" && request.path.ends_with("/vmedia");
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    let image = body["image_url"].as_str().map(str::to_owned);
    image.filter(|_| is_insertion && body["device_type"] == "cdrom")
}

/// `target` of `PUT /v1/nodes/{node}/states/…`.
fn verb(request: &Request) -> Option<String> {
    let is_state = request.method == "PUT" && request.path.contains("/states/");
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    is_state.then(|| body["target"].as_str().map(str::to_owned))?
}
