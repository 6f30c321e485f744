//! Effects on Leases, and the last look at them before a machine is let run from a volume.

use kube::{Api, ResourceExt};
use metal_plan::{HeldLease, LeaseClaim, Outcome, lease_holder, needed_leases};
use tracing::warn;

use super::Executor;
use crate::leases::{Keeper, Refusal};

impl Executor<'_> {
    /// Takes all or none.
    pub(super) async fn take_leases(&self, claims: &[LeaseClaim], holder: &str) -> Outcome {
        let keeper = self.keeper(holder);
        let mut taken = Vec::new();
        for claim in claims {
            match keeper.take(claim).await {
                Ok(lease) => {
                    self.context.leases.learn(&lease);
                    taken.push(HeldLease {
                        name: claim.name.clone(),
                        version: lease.resource_version().unwrap_or_default(),
                    });
                }
                Err(refusal) => {
                    let is_anothers = matches!(refusal, Refusal::Changed(_));
                    let outcome = self.refused(&claim.name, refusal);
                    // If nobody knows, the next pass goes on from what there is.
                    if is_anothers {
                        self.undo(&keeper, &taken).await;
                    }
                    return outcome;
                }
            }
        }
        Outcome::Done
    }

    /// Nothing was done with them yet, so nothing need be looked at.
    async fn undo(&self, keeper: &Keeper<'_>, taken: &[HeldLease]) {
        for lease in taken {
            match keeper.give_back(lease).await {
                Ok(()) => self.context.leases.forget(&lease.name),
                Err(refusal) => {
                    let name = &lease.name;
                    warn!(
                        lease = name,
                        ?refusal,
                        "a Lease that was just taken was not given back yet"
                    );
                }
            }
        }
    }

    pub(super) async fn give_back_leases(&self, leases: &[HeldLease]) -> Outcome {
        let holder = lease_holder(&self.observation.host);
        let keeper = self.keeper(&holder);
        for lease in leases {
            match keeper.give_back(lease).await {
                Ok(()) => self.context.leases.forget(&lease.name),
                Err(refusal) => return self.refused(&lease.name, refusal),
            }
        }
        Outcome::Done
    }

    /// What keeps the host from its volumes, if it doesn't hold their Leases at this moment: what the plan was made from
    /// may be older.
    pub(super) async fn lacks_leases(&self) -> Option<Outcome> {
        let host = &self.observation.host;
        let holder = lease_holder(host);
        let keeper = self.keeper(&holder);
        for lease in needed_leases(host) {
            if let Err(refusal) = keeper.confirm(&lease.name).await {
                return Some(self.refused(&lease.name, refusal));
            }
        }
        None
    }

    fn refused(&self, name: &str, refusal: Refusal) -> Outcome {
        match refusal {
            Refusal::Changed(Some(lease)) => self.context.leases.learn(&lease),
            Refusal::Changed(None) => self.context.leases.forget(name),
            Refusal::Unavailable { message } => return Outcome::LeasesUnavailable { message },
        }
        Outcome::LeasesChanged
    }

    fn keeper<'a>(&'a self, holder: &'a str) -> Keeper<'a> {
        let namespace = &self.context.settings.volume_lease_namespace;
        Keeper {
            api: Api::namespaced(self.context.kube.clone(), namespace),
            namespace,
            holder,
            host_uid: self
                .observation
                .host
                .metadata
                .uid
                .as_deref()
                .unwrap_or_default(),
            now: self.context.clock.now(),
        }
    }
}
