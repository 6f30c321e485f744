//! `externally provisioned`: a state that only another operator can have recorded so far.

use crate::host::is_deleted;
use crate::observation::Observation;
use crate::plan::{Blocker, Plan, Transition};

pub(crate) fn plan(observation: &Observation) -> Plan {
    // Metal3 switches such a host off before it forgets it, too.
    if is_deleted(&observation.host) {
        return Plan::enter(Transition::PowerOffBeforeDelete);
    }
    Plan::blocked(Blocker::NotImplemented {
        field: "spec.externallyProvisioned",
        message: "spec.externallyProvisioned: managing a host that was provisioned elsewhere is not implemented yet; the host is left alone".into(),
    })
}
