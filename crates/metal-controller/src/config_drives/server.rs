//! The server that Ironic gets config drives from.
//!
//! It needs no pass and no watch: a replica that does nothing else can serve.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{Instrument, debug, info_span, warn};
use url::Url;

use super::answers::Answers;
use super::tls::{Tls, TlsError, TlsFiles};
use crate::credentials::Secrets;
use crate::endpoints::{BindError, Listen, listen};
use crate::metrics::Metrics;

/// So many connections are open at once; others wait.
const CONNECTIONS: usize = 256;

/// How long a client may take to send a request's headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// How long a connection lasts: it is for one request, and the largest image has three mebibytes.
const LONGEST: Duration = Duration::from_mins(1);

/// How long its TLS handshake may take: whoever says nothing keeps a place from others.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// After what only the operating system can help with, such as too many open files.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Where config drives are served.
#[derive(Clone, Debug)]
pub struct ConfigDriveAddress {
    /// Where it is listened.
    pub listen: Listen,
    /// The URL under which Ironic gets there.
    pub url: Url,
    /// With which certificate; plain HTTP without one.
    pub tls: Option<TlsFiles>,
}

/// Config drives can't be served.
#[derive(Debug, thiserror::Error)]
pub enum ConfigDrivesError {
    /// The address can't be listened at.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The certificate can't be used.
    #[error("failed to serve config drives by TLS")]
    Tls(#[from] TlsError),
}

/// The address that is listened at, before the operator begins.
pub struct ConfigDrives(Option<Server>);

struct Server {
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    answers: Arc<Answers>,
}

impl ConfigDrives {
    /// Listens. Who connects waits until [`ConfigDrives::serve`] is called.
    ///
    /// # Errors
    ///
    /// [`ConfigDrivesError`], if an address is in use or isn't this machine's, or if a certificate can't be used.
    pub async fn bind(
        address: ConfigDriveAddress,
        kube: kube::Client,
        secrets: Arc<Secrets>,
        metrics: Metrics,
    ) -> Result<Self, ConfigDrivesError> {
        let ConfigDriveAddress {
            listen: at,
            url,
            tls,
        } = address;
        let tls = tls.map(Tls::new).transpose()?.map(Arc::new);
        let Some(listener) = listen("config drives", "--config-drive-addr", &at).await? else {
            return Ok(Self::nowhere());
        };
        let answers = Arc::new(Answers::new(kube, secrets, &url, metrics));
        Ok(Self(Some(Server {
            listener,
            tls,
            answers,
        })))
    }

    /// Serves nothing.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// Where config drives are served.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.as_ref()?.listener.local_addr().ok()
    }

    /// The certificate in use.
    #[cfg(test)]
    pub(super) fn tls(&self) -> Option<Arc<Tls>> {
        self.0.as_ref()?.tls.clone()
    }

    /// Serves, for ever.
    pub async fn serve(self) -> Infallible {
        match &self.0 {
            None => pending().await,
            Some(server) => server.serve().await,
        }
    }
}

impl Server {
    async fn serve(&self) -> Infallible {
        let follow = async {
            match &self.tls {
                Some(tls) => tls.clone().follow().await,
                None => pending().await,
            }
        };
        tokio::select! {
            never = self.accept() => never,
            never = follow => never,
        }
    }

    async fn accept(&self) -> Infallible {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                    Ok((stream, peer)) => {
                        let tls = self.tls.as_ref().map(|tls| tls.current());
                        let connection = connection(stream, tls, self.answers.clone());
                        // An IPv4 address may come as one of IPv6.
                        let peer = peer.ip().to_canonical();
                        connections.spawn(connection.instrument(info_span!("config_drive", %peer)));
                    }
                    Err(error) => {
                        warn!(%error, "a connection for a config drive can't be accepted");
                        sleep(AFTER_FAILURE).await;
                    }
                },
                Some(ended) = connections.join_next() => if let Err(error) = ended {
                    warn!(%error, "a connection for a config drive broke off");
                },
            }
        }
    }
}

/// One connection, which is for one request.
async fn connection(stream: TcpStream, tls: Option<Arc<ServerConfig>>, answers: Arc<Answers>) {
    let served = async {
        match tls {
            None => requests(stream, &answers).await,
            Some(config) => {
                let stream = timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)).await??;
                requests(stream, &answers).await
            }
        }
    };
    // Whoever looks whether the port is open ends here too.
    match timeout(LONGEST, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, "a connection ended early"),
        Err(_) => debug!("a connection took too long"),
    }
}

async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &Answers,
) -> io::Result<()> {
    let service = service_fn(async |request: Request<Incoming>| {
        let answer = answers.answer(request.method(), request.uri().path());
        Ok::<_, Infallible>(answer.await)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}
