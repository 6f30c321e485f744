//! A BMC that takes requests and does not answer: while Ironic waits for it, the node's lock is held.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Long enough for every case; Ironic gives up by itself after a minute.
const LIMIT: Duration = Duration::from_mins(2);
const GONE: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

/// Listens on loopback for as long as it lives. Once released it answers 404 to everything, so that
/// Ironic ends its attempt at once.
#[derive(Debug)]
pub struct SilentBmc {
    /// Where it listens, such as `http://127.0.0.1:41233`.
    pub address: String,
    release: Arc<Release>,
    /// Ends when it is dropped.
    _listening: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Release {
    done: AtomicBool,
    notify: Notify,
}

impl Release {
    async fn wait(&self) {
        let notified = self.notify.notified();
        if !self.done.load(Ordering::SeqCst) {
            notified.await;
        }
    }
}

impl SilentBmc {
    /// Starts to listen.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("failed to listen on loopback")?;
        let address = format!("http://{}", listener.local_addr()?);
        let release = Arc::new(Release::default());
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, release.clone()));
        Ok(Self {
            address,
            release,
            _listening: listening,
        })
    }

    /// Answers 404 from now on.
    pub fn release(&self) {
        self.release.done.store(true, Ordering::SeqCst);
        self.release.notify.notify_waiters();
    }
}

async fn listen(listener: TcpListener, release: Arc<Release>) {
    let mut held = FuturesUnordered::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((connection, _)) => held.push(hold(connection, release.clone())),
                Err(_) => return,
            },
            Some(()) = held.next(), if !held.is_empty() => {}
        }
    }
}

async fn hold(mut connection: TcpStream, release: Arc<Release>) {
    let mut request = [0; 4096];
    // Whoever asks and goes away again is no failure of a case.
    let asked = connection.read(&mut request).await;
    if matches!(asked, Ok(1..)) {
        let _ = tokio::time::timeout(LIMIT, release.wait()).await;
        let _ = connection.write_all(GONE).await;
        let _ = connection.shutdown().await;
    }
}
