//! When the power of a machine may be cut.

use ironic_types::{Node, PowerTarget};
use jiff::{SignedDuration, Timestamp};
use metal_api::v1alpha1::{BareMetalHost, ErrorType, ProvisioningState};

use crate::host::{is_ours, power_cut_at, shows_failure, shutdown_asked_at};
use crate::observation::Observation;

/// What the host's `errorMessage` begins with once Ironic said that its driver can't ask the operating system.
pub(crate) const CANNOT_BE_ASKED: &str =
    "the machine can't be asked to shut down, so its power is cut";

/// Whether nothing stands against cutting the power, besides what a user asked for:
///
/// * The machine was asked to shut down, and didn't.
/// * It boots from no volume of ours, and the last power action failed: Metal3's baremetal-operator asks no second time.
/// * It boots from no volume of ours, and its host is being deleted: likewise.
pub(super) fn may_be_cut(observation: &Observation, node: &Node) -> bool {
    let host = &observation.host;
    let nothing_is_deployed = !is_ours(host);
    was_asked_in_vain(observation, node)
        || nothing_is_deployed && (after_failure(host) || is_powered_off_before_delete(host))
}

/// What Ironic says of a failure counts only after we asked: it may be of another time. Ironic clears it within seconds,
/// so the time since we asked counts too.
fn was_asked_in_vain(observation: &Observation, node: &Node) -> bool {
    shutdown_asked_at(&observation.host).is_some_and(|asked_at| {
        let is_over = observation.now.duration_since(asked_at) > allowed(observation)
            && !is_of_another_time(observation, asked_at);
        failed_to(PowerTarget::SoftOff, node)
            || failed_to(PowerTarget::Off, node)
            || cannot_be_asked(&observation.host)
            || power_cut_at(&observation.host).is_some()
            || is_over
    })
}

/// Whether the question is so old that the machine may have been started since: nobody looked in between.
pub(crate) fn is_of_another_time(observation: &Observation, asked_at: Timestamp) -> bool {
    const TIMES: i32 = 4;
    observation.now.duration_since(asked_at) > allowed(observation).saturating_mul(TIMES)
}

/// Whether Ironic refused to ask, and that is on record.
pub(super) fn cannot_be_asked(host: &BareMetalHost) -> bool {
    host.status.as_ref().is_some_and(|status| {
        status.error_type == Some(ErrorType::PowerManagement)
            && status.error_message.starts_with(CANNOT_BE_ASKED)
    })
}

/// Whether a power action failed, and that is on record.
pub(crate) fn after_failure(host: &BareMetalHost) -> bool {
    let is_of_power = host
        .status
        .as_ref()
        .is_some_and(|status| status.error_type == Some(ErrorType::PowerManagement));
    is_of_power && shows_failure(host)
}

fn is_powered_off_before_delete(host: &BareMetalHost) -> bool {
    host.state() == ProvisioningState::PoweringOffBeforeDelete
}

/// Whether Ironic refuses the question because the driver can't ask it: "The driver … does not support the power state,
/// soft power off" (`ironic/conductor/manager.py`, `change_node_power_state`).
pub(crate) fn is_refusal_to_ask(target: PowerTarget, message: &str) -> bool {
    let asks = match target {
        PowerTarget::SoftOff | PowerTarget::SoftReboot => true,
        PowerTarget::On | PowerTarget::Off | PowerTarget::Reboot => false,
    };
    asks && message.contains("does not support") && message.contains(&target.to_string())
}

/// Ironic's words for a power action that failed end in what was tried: "Failed to change power state to 'power off' by
/// 'soft power off': …" (`ironic/conductor/utils.py`, `node_power_action`).
pub(super) fn failed_to(target: PowerTarget, node: &Node) -> bool {
    let tried = format!("by '{target}'");
    node.last_error
        .as_deref()
        .is_some_and(|error| error.contains(&tried))
}

/// The soft power off's own limit, and time for Ironic to act on it.
pub(super) fn allowed(observation: &Observation) -> SignedDuration {
    const GRACE: SignedDuration = SignedDuration::from_secs(30);
    SignedDuration::try_from(observation.settings.soft_power_off_timeout)
        .unwrap_or(SignedDuration::MAX)
        .saturating_add(GRACE)
}
