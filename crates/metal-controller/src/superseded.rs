//! Hosts as they were before our own last write.
//!
//! The watch over hosts brings our own writes back a moment after they were made. A pass that is called in that moment,
//! by Ironic or by a Secret, finds the host as it was before, and would plan what has just been done.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kube::ResourceExt;
use metal_api::v1alpha1::BareMetalHost;

/// The resource versions that were overwritten, by the host's UID.
#[derive(Debug, Default)]
pub(crate) struct Superseded(Mutex<HashMap<String, Vec<String>>>);

impl Superseded {
    /// Whether this is a host as it was before our last write: that write's own event will call.
    pub(crate) fn contains(&self, host: &BareMetalHost) -> bool {
        let (Some(uid), Some(version)) = (host.uid(), host.resource_version()) else {
            return false;
        };
        let mut superseded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = superseded
            .get(&uid)
            .is_some_and(|versions| versions.contains(&version));
        if !is_old {
            superseded.remove(&uid);
        }
        is_old
    }

    /// Remembers that these versions of the host were overwritten.
    pub(crate) fn add(&self, host: &BareMetalHost, versions: Vec<String>) {
        if let Some(uid) = host.uid().filter(|_| !versions.is_empty()) {
            let mut superseded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            superseded.insert(uid, versions);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(version: &str) -> BareMetalHost {
        let mut host = BareMetalHost::default();
        host.metadata.uid = Some("uid-1".to_owned());
        host.metadata.resource_version = Some(version.to_owned());
        host
    }

    #[test]
    fn a_host_is_superseded_until_another_version_of_it_is_seen() {
        let superseded = Superseded::default();
        assert!(!superseded.contains(&host("1")));

        superseded.add(&host("1"), vec!["1".to_owned(), "2".to_owned()]);
        assert!(superseded.contains(&host("1")));
        assert!(superseded.contains(&host("2")), "between our two writes");
        assert!(!superseded.contains(&host("3")));
        assert!(
            !superseded.contains(&host("1")),
            "forgotten: versions say nothing of their order"
        );
    }
}
