//! A server that is told what to do with each request, down to the connection.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use rustls::ServerConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::root;

/// A request that was read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The number of the connection on which it came, from 0.
    pub(crate) connection: usize,
    /// Its first line and its headers.
    pub(crate) head: String,
}

impl Seen {
    pub(crate) fn is(&self, start: &str) -> bool {
        self.head.starts_with(start)
    }
}

pub(crate) enum Reply {
    /// An answer, and the connection stays.
    Json(u16, Value),
    /// These bytes, and the connection is closed.
    Last(String),
    /// No answer: the connection is closed.
    Cut,
    /// These bytes, and then some on the encrypted connection that nobody can decrypt.
    Garbled(String),
}

pub(crate) fn nothing() -> Reply {
    Reply::Json(200, json!({"drivers": []}))
}

type Handler = Arc<dyn Fn(Seen) -> BoxFuture<'static, Reply> + Send + Sync>;

/// Whether connections are encrypted, from the next one on.
pub(crate) type Tls = Arc<Mutex<Option<Arc<ServerConfig>>>>;

/// Stops when it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Tls,
    seen: Arc<Mutex<Vec<Seen>>>,
    _accepting: JoinSet<()>,
}

impl Served {
    /// Answers the root document by itself, and everything else by this function.
    pub(crate) async fn by<F>(handler: impl Fn(Seen) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::default();
        let tls = Tls::default();
        let handler: Handler = Arc::new(move |request| Box::pin(handler(request)));
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(
            listener,
            Arc::clone(&tls),
            Arc::clone(&seen),
            handler,
        ));
        Self {
            address,
            tls,
            seen,
            _accepting: accepting,
        }
    }

    /// The requests that were read, but for those of the root document.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.retain(|request| !request.is("GET / "));
        seen
    }
}

async fn accept(listener: TcpListener, tls: Tls, seen: Arc<Mutex<Vec<Seen>>>, handler: Handler) {
    let mut connections = JoinSet::new();
    for number in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        let seen = Arc::clone(&seen);
        let handler = Arc::clone(&handler);
        let tls = tls.lock().unwrap().clone();
        connections.spawn(async move {
            match tls {
                None => {
                    let mut stream = stream;
                    serve(number, &mut stream, &seen, &handler).await;
                }
                Some(tls) => encrypted(number, stream, tls, &seen, &handler).await,
            }
        });
    }
}

async fn encrypted(
    number: usize,
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    seen: &Mutex<Vec<Seen>>,
    handler: &Handler,
) {
    // One that fails is the client's to tell of.
    if let Ok(mut stream) = TlsAcceptor::from(tls).accept(stream).await {
        let end = serve(number, &mut stream, seen, handler).await;
        if end == End::Garbled {
            // A record of TLS 1.2 or 1.3 with one byte of data.
            let (below, _) = stream.get_mut();
            let _ = below.write_all(&[23, 3, 3, 0, 1, 0]).await;
            // The client hangs up.
            let _ = below.read_to_end(&mut Vec::new()).await;
        }
    }
}

/// How a connection ended.
#[derive(PartialEq)]
enum End {
    Closed,
    /// It is to be broken below TLS.
    Garbled,
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    connection: usize,
    stream: &mut S,
    seen: &Mutex<Vec<Seen>>,
    handler: &Handler,
) -> End {
    while let Some(head) = request(stream).await {
        let request = Seen { connection, head };
        seen.lock().unwrap().push(request.clone());
        let reply = if request.is("GET / ") {
            Reply::Json(200, root("1.1", "1.115"))
        } else {
            handler(request).await
        };
        let (bytes, stays) = match reply {
            Reply::Json(status, body) => (json_answer(status, &body), true),
            Reply::Last(bytes) => (bytes, false),
            Reply::Cut => return End::Closed,
            Reply::Garbled(bytes) => {
                let _ = stream.write_all(bytes.as_bytes()).await;
                let _ = stream.flush().await;
                return End::Garbled;
            }
        };
        if stream.write_all(bytes.as_bytes()).await.is_err() || !stays {
            let _ = stream.shutdown().await;
            return End::Closed;
        }
    }
    End::Closed
}

fn json_answer(status: u16, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status} Some Reason\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one request to its end; `None` if there is no further one.
async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await.ok()?));
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}
