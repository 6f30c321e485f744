//! The requests of one round.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::TryStreamExt;
use ironic_types::calls::{GetNodeFields, ListConnectors, ListNodes, ListPorts, ListTargets};
use ironic_types::{Call, ListCall, NodeId, NodeIdent, ProvisionState};

use super::inventory::{Inventory, OnTheirWay};
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
    let reader = Reader {
        ask: &ask,
        inventory,
        fields,
    };
    let began = inventory.begin();
    let changed = match round {
        Round::All => reader.all().await?,
        Round::OnTheirWay {
            on_their_way,
            most_requests,
        } => reader.on_their_way(on_their_way, *most_requests).await?,
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

/// Reads nodes.
struct Reader<'a, A> {
    ask: &'a Counting<'a, A>,
    inventory: &'a Inventory,
    fields: &'static [&'static str],
}

impl<A: Ask> Reader<'_, A> {
    /// All nodes. A list that changed while it was read is begun anew, a few times.
    async fn all(&self) -> Result<BTreeSet<NodeId>, Error> {
        const ATTEMPTS: u32 = 3;
        let mut attempt = 1;
        loop {
            let began = self.inventory.begin();
            match self.ask.all(self.list(None)).await {
                Ok(nodes) => return Ok(self.inventory.absorb_all(began, nodes)),
                Err(Error::ListChanged { .. }) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The nodes in some states by lists, and one by one those that have left them, and some others.
    /// All, if that would be too many requests, or one of them fails: it may be about one node only.
    async fn on_their_way(
        &self,
        on_their_way: &OnTheirWay,
        most_requests: usize,
    ) -> Result<BTreeSet<NodeId>, Error> {
        let mut changed = BTreeSet::new();
        if !self.some(on_their_way, most_requests, &mut changed).await {
            changed.extend(self.all().await?);
        }
        Ok(changed)
    }

    /// Whether all of them were read.
    async fn some(
        &self,
        OnTheirWay { states, nodes }: &OnTheirWay,
        most_requests: usize,
        changed: &mut BTreeSet<NodeId>,
    ) -> bool {
        let mut single = self.inventory.in_states(states);
        single.extend(nodes);
        for state in states {
            let began = self.inventory.begin();
            let listed = match self.ask.all(self.list(Some(state))).await {
                Ok(listed) => listed,
                Err(error) => return not_so(&error),
            };
            for node in &listed {
                single.remove(&node.uuid);
            }
            changed.extend(self.inventory.absorb(began, listed));
        }
        if states.len() + single.len() > most_requests {
            return false;
        }
        for node in single {
            let began = self.inventory.begin();
            let call = GetNodeFields {
                ident: NodeIdent::Id(node),
                fields: self.fields,
            };
            match self.ask.ask(&call).await {
                Ok(node) => changed.extend(self.inventory.absorb(began, vec![node])),
                Err(error) if error.is_not_found() => {
                    changed.extend(self.inventory.absorb_absence(began, node));
                }
                Err(error) => return not_so(&error),
            }
        }
        true
    }

    fn list(&self, provision_state: Option<&ProvisionState>) -> ListNodes {
        ListNodes {
            fields: self.fields,
            provision_state: provision_state.cloned(),
            include_children: true,
            ..ListNodes::default()
        }
    }
}

/// False: all nodes are read instead.
fn not_so(error: &Error) -> bool {
    tracing::debug!(
        error = error.in_words(),
        "a question about a few nodes failed"
    );
    false
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
