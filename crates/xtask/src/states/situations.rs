//! What may be out of the ordinary with a host: each as a change of the example.

use anyhow::Result;
use ironic_types::{Node, PowerState};
use metal_plan::{IronicView, Observation, Seen};

use super::example;

mod deletion;
mod ironic;
mod leases;
mod record;
mod spec;
pub(super) mod user_data;

/// Something that is out of the ordinary.
#[derive(Clone, Copy)]
pub(super) struct Situation {
    /// What completes "when …", in Markdown.
    pub(super) when: &'static str,
    /// Of which hosts it may be.
    pub(super) of: Of,
    /// Whether the diagrams show where it leads.
    pub(super) is_drawn: bool,
    /// Makes it so.
    pub(super) change: Change,
}

type Change = fn(&mut Observation) -> Result<()>;

/// Of which hosts a situation may be, and what it is compared with: where it leads to the same, it makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Of hosts in states that don't belong to a deletion, beside the usual.
    Living,
    /// Of all hosts, beside the usual.
    All,
    /// Of hosts that are deleted, beside one for which else all goes well.
    Deleted,
}

/// A host for which all goes well.
pub(super) const USUAL: Situation = drawn(all("all goes well", |_| Ok(())));

/// A host that is deleted, and for which else all goes well.
pub(super) const DELETED: Situation = drawn(all("the host is deleted", |seen| {
    example::delete(&mut seen.host);
    Ok(())
}));

/// All others, the plainest first.
pub(super) fn others() -> impl Iterator<Item = &'static Situation> {
    [
        spec::ALL,
        user_data::ALL,
        ironic::ALL,
        leases::ALL,
        record::ALL,
        deletion::ALL,
    ]
    .into_iter()
    .flatten()
}

/// Where a situation stands among the others.
pub(super) fn place(situation: &Situation) -> Option<usize> {
    others().position(|other| (other.when, other.of) == (situation.when, situation.of))
}

/// One that the diagrams show.
const fn drawn(situation: Situation) -> Situation {
    Situation {
        is_drawn: true,
        ..situation
    }
}

const fn living(when: &'static str, change: Change) -> Situation {
    Situation {
        of: Of::Living,
        ..all(when, change)
    }
}

const fn all(when: &'static str, change: Change) -> Situation {
    Situation {
        when,
        of: Of::All,
        is_drawn: false,
        change,
    }
}

fn annotate(seen: &mut Observation, name: &str, value: &str) {
    let annotations = seen.host.metadata.annotations.get_or_insert_default();
    annotations.insert(name.to_owned(), value.to_owned());
}

fn power(seen: &mut Observation, state: Option<PowerState>) {
    if let Some(node) = node(seen) {
        node.power_state = state;
    }
}

fn node(seen: &mut Observation) -> Option<&mut Node> {
    in_ironic(seen)?.node.as_mut()
}

fn in_ironic(seen: &mut Observation) -> Option<&mut Seen> {
    match &mut seen.ironic {
        IronicView::Seen(seen) => Some(seen),
        IronicView::Unavailable { .. } => None,
    }
}

/// The node is gone, and all that belongs to it.
fn lose_node(seen: &mut Observation) {
    if let Some(seen) = in_ironic(seen) {
        seen.node = None;
        seen.ports.clear();
        seen.connectors.clear();
        seen.targets.clear();
    }
}
