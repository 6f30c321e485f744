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
    due: Mutex<Option<Due>>,
    stopped: Notify,
}

#[derive(Clone, Copy, Debug)]
enum Due {
    Once(usize),
    Every(usize),
}

impl Stopper {
    pub(crate) fn arm(&self, at: usize) {
        *self.due.lock().unwrap() = Some(Due::Once(at));
    }

    pub(crate) fn arm_every(&self, count: usize) {
        *self.due.lock().unwrap() = Some(Due::Every(count));
    }

    /// It is not to stop any more.
    pub(crate) fn disarm(&self) {
        *self.due.lock().unwrap() = None;
    }

    /// Something with this number happened.
    pub(crate) async fn happened(&self, number: usize) {
        if self.is_end(number) {
            self.stopped.notify_one();
            pending::<()>().await;
        }
    }

    fn is_end(&self, number: usize) -> bool {
        let mut due = self.due.lock().unwrap();
        match *due {
            Some(Due::Once(at)) if at == number => {
                *due = None;
                true
            }
            Some(Due::Every(count)) => number.is_multiple_of(count),
            Some(Due::Once(_)) | None => false,
        }
    }

    /// Ends when the process stops.
    pub(crate) async fn stopped(&self) {
        self.stopped.notified().await;
    }

    /// Whether it still is to stop.
    pub(crate) fn is_armed(&self) -> bool {
        self.due.lock().unwrap().is_some()
    }
}
