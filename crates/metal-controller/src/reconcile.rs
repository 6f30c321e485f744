//! One pass over one host.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::ResourceExt;
use kube::core::DeserializeGuard;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{Step, next_host, plan};
use tracing::{Instrument, debug, info_span, warn};

use crate::context::Context;
use crate::execute::execute;
use crate::metrics::{Pass, PassResult};
use crate::observe::{self, observe};
use crate::publish::{self, publish};

/// A host as it is stored, readable or not: one that isn't must not stop the watch of all.
pub(crate) type Stored = DeserializeGuard<BareMetalHost>;

/// Why a pass did not reach its end. Kubernetes is the only cause: what Ironic says is observed and planned for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to observe the host")]
    Observe(#[source] observe::Error),
    #[error("failed to publish the host's next status")]
    Publish(#[source] publish::Error),
}

/// A watch calls long before; this is in case that it should not.
const PENDING: Duration = Duration::from_secs(30);

/// The change that was missed calls by itself; this is for the case that it was seen before the conflict.
const AFTER_CONFLICT: Duration = Duration::from_secs(1);

pub(crate) async fn reconcile(stored: Arc<Stored>, context: Arc<Context>) -> Result<Action, Error> {
    let span = info_span!(
        "host",
        namespace = stored.namespace(),
        name = stored.name_any()
    );
    context.metrics.begin(&ObjectRef::from_obj(&*stored));
    let begun = Instant::now();
    let ended = Box::pin(pass(&context, &stored)).instrument(span).await;
    let result = ended.as_ref().map_or(PassResult::Failed, |ended| ended.1);
    context.metrics.end(result, begun.elapsed());
    ended.map(|(action, _)| action)
}

/// When to look again, and what came of it.
async fn pass(context: &Context, stored: &Stored) -> Result<(Action, PassResult), Error> {
    let host = match &stored.0 {
        Ok(host) => host,
        Err(invalid) => {
            warn!(error = %invalid.error, "the object can't be read; it is left alone until it changes");
            return Ok((Action::await_change(), PassResult::Unreadable));
        }
    };
    if context.superseded.contains(host) {
        debug!("our own last write is on its way here");
        return Ok((Action::requeue(PENDING), PassResult::Superseded));
    }
    // reads Kubernetes and Ironic
    let seen = observe(context, host).await;
    let Some(seen) = seen.map_err(|error| failed(context, error))? else {
        debug!("the node is about to be read anew");
        return Ok((Action::requeue(PENDING), PassResult::Pending));
    };
    let plan = plan(&seen); // pure
    if plan.step != Step::Rest {
        debug!(%plan, "planned");
    }
    let outcomes = execute(context, &seen, &plan).await; // writes Ironic
    let next = next_host(&seen, &plan, &outcomes); // pure
    // writes Kubernetes
    match publish(context, host, &next).await {
        Ok(superseded) => {
            context.superseded.add(host, superseded);
            let pass = Pass {
                observation: &seen,
                plan: &plan,
                outcomes: &outcomes,
                next: &next.host,
            };
            context.metrics.count(&pass);
            let look_again = Action::requeue(plan.look_again_after(&outcomes));
            Ok((look_again, pass.result()))
        }
        Err(error) if error.is_conflict() => {
            debug!("the host changed in the meantime");
            Ok((Action::requeue(AFTER_CONFLICT), PassResult::Conflict))
        }
        Err(error) => Err(Error::Publish(error)),
    }
}

fn failed(context: &Context, error: observe::Error) -> Error {
    if error.is_of_credentials() {
        context.metrics.credentials_unreadable();
    }
    Error::Observe(error)
}
