//! Statuses that Kubernetes refuses: each refusal is told once, though the pass is repeated until the status is taken.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;

/// What was told last of a host whose status is refused, by the host's UID.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashMap<String, String>>);

impl Refusals {
    /// Remembers why the host's status was refused. Returns whether that is news.
    pub(crate) fn add(&self, host: &BareMetalHost, message: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let uid = host.uid().unwrap_or_default();
        told.insert(uid, message.to_owned()).as_deref() != Some(message)
    }

    /// The host's status was taken.
    pub(crate) fn clear(&self, host: &BareMetalHost) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.remove(&host.uid().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_news_until_it_was_told_and_again_after_a_status_was_taken() {
        let refusals = Refusals::default();
        let mut host = BareMetalHost::default();
        host.metadata.uid = Some("uid-1".to_owned());
        let mut other = host.clone();
        other.metadata.uid = Some("uid-2".to_owned());

        assert!(refusals.add(&host, "one"));
        assert!(!refusals.add(&host, "one"));
        assert!(refusals.add(&other, "one"), "another host");
        assert!(refusals.add(&host, "another"));
        refusals.clear(&host);
        assert!(refusals.add(&host, "another"));
        assert!(!refusals.add(&other, "one"));
    }
}
