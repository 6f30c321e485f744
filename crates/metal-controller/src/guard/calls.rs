//! The Secrets whose guard is to be looked at.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::secret_versions::SecretName;

/// Who calls need not wait, and one that is called twice is looked at once.
#[derive(Default)]
pub(crate) struct GuardCalls {
    due: Mutex<BTreeSet<SecretName>>,
    called: Notify,
}

impl GuardCalls {
    /// The guards of these may have to change.
    pub(crate) fn call(&self, secrets: impl IntoIterator<Item = SecretName>) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.extend(secrets);
        if !due.is_empty() {
            self.called.notify_one();
        }
    }

    /// One of those that were called.
    pub(crate) fn take(&self) -> Option<SecretName> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.pop_first()
    }

    /// The same, once there is one. None is lost when this is dropped.
    pub(super) async fn next(&self) -> SecretName {
        loop {
            if let Some(secret) = self.take() {
                return secret;
            }
            self.called.notified().await;
        }
    }
}
