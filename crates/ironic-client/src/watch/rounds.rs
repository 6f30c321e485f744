//! The requests of one round.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::TryStreamExt;
use ironic_types::calls::{GetNode, ListConnectors, ListNodes, ListPorts, ListTargets};
use ironic_types::{Call, ListCall, NodeId, NodeIdent, ProvisionState};

use super::inventory::Inventory;
use super::schedule::{Kind, Round};
use crate::ask::Ask;
use crate::error::Error;
use crate::pages;

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
    let ask = Counting {
        ask,
        requests: AtomicU32::new(0),
    };
    let began = inventory.begin();
    let changed = match round {
        Round::All { .. } => {
            let call = ListNodes {
                fields,
                ..ListNodes::default()
            };
            inventory.absorb_all(began, ask.all(call).await?)
        }
        Round::Some { states, nodes } => some(&ask, inventory, states, nodes, fields).await?,
        Round::Bulk(Kind::Ports) => {
            let call = ListPorts {
                detail: true,
                ..ListPorts::default()
            };
            inventory.absorb_ports(began, ask.all(call).await?)
        }
        Round::Bulk(Kind::Connectors) => {
            let call = ListConnectors {
                detail: true,
                ..ListConnectors::default()
            };
            inventory.absorb_connectors(began, ask.all(call).await?)
        }
        Round::Bulk(Kind::Targets) => {
            let call = ListTargets {
                detail: true,
                ..ListTargets::default()
            };
            inventory.absorb_targets(began, ask.all(call).await?)
        }
    };
    let requests = ask.requests.into_inner();
    Ok(Found { changed, requests })
}

/// The nodes in some states by lists, and one by one those that have left them, and some others.
async fn some<A: Ask>(
    ask: &Counting<'_, A>,
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
        let listed = ask.all(call).await?;
        for node in &listed {
            single.remove(&node.uuid);
        }
        changed.extend(inventory.absorb(began, listed));
    }
    for node in single {
        let began = inventory.begin();
        let ident = NodeIdent::Id(node);
        match ask.ask(&GetNode { ident }).await {
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
struct Counting<'a, A> {
    ask: &'a A,
    requests: AtomicU32,
}

impl<A: Ask> Counting<'_, A> {
    async fn all<L: ListCall + Sync>(&self, call: L) -> Result<Vec<L::Item>, Error> {
        pages::items(self, call).try_collect().await
    }
}

impl<A: Ask> Ask for &Counting<'_, A> {
    async fn ask<C: Call + Sync>(&self, call: &C) -> Result<C::Response, Error> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.ask.ask(call).await
    }
}
