//! The end of a process in the middle of what it does.

use std::future::pending;
use std::sync::Mutex;

use tokio::sync::Notify;

/// After what a process stops: a count begins with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The request to Ironic with this number.
    Request(usize),
    /// The write to Kubernetes with this number.
    Write(usize),
}

/// Stops a process: what it has asked for happens, and it never learns.
#[derive(Debug, Default)]
pub(crate) struct Stopper {
    at: Mutex<Option<usize>>,
    stopped: Notify,
}

impl Stopper {
    pub(crate) fn arm(&self, at: usize) {
        *self.at.lock().unwrap() = Some(at);
    }

    /// Something with this number happened.
    pub(crate) async fn happened(&self, number: usize) {
        if self
            .at
            .lock()
            .unwrap()
            .take_if(|at| *at == number)
            .is_some()
        {
            self.stopped.notify_one();
            pending::<()>().await;
        }
    }

    /// Ends when the process stops.
    pub(crate) async fn stopped(&self) {
        self.stopped.notified().await;
    }

    /// Whether it still is to stop.
    pub(crate) fn is_armed(&self) -> bool {
        self.at.lock().unwrap().is_some()
    }
}
