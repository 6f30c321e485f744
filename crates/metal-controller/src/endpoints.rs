//! Where metrics and probes are served: plain HTTP, for Prometheus and for the kubelet.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ironic_client::Chain;
use tokio::net::TcpListener;

use crate::health::Health;
use crate::metrics::Metrics;

/// Where something is served, as Go programs write it: `HOST:PORT`, `:PORT` for all addresses of the machine, `0` or
/// nothing for nowhere. Port 0 takes any that is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// It isn't served.
    Nowhere,
    /// It is served here.
    At {
        /// A name or an address, an IPv6 address without its brackets; empty for all addresses of the machine.
        host: String,
        /// The port.
        port: u16,
    },
}

/// A text that is no address to serve at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no address: write HOST:PORT, :PORT for all addresses of the machine, or 0 for none"
)]
pub struct ListenError(String);

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        if matches!(text, "" | "0") {
            return Ok(Self::Nowhere);
        }
        let refused = || ListenError(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(refused)?;
        let port = port.parse().map_err(|_| refused())?;
        let in_brackets = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        // Without brackets nobody knows which colon is the last.
        if in_brackets.is_none() && host.contains([':', '[', ']']) {
            return Err(refused());
        }
        Ok(Self::At {
            host: in_brackets.unwrap_or(host).to_owned(),
            port,
        })
    }
}

/// An address can't be listened at.
#[derive(Debug, thiserror::Error)]
#[error(
    "failed to serve {what} at {host}:{port}; choose another address, or 0 for none, with {flag}"
)]
pub struct BindError {
    what: &'static str,
    flag: &'static str,
    host: String,
    port: u16,
    source: io::Error,
}

/// The addresses that are listened at, before the operator begins.
#[derive(Debug)]
pub struct Endpoints {
    metrics: Option<Endpoint>,
    health: Option<Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    listener: TcpListener,
    router: Router,
}

impl Endpoints {
    /// Listens. Who connects waits until [`Endpoints::serve`] is called.
    ///
    /// # Errors
    ///
    /// [`BindError`], if an address is in use or isn't this machine's.
    pub async fn bind(
        metrics: (&Listen, Metrics),
        health: (&Listen, Health),
    ) -> Result<Self, BindError> {
        let (at, metrics) = metrics;
        let metrics = bind("metrics", "--metrics-addr", at, metrics_router(metrics)).await?;
        let (at, health) = health;
        let health = bind("probes", "--health-addr", at, health_router(health)).await?;
        Ok(Self { metrics, health })
    }

    /// Serves; ends with an error only.
    ///
    /// # Errors
    ///
    /// What the operating system says of the listening sockets.
    pub async fn serve(self) -> io::Result<Infallible> {
        tokio::select! {
            ended = serve(self.metrics) => ended,
            ended = serve(self.health) => ended,
        }
    }

    /// Where metrics are served.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        address(self.metrics.as_ref())
    }

    /// Where probes are served.
    pub fn health_address(&self) -> Option<SocketAddr> {
        address(self.health.as_ref())
    }
}

async fn bind(
    what: &'static str,
    flag: &'static str,
    at: &Listen,
    router: Router,
) -> Result<Option<Endpoint>, BindError> {
    let listener = listen(what, flag, at).await?;
    Ok(listener.map(|listener| Endpoint { listener, router }))
}

/// Listens, unless it is nowhere.
pub(crate) async fn listen(
    what: &'static str,
    flag: &'static str,
    at: &Listen,
) -> Result<Option<TcpListener>, BindError> {
    let (host, port) = match at {
        Listen::Nowhere => return Ok(None),
        Listen::At { host, port } => (host, *port),
    };
    let bound = if host.is_empty() {
        // The first takes both families; a machine without IPv6 refuses it.
        let all: [SocketAddr; 2] = [
            (Ipv6Addr::UNSPECIFIED, port).into(),
            (Ipv4Addr::UNSPECIFIED, port).into(),
        ];
        TcpListener::bind(&all[..]).await
    } else {
        TcpListener::bind((host.as_str(), port)).await
    };
    match bound {
        Ok(listener) => Ok(Some(listener)),
        Err(source) => Err(BindError {
            what,
            flag,
            host: host.clone(),
            port,
            source,
        }),
    }
}

async fn serve(endpoint: Option<Endpoint>) -> io::Result<Infallible> {
    if let Some(Endpoint { listener, router }) = endpoint {
        axum::serve(listener, router).await?;
    }
    pending().await
}

fn address(endpoint: Option<&Endpoint>) -> Option<SocketAddr> {
    endpoint?.listener.local_addr().ok()
}

fn metrics_router(metrics: Metrics) -> Router {
    Router::new().route("/metrics", get(async move || scraped(&metrics)))
}

fn scraped(metrics: &Metrics) -> Response {
    match metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, Metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(error = %Chain(&error), "metrics can't be served");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "see the operator's log\n",
            )
                .into_response()
        }
    }
}

fn health_router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get("ok\n"))
        .route("/readyz", get(async move || ready(&health)))
}

fn ready(health: &Health) -> Response {
    let readiness = health.readiness();
    let status = if readiness.is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, readiness.report).into_response()
}

#[cfg(test)]
mod tests;
