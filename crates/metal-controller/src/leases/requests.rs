//! What is asked of Kubernetes about Leases.

use std::collections::BTreeMap;

use ironic_client::Chain;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::Api;
use kube::api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams, Preconditions};
use metal_api::names;
use metal_plan::{HeldLease, LeaseClaim, LeaseHolder, label_value};
use serde_json::{Value, json};

/// Takes Leases for one host, and gives them back.
pub(crate) struct Keeper<'a> {
    pub(crate) api: Api<Lease>,
    /// Where they are.
    pub(crate) namespace: &'a str,
    /// `spec.holderIdentity`.
    pub(crate) holder: &'a str,
    /// The host's UID.
    pub(crate) host_uid: &'a str,
    pub(crate) now: Timestamp,
}

/// Why a Lease was not taken or not given back.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is another's, or nobody's, by now: as it was read, if it was.
    Changed(Option<Box<Lease>>),
    /// It may have been done or not.
    Unavailable {
        /// What went wrong.
        message: String,
    },
}

impl Keeper<'_> {
    /// Takes one. One that is the host's already is as good as taken now: an answer may have been lost.
    pub(crate) async fn take(&self, claim: &LeaseClaim) -> Result<Lease, Refusal> {
        let taken = match &claim.over {
            None => self.api.create(&post_params(), &self.lease(claim)).await,
            Some(version) => {
                let params = PatchParams {
                    field_manager: Some(names::FIELD_MANAGER.to_owned()),
                    ..PatchParams::default()
                };
                let patch = Patch::Merge(self.take_over(claim, version));
                self.api.patch(&claim.name, &params, &patch).await
            }
        };
        match taken {
            Ok(lease) => Ok(lease),
            Err(kube::Error::Api(status)) if status.is_already_exists() || status.is_conflict() => {
                match self.read(&claim.name).await? {
                    Some(lease) if is_held_by(&lease, self.holder) => Ok(lease),
                    other => Err(Refusal::Changed(other.map(Box::new))),
                }
            }
            Err(kube::Error::Api(status)) if status.is_not_found() && claim.over.is_some() => {
                Err(Refusal::Changed(None))
            }
            // Kubernetes names the namespace and not the way out.
            Err(kube::Error::Api(status)) if status.is_not_found() => Err(Refusal::Unavailable {
                message: format!(
                    "the Leases of volumes can't be taken: namespace {} does not exist; create it, or name another one by --volume-lease-namespace",
                    self.namespace
                ),
            }),
            Err(error) => Err(self.unavailable("taken", &error)),
        }
    }

    /// Gives one back if it is as it was seen. One that is gone is given back, and one that waits for finalizers.
    pub(crate) async fn give_back(&self, lease: &HeldLease) -> Result<(), Refusal> {
        let params = DeleteParams {
            preconditions: Some(Preconditions {
                resource_version: Some(lease.version.clone()),
                uid: None,
            }),
            ..DeleteParams::default()
        };
        match self.api.delete(&lease.name, &params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            Err(kube::Error::Api(status)) if status.is_conflict() => Err(Refusal::Changed(
                self.read(&lease.name).await?.map(Box::new),
            )),
            Err(error) => Err(self.unavailable("given back", &error)),
        }
    }

    /// Whether the host holds it, as Kubernetes has it at this moment.
    pub(crate) async fn confirm(&self, name: &str) -> Result<(), Refusal> {
        match self.read(name).await? {
            Some(lease) if is_held_by(&lease, self.holder) => Ok(()),
            other => Err(Refusal::Changed(other.map(Box::new))),
        }
    }

    async fn read(&self, name: &str) -> Result<Option<Lease>, Refusal> {
        let read = self.api.get_opt(name).await;
        read.map_err(|error| self.unavailable("read", &error))
    }

    fn unavailable(&self, what: &str, error: &kube::Error) -> Refusal {
        Refusal::Unavailable {
            message: format!(
                "the Leases of volumes in namespace {} can't be {what}: {}",
                self.namespace,
                Chain(error)
            ),
        }
    }

    /// It has no duration, so it never expires.
    fn lease(&self, claim: &LeaseClaim) -> Lease {
        let annotations = [
            (names::VOLUME_ANNOTATION, claim.volume.as_str()),
            (names::HOST_UID_ANNOTATION, self.host_uid),
        ];
        Lease {
            metadata: ObjectMeta {
                name: Some(claim.name.clone()),
                namespace: Some(self.namespace.to_owned()),
                annotations: Some(
                    annotations
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .into(),
                ),
                labels: Some(self.labels()),
                ..ObjectMeta::default()
            },
            spec: Some(LeaseSpec {
                acquire_time: Some(MicroTime(self.now)),
                holder_identity: Some(self.holder.to_owned()),
                ..LeaseSpec::default()
            }),
        }
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels: BTreeMap<_, _> =
            [(names::VOLUME_LEASE_LABEL.to_owned(), "true".to_owned())].into();
        if let Some(holder) = LeaseHolder::parse(self.holder) {
            labels.insert(
                names::HOST_NAMESPACE_LABEL.to_owned(),
                label_value(holder.namespace),
            );
            labels.insert(names::HOST_NAME_LABEL.to_owned(), label_value(holder.name));
        }
        labels
    }

    /// The fence was the last holder's.
    fn take_over(&self, claim: &LeaseClaim, version: &str) -> Value {
        let annotations = json!({
            names::FENCED_ANNOTATION: null,
            names::VOLUME_ANNOTATION: claim.volume,
            names::HOST_UID_ANNOTATION: self.host_uid,
        });
        json!({
            "metadata": {
                "resourceVersion": version,
                "annotations": annotations,
                "labels": self.labels(),
            },
            "spec": {
                "holderIdentity": self.holder,
                "acquireTime": MicroTime(self.now),
            },
        })
    }
}

fn post_params() -> PostParams {
    PostParams {
        field_manager: Some(names::FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    }
}

/// One that is being deleted is given back, and goes once its finalizers are gone.
fn is_held_by(lease: &Lease, holder: &str) -> bool {
    let spec = lease.spec.as_ref();
    let is_holder = spec.and_then(|spec| spec.holder_identity.as_deref()) == Some(holder);
    is_holder && lease.metadata.deletion_timestamp.is_none()
}
