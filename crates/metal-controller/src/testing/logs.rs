//! What the operator logs in a test: only to be searched for what must not be in it.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// The log of this thread since the last look.
#[derive(Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Takes all that this thread logs, until the guard goes.
    pub(crate) fn capture() -> (Self, DefaultGuard) {
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
        let nobody = tracing::subscriber::NoSubscriber::new();
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
