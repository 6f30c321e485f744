//! The simulator behind a socket.

mod control;
mod io;

use std::io as std_io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::StatusCode;
use axum::response::Response as HttpResponse;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::io::{Connection, Connections, Cutter};
use crate::http::{Request, Response};
use crate::sim::Sim;

/// The largest body that is read.
const MAX_BODY: usize = 64 << 20;

/// A simulator that listens. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    cutter: Cutter,
    tasks: JoinSet<()>,
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint, for clients: without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until it fails, which it does not.
    pub async fn run(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cutter.cut();
    }
}

#[derive(Clone)]
struct Shared {
    sim: Sim,
    /// Cuts all connections at once: the end of the server.
    all: Cutter,
}

impl Sim {
    /// Serves the simulator over HTTP at an address; port 0 takes a free one.
    ///
    /// Besides Ironic's paths there are `GET /_sim/journal`, `DELETE /_sim/journal`,
    /// `POST /_sim/faults` and `DELETE /_sim/faults`, for use from outside.
    ///
    /// # Errors
    ///
    /// The error of the operating system if it can't listen there.
    pub async fn serve(&self, address: SocketAddr) -> std_io::Result<Server> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let all = Cutter::default();
        let shared = Shared {
            sim: self.clone(),
            all: all.clone(),
        };
        let app = Router::new()
            .fallback(answer)
            .with_state(shared)
            .into_make_service_with_connect_info::<Connection>();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = axum::serve(Connections(listener), app).await {
                tracing::error!(%error, "serving failed");
            }
        });
        Ok(Server {
            address,
            cutter: all,
            tasks,
        })
    }
}

async fn answer(
    State(Shared { sim, all }): State<Shared>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: HttpRequest,
) -> HttpResponse {
    let Some(request) = read(request).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
    };
    if all.is_cut() {
        connection.cut();
    }
    if let Some(rest) = request.path.strip_prefix("/_sim/") {
        return control::answer(&sim, &request, rest);
    }
    let response = handle(&sim, &request).await;
    tracing::debug!(
        method = request.method,
        path = request.path,
        status = response.status,
        "answered"
    );
    if response.is_cut {
        connection.cut();
        return HttpResponse::new(Body::empty());
    }
    written(response)
}

/// Answers a request; tries a locked node again, and takes the time that a slow answer takes.
async fn handle(sim: &Sim, request: &Request) -> Response {
    let retry = sim.lock_retry();
    let mut left = retry.map_or(1, |retry| retry.attempts.max(1));
    let response = loop {
        let response = sim.attempt(request, left == 1);
        left -= 1;
        let Some(retry) = retry.filter(|_| response.is_locked && left > 0) else {
            break response;
        };
        pass(sim, retry.interval).await;
    };
    pass(sim, response.delay).await;
    response
}

async fn pass(sim: &Sim, time: Duration) {
    if sim.is_virtual() {
        sim.pass(time);
    } else if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

async fn read(request: HttpRequest) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.ok()?;
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    Some(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    })
}

fn written(response: Response) -> HttpResponse {
    let mut builder = HttpResponse::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(response.body)).unwrap_or_else(|_| {
        plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the answer can't be written",
        )
    })
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    let mut response = HttpResponse::new(Body::from(text));
    *response.status_mut() = status;
    response
}
