//! The finalizer of a HardwareData. Metal3's baremetal-operator sets it; once the host is gone, nobody would remove it, and
//! neither the HardwareData nor its namespace could ever be deleted.

use kube::api::{Patch, PatchParams};
use kube::core::PartialObjectMeta;
use kube::{Api, Client, ResourceExt};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, HardwareData};
use serde_json::json;

/// Whether the host is let go of by what is about to be written.
pub(super) fn is_let_go(host: &BareMetalHost, next: &BareMetalHost) -> bool {
    let has = |host: &BareMetalHost| has(host.finalizers(), names::FINALIZER);
    host.metadata.deletion_timestamp.is_some() && has(host) && !has(next)
}

/// Removes the finalizer from the host's HardwareData, where both are there.
pub(super) async fn release(
    kube: &Client,
    host: &BareMetalHost,
    params: &PatchParams,
) -> Result<(), kube::Error> {
    let namespace = host.namespace().unwrap_or_default();
    let name = host.name_any();
    let api: Api<HardwareData> = Api::namespaced(kube.clone(), &namespace);
    let Some(data) = api.get_metadata_opt(&name).await? else {
        return Ok(());
    };
    let Some(rest) = without(data.finalizers(), names::HARDWARE_DATA_FINALIZER) else {
        return Ok(());
    };
    let patch =
        json!({"metadata": {"resourceVersion": data.resource_version(), "finalizers": rest}});
    match api
        .patch_metadata(&name, params, &Patch::Merge(patch))
        .await
    {
        Ok(PartialObjectMeta { .. }) => Ok(()),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}

fn has(finalizers: &[String], name: &str) -> bool {
    finalizers.iter().any(|finalizer| finalizer == name)
}

/// The others, if it is among them.
fn without<'a>(finalizers: &'a [String], name: &str) -> Option<Vec<&'a String>> {
    has(finalizers, name).then(|| {
        let others = finalizers.iter().filter(|finalizer| *finalizer != name);
        others.collect()
    })
}

#[cfg(test)]
mod tests;
