//! `externally provisioned`: a state that only another operator can have recorded so far.

use crate::observation::Seen;
use crate::plan::Plan;

pub(crate) fn plan(seen: &Seen) -> Plan {
    super::is_not_ours(seen.node.as_ref())
}
