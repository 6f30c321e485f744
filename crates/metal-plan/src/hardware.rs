//! What is known of a host's hardware.

use crate::observation::Observation;

/// The CPU architecture for Ironic, such as `x86_64`: the spec's, else the one that inspection found.
///
/// Metal3's baremetal-operator writes the latter into the spec, where whoever else owns the spec takes it away again.
pub fn architecture(observation: &Observation) -> Option<&str> {
    let host = &observation.host;
    let recorded = || host.status.as_ref()?.hardware.as_ref();
    let found = observation.hardware.as_ref().or_else(recorded);
    let found = || found?.cpu.as_ref()?.arch.as_deref();
    let not_empty = |architecture: &&str| !architecture.is_empty();
    host.spec
        .architecture
        .as_deref()
        .filter(not_empty)
        .or_else(found)
        .filter(not_empty)
}
