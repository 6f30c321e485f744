//! What the operator logs in a test: only to be searched for what must not be in it.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

/// While there is only one subscriber, `tracing` asks that of the thread which is the first to come to a line whether
/// anybody ever wants it: another test's thread, which has none. With a second one it asks all.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// The log of this thread since the last look.
#[derive(Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Takes all that this thread logs, until the guard goes.
    pub(crate) fn capture() -> (Self, DefaultGuard) {
        LazyLock::force(&SECOND);
        let logs = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(logs.clone())
            .with_ansi(false)
            .without_time()
            .with_env_filter("trace,tower=off,hyper=off")
            .finish();
        (logs, tracing::subscriber::set_default(subscriber))
    }

    /// Takes nothing: to format what nobody reads is most of the work of a life.
    pub(crate) fn none() -> (Self, DefaultGuard) {
        let nobody = NoSubscriber::new();
        (Self::default(), tracing::subscriber::set_default(nobody))
    }

    /// What was logged since this was asked last.
    pub(crate) fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Logs {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
