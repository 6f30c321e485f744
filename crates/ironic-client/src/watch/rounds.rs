//! The requests of one round.

use std::collections::BTreeSet;
use std::future::Future;

use ironic_types::calls::{GetNode, ListConnectors, ListNodes, ListPorts, ListTargets};
use ironic_types::{Call, ListCall, NodeId, NodeIdent, ProvisionState};

use super::inventory::Inventory;
use super::schedule::{Kind, Round};
use crate::client::Ironic;
use crate::error::Error;

/// Whom to ask: an Ironic, and in tests one that lives in virtual time.
pub(super) trait Ask: Send + Sync + 'static {
    fn ask<C: Call + Sync>(
        &self,
        call: &C,
    ) -> impl Future<Output = Result<C::Response, Error>> + Send;
}

impl Ask for Ironic {
    async fn ask<C: Call + Sync>(&self, call: &C) -> Result<C::Response, Error> {
        self.send(call).await
    }
}

/// What a round found.
pub(super) struct Found {
    pub(super) changed: BTreeSet<NodeId>,
    /// How many requests it took.
    pub(super) requests: u32,
}

pub(super) async fn carry_out<A: Ask>(
    ask: &A,
    inventory: &Inventory,
    round: &Round,
    fields: &'static [&'static str],
) -> Result<Found, Error> {
    let mut pages = Pages { ask, requests: 0 };
    let began = inventory.begin();
    let changed = match round {
        Round::All => {
            let call = ListNodes {
                fields,
                ..ListNodes::default()
            };
            inventory.absorb_all(began, pages.all(call).await?)
        }
        Round::Some { states, nodes } => some(&mut pages, inventory, states, nodes, fields).await?,
        Round::Bulk(Kind::Ports) => {
            let call = ListPorts {
                detail: true,
                ..ListPorts::default()
            };
            inventory.absorb_ports(began, pages.all(call).await?)
        }
        Round::Bulk(Kind::Connectors) => {
            let call = ListConnectors {
                detail: true,
                ..ListConnectors::default()
            };
            inventory.absorb_connectors(began, pages.all(call).await?)
        }
        Round::Bulk(Kind::Targets) => {
            let call = ListTargets {
                detail: true,
                ..ListTargets::default()
            };
            inventory.absorb_targets(began, pages.all(call).await?)
        }
    };
    let requests = pages.requests;
    Ok(Found { changed, requests })
}

/// The nodes in some states by lists, and one by one those that have left them, and some others.
async fn some<A: Ask>(
    pages: &mut Pages<'_, A>,
    inventory: &Inventory,
    states: &BTreeSet<ProvisionState>,
    nodes: &BTreeSet<NodeId>,
    fields: &'static [&'static str],
) -> Result<BTreeSet<NodeId>, Error> {
    let mut changed = BTreeSet::new();
    let mut single = inventory.in_states(states);
    single.extend(nodes);
    for state in states {
        let began = inventory.begin();
        let call = ListNodes {
            fields,
            provision_state: Some(state.clone()),
            ..ListNodes::default()
        };
        let listed = pages.all(call).await?;
        for node in &listed {
            single.remove(&node.uuid);
        }
        changed.extend(inventory.absorb(began, listed));
    }
    for node in single {
        let began = inventory.begin();
        let ident = NodeIdent::Id(node);
        match pages.one(&GetNode { ident }).await {
            Ok(node) => changed.extend(inventory.absorb(began, vec![node])),
            Err(error) if error.is_not_found() => {
                changed.extend(inventory.absorb_absence(began, node));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

/// Asks and counts.
struct Pages<'a, A> {
    ask: &'a A,
    requests: u32,
}

impl<A: Ask> Pages<'_, A> {
    async fn one<C: Call + Sync>(&mut self, call: &C) -> Result<C::Response, Error> {
        self.requests += 1;
        self.ask.ask(call).await
    }

    async fn all<L: ListCall + Sync>(&mut self, call: L) -> Result<Vec<L::Item>, Error> {
        let mut page = self.one(&call).await?;
        let mut items = Vec::new();
        let mut markers = BTreeSet::new();
        loop {
            let next = page.next_marker();
            items.append(&mut page.items);
            let Some(marker) = next else {
                return Ok(items);
            };
            if !markers.insert(marker.clone()) {
                return Err(Error::EndlessList { call: L::NAME });
            }
            page = self.one(&call.clone().after(marker)).await?;
        }
    }
}
