//! The Leases of a host's volumes, and what became of those who hold them.

use ironic_types::calls::ListPorts;
use kube::{Api, ResourceExt};
use metal_api::v1alpha1::BareMetalHost;
use metal_plan::{
    HolderFacts, LeaseFact, LeaseFacts, LeaseHolder, is_shown_detached, lease_holder,
};

use super::Error;
use crate::context::Context;
use crate::leases::{Known, Look};
use crate::reconcile::Stored;

/// None while they are about to be listed, which will call.
pub(super) async fn facts(
    context: &Context,
    host: &BareMetalHost,
) -> Result<Option<LeaseFacts>, Error> {
    if !metal_plan::leases_matter(host) {
        return Ok(Some(LeaseFacts::NotRead));
    }
    let leases = match context.leases.look(host) {
        Look::Pending => return Ok(None),
        Look::Failed { message } => return Ok(Some(LeaseFacts::Unavailable { message })),
        Look::Known(leases) => leases,
    };
    let own = lease_holder(host);
    let mut facts = Vec::with_capacity(leases.len());
    for lease in leases {
        let mut fact = fact(lease);
        if fact.holder != own {
            fact.holder_is = Box::pin(holder_is(context, host, &fact)).await?;
        }
        facts.push(fact);
    }
    Ok(Some(LeaseFacts::Known(facts)))
}

fn fact(lease: Known) -> LeaseFact {
    LeaseFact {
        name: lease.name,
        holder: lease.holder,
        host_uid: lease.host_uid,
        version: lease.version,
        fenced: lease.fenced,
        holder_is: HolderFacts::NotRead,
        is_deleted: lease.is_deleted,
    }
}

/// What became of another holder, as Kubernetes has it at this moment: few hosts wait for others.
async fn holder_is(
    context: &Context,
    host: &BareMetalHost,
    lease: &LeaseFact,
) -> Result<HolderFacts, Error> {
    let Some(holder) = LeaseHolder::parse(&lease.holder) else {
        // Somebody else's hand: nobody knows what it means.
        return Ok(HolderFacts::Lives);
    };
    let is_own_name =
        host.namespace().as_deref() == Some(holder.namespace) && host.name_any() == holder.name;
    let found = if is_own_name {
        Found::None
    } else {
        read(context, holder).await?
    };
    let of_machine = |other: &BareMetalHost| lease_holder(other) == lease.holder;
    Ok(match found {
        Found::Forbidden => HolderFacts::Unreadable,
        Found::Strange => HolderFacts::Lives,
        Found::Host(other) if of_machine(&other) && is_shown_detached(&other) => {
            HolderFacts::Detached {
                has_node: has_node(context, lease, holder).await,
            }
        }
        Found::Host(other) if of_machine(&other) => HolderFacts::Lives,
        Found::Host(_) | Found::None => HolderFacts::Gone {
            has_node: has_node(context, lease, holder).await,
        },
    })
}

/// What there is under a holder's name.
enum Found {
    None,
    Host(Box<BareMetalHost>),
    /// One that can't be understood: its machine may be any.
    Strange,
    /// The operator may not look, as where it cares for the hosts of one namespace.
    Forbidden,
}

async fn read(context: &Context, holder: LeaseHolder<'_>) -> Result<Found, Error> {
    let api: Api<Stored> = Api::namespaced(context.kube.clone(), holder.namespace);
    match api.get_opt(holder.name).await {
        Ok(Some(stored)) => Ok(stored
            .0
            .map_or(Found::Strange, |host| Found::Host(Box::new(host)))),
        Ok(None) => Ok(Found::None),
        Err(kube::Error::Api(status)) if status.is_forbidden() => Ok(Found::Forbidden),
        Err(source) => Err(Error::Holder { source }),
    }
}

/// Asked only if the holder is fenced, and known only if Ironic answers.
async fn has_node(context: &Context, lease: &LeaseFact, holder: LeaseHolder<'_>) -> Option<bool> {
    if !lease.is_fenced() {
        return None;
    }
    let call = ListPorts {
        address: Some(holder.mac.to_owned()),
        ..ListPorts::default()
    };
    let ports = context.ironic.list_all(&call).await.ok()?;
    Some(!ports.is_empty())
}
