//! `externally provisioned`: somebody else deployed the machine; only its power is managed.

use ironic_types::Node;

use crate::adoption;
use crate::host::is_externally_provisioned;
use crate::observation::{Observation, Seen};
use crate::plan::{Plan, Transition};
use crate::power;

pub(crate) fn plan(observation: &Observation, seen: &Seen, node: &Node) -> Plan {
    if !is_externally_provisioned(&observation.host) {
        return Plan::enter(Transition::LetGo);
    }
    adoption::adopt(observation, seen, node)
        .unwrap_or_else(|| power::follow_online(observation, node))
}
