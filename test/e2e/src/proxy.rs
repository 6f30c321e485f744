//! A proxy before Ironic: it writes down what the operator asks, and can hold one request.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::progress::step;

/// Where a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before it is forwarded: Ironic never sees it.
    BeforeForwarding,
    /// After Ironic's answer came: whoever asked never sees it.
    AfterAnswer,
}

/// A request to Ironic.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method, in upper case.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The body, if it is JSON.
    pub body: Value,
}

impl Asked {
    /// Whether it makes a volume target.
    pub fn makes_target(&self) -> bool {
        self.method == "POST" && self.path == "/v1/volume/targets"
    }

    /// Whether it asks for this provision state.
    pub fn asks_for_provision(&self, target: &str) -> bool {
        self.asks_for("/states/provision", target)
    }

    /// Whether it asks for this power state.
    pub fn asks_for_power(&self, target: &str) -> bool {
        self.asks_for("/states/power", target)
    }

    fn asks_for(&self, path: &str, target: &str) -> bool {
        self.method == "PUT" && self.path.ends_with(path) && self.body["target"] == target
    }
}

/// A request that will be held, or is.
#[derive(Debug)]
pub struct Hold {
    held: oneshot::Receiver<()>,
}

impl Hold {
    /// Waits until the request is held.
    pub async fn held(self, limit: Duration) -> Result<()> {
        tokio::time::timeout(limit, self.held)
            .await
            .with_context(|| format!("the request did not come within {} s", limit.as_secs()))?
            .context("the proxy ended")
    }
}

/// A running proxy; it ends when its last clone is dropped, and with it every connection.
#[derive(Debug, Clone)]
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    _server: Arc<JoinSet<()>>,
}

struct Shared {
    upstream: String,
    http: reqwest::Client,
    journal: Mutex<Vec<Asked>>,
    rule: Mutex<Option<Rule>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "proxy to {}", self.upstream)
    }
}

struct Rule {
    point: Point,
    chooses: Box<dyn Fn(&Asked) -> bool + Send>,
    tell: oneshot::Sender<()>,
}

impl Proxy {
    /// Starts a proxy to an address.
    pub(crate) async fn start(upstream: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("failed to listen")?;
        let url = format!("http://{}", listener.local_addr().context("no address")?);
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            http: reqwest::Client::builder()
                .build()
                .context("failed to set up the proxy's client")?,
            journal: Mutex::default(),
            rule: Mutex::default(),
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let mut server = JoinSet::new();
        server.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                step(format!("the proxy failed: {error}"));
            }
        });
        Ok(Self {
            url,
            shared,
            _server: Arc::new(server),
        })
    }

    /// Its own address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Holds the first request that is chosen, for as long as the one who asked waits for it.
    pub fn hold(&self, point: Point, chooses: impl Fn(&Asked) -> bool + Send + 'static) -> Hold {
        let (tell, held) = oneshot::channel();
        *lock(&self.shared.rule) = Some(Rule {
            point,
            chooses: Box::new(chooses),
            tell,
        });
        Hold { held }
    }

    /// What was forwarded and answered, in order, but for what only reads.
    pub fn journal(&self) -> Vec<Asked> {
        lock(&self.shared.journal).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// The rule, if it is for this request and this point: it holds once.
    fn take_rule(&self, point: Point, request: &Asked) -> Option<Rule> {
        lock(&self.rule).take_if(|rule| rule.point == point && (rule.chooses)(request))
    }

    async fn hold_if_chosen(&self, point: Point, request: &Asked) {
        if let Some(rule) = self.take_rule(point, request) {
            step(format!(
                "  proxy    holds {} {} ({point:?})",
                request.method, request.path
            ));
            // Nobody may wait for it any more.
            let _ = rule.tell.send(());
            // Until the connection ends, and this future with it.
            std::future::pending::<()>().await;
        }
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    forward(&shared, request)
        .await
        .unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response())
}

async fn forward(shared: &Shared, request: Request) -> Result<Response> {
    const MOST: usize = 1 << 20;
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MOST).await?;
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    shared.hold_if_chosen(Point::BeforeForwarding, &asked).await;
    let url = format!(
        "{}{}",
        shared.upstream,
        head.uri.path_and_query().map_or("/", |path| path.as_str())
    );
    let mut headers = head.headers;
    headers.remove(header::HOST);
    let answer = shared
        .http
        .request(head.method.clone(), url)
        .headers(headers)
        .body(body)
        .send()
        .await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body: Bytes = answer.bytes().await?;
    if head.method != Method::GET {
        lock(&shared.journal).push(asked.clone());
    }
    shared.hold_if_chosen(Point::AfterAnswer, &asked).await;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    // The body is whole now.
    response.headers_mut().remove(header::TRANSFER_ENCODING);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(response)
}
