//! The only writer of hosts: a host's metadata, its status and its events, and its HardwareData's finalizer.

use ironic_client::Chain;
use kube::api::{Patch, PatchParams};
use kube::runtime::events::{Event as KubeEvent, EventType};
use kube::{Api, Resource, ResourceExt};
use metal_api::names;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{Event, EventKind, EventReason, NextHost};
use serde_json::Value;
use tracing::{debug, info, warn};

use crate::context::Context;

mod hardware_data;
mod merge_patch;

/// The host was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to write the host's {part}")]
    Write {
        part: &'static str,
        source: kube::Error,
    },
    #[error("failed to render the host as JSON")]
    Render(#[source] serde_json::Error),
}

impl Error {
    /// Whether somebody wrote in between, or the plan was made for an older host: its change is on the way here.
    pub(crate) fn is_conflict(&self) -> bool {
        match self {
            Self::Write {
                source: kube::Error::Api(status),
                ..
            } => status.is_conflict(),
            Self::Write { .. } | Self::Render(_) => false,
        }
    }
}

/// Writes what differs, on the condition that nobody wrote in between: a plan for an older host has no effect.
/// Metadata goes first: an annotation of the intent is to survive where a status is lost.
/// Returns the versions of the host that are overwritten by this.
pub(crate) async fn publish(
    context: &Context,
    host: &BareMetalHost,
    next: &NextHost,
) -> Result<Vec<String>, Error> {
    let api: Api<BareMetalHost> =
        Api::namespaced(context.kube.clone(), &host.namespace().unwrap_or_default());
    let params = PatchParams {
        field_manager: Some(names::FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let name = host.name_any();

    let with_metadata = BareMetalHost {
        status: host.status.clone(),
        ..next.host.clone()
    };
    if hardware_data::is_let_go(host, &next.host) {
        let released = hardware_data::release(&context.kube, host, &params).await;
        released.map_err(|source| Error::Write {
            part: "HardwareData",
            source,
        })?;
    }
    let mut superseded = Vec::new();
    let mut version = host.resource_version();
    if let Some(patch) = patch(host, &with_metadata, version.as_deref())? {
        let written = api.patch(&name, &params, &patch).await;
        let written = written.map_err(|source| Error::Write {
            part: "metadata",
            source,
        })?;
        let old = version;
        version = written.resource_version();
        superseded.extend(old.filter(|old| version.as_ref() != Some(old)));
    }
    // Without its last finalizer, an object that is being deleted is gone.
    let is_gone = host.meta().deletion_timestamp.is_some() && next.host.finalizers().is_empty();
    if !is_gone && let Some(patch) = patch(&with_metadata, &next.host, version.as_deref())? {
        let written = match api.patch_status(&name, &params, &patch).await {
            Ok(written) => written,
            Err(source) => {
                tell_refusal(context, host, &source).await;
                let part = "status";
                return Err(Error::Write { part, source });
            }
        };
        context.refusals.clear(host);
        // The API server may find that nothing differs.
        superseded.extend(version.filter(|old| written.resource_version().as_ref() != Some(old)));
        report(host, &next.host);
    }
    for event in &next.events {
        tell(context, host, event).await;
    }
    // Nobody will call again for an object that is gone.
    Ok(if is_gone { Vec::new() } else { superseded })
}

/// What differs, as a merge patch; none where nothing does. With the resourceVersion the API server refuses it (409)
/// if the object is not the one that was read.
fn patch(
    from: &BareMetalHost,
    to: &BareMetalHost,
    version: Option<&str>,
) -> Result<Option<Patch<Value>>, Error> {
    // Most passes change nothing, and to write both down is most of their work.
    if from == to {
        return Ok(None);
    }
    Ok(
        merge_patch::diff(&to_json(from)?, &to_json(to)?).map(|mut patch| {
            if let Some(version) = version {
                patch["metadata"]["resourceVersion"] = version.into();
            }
            Patch::Merge(patch)
        }),
    )
}

fn to_json(host: &BareMetalHost) -> Result<Value, Error> {
    serde_json::to_value(host).map_err(Error::Render)
}

fn report(host: &BareMetalHost, next: &BareMetalHost) {
    let (before, after) = (host.state(), next.state());
    if before == after {
        debug!("status written");
    } else {
        info!(from = before.as_str(), to = after.as_str(), "state changed");
    }
}

/// A status that the schema refuses is refused again and again: without it the host shows nothing at all.
async fn tell_refusal(context: &Context, host: &BareMetalHost, error: &kube::Error) {
    let kube::Error::Api(refusal) = error else {
        return;
    };
    if refusal.is_invalid() && context.refusals.add(host, &refusal.message) {
        let event = Event {
            kind: EventKind::Warning,
            reason: EventReason::StatusRefused,
            note: format!(
                "the host is stuck: Kubernetes refuses its next status: {}",
                refusal.message
            ),
        };
        tell(context, host, &event).await;
    }
}

/// An event that is lost is lost: the status says the same.
async fn tell(context: &Context, host: &BareMetalHost, event: &Event) {
    let event = KubeEvent {
        type_: match event.kind {
            EventKind::Normal => EventType::Normal,
            EventKind::Warning => EventType::Warning,
        },
        reason: event.reason.as_str().to_owned(),
        note: Some(shorten(&event.note)),
        action: "Reconcile".to_owned(),
        secondary: None,
    };
    if let Err(error) = context
        .recorder()
        .publish(&event, &host.object_ref(&()))
        .await
    {
        warn!(reason = event.reason.as_str(), error = %Chain(&error), "an event was not written");
    }
}

/// The API server takes notes of up to 1024 bytes.
fn shorten(note: &str) -> String {
    const LONGEST: usize = 1024;
    let end = (0..=LONGEST.min(note.len()))
        .rev()
        .find(|end| note.is_char_boundary(*end))
        .unwrap_or_default();
    note[..end].to_owned()
}
