//! Another deployment of a deployed host, because an annotation asks for it and there is a reason to.

use ironic_types::Node;
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, BootVolume, DeployedVolume};

use crate::boot_volume;
use crate::config_drive;
use crate::credentials::{self, Applied};
use crate::host::{annotation, deployment, wants_another_boot_mode};
use crate::leases;
use crate::not_implemented;
use crate::observation::{Observation, Seen};
use crate::plan::{Blocker, Plan, Transition};
use crate::volumes;

/// A longer one is none: it is recorded in the status.
const LONGEST_TOKEN: usize = 253;

/// The value of the annotation that asks for a deployment, unless it was answered.
pub(crate) fn token(host: &BareMetalHost) -> Option<&str> {
    let token = annotation(host, names::REDEPLOY_ANNOTATION)?;
    let handled = annotation(host, names::REDEPLOY_HANDLED_ANNOTATION);
    (!token.is_empty() && token.len() <= LONGEST_TOKEN && handled != Some(token)).then_some(token)
}

/// The beginning of another deployment of a host that runs as it should, if one is asked for: the intent, with a
/// deployment id of its own. What follows is what follows any intent. What others changed in Ironic is a reason, if it
/// can't be put right while the machine runs.
pub(crate) fn begin(
    observation: &Observation,
    seen: &Seen,
    node: &Node,
    is_drifted: bool,
) -> Option<Plan> {
    let host = &observation.host;
    token(host)?;
    let deployed = deployment(host)?;
    let volume = boot_volume::effective(&host.spec)?;
    Some(if is_drifted || is_pending(observation, deployed) {
        again(observation, seen, node, volume).unwrap_or_else(Plan::blocked)
    } else {
        Plan::enter(Transition::SkipRedeploy)
    })
}

/// All that could keep it from coming up again is found out while the machine still runs.
fn again(
    observation: &Observation,
    seen: &Seen,
    node: &Node,
    volume: &BootVolume,
) -> Result<Plan, Blocker> {
    if let Some(blocker) = not_implemented::blocker(&observation.host) {
        return Err(blocker);
    }
    let intent = boot_volume::intent(observation, volume)?;
    volumes::free(node, seen, &intent)?;
    if let Some(plan) = config_drive::check(observation, seen)? {
        return Ok(plan);
    }
    Ok(leases::secure_for_redeployment(observation)
        .unwrap_or_else(|| Plan::enter(Transition::Provision(Box::new(intent)))))
}

/// What of the spec the machine has not, and gets by another deployment, as far as no other condition says so.
pub(crate) fn pending_in_words(host: &BareMetalHost, deployed: &DeployedVolume) -> Option<String> {
    let volume = boot_volume::effective(&host.spec)?;
    let wanted = boot_volume::checked(host, volume, String::new()).ok()?;
    let has_other_target = wanted.iscsi_target != deployed.iscsi_target;
    let fields: Vec<_> = [
        (has_other_target, "spec.bootVolume.iscsiTarget"),
        (wants_another_boot_mode(host), "spec.bootMode"),
    ]
    .into_iter()
    .filter_map(|(is_pending, field)| is_pending.then_some(field))
    .collect();
    (!fields.is_empty()).then(|| {
        format!(
            "{}: the machine is deployed otherwise; the next deployment applies it, for which the annotation {} asks",
            fields.join(", "),
            names::REDEPLOY_ANNOTATION
        )
    })
}

/// Whether the host would be deployed otherwise than it is: by other settings or credentials, or nobody can tell.
pub(crate) fn is_pending(observation: &Observation, deployed: &DeployedVolume) -> bool {
    let host = &observation.host;
    let Some(volume) = boot_volume::effective(&host.spec) else {
        return false;
    };
    let other_settings = boot_volume::checked(host, volume, String::new())
        .is_ok_and(|wanted| !boot_volume::same_settings(&wanted, deployed));
    let other_credentials = match credentials::applied(observation, deployed) {
        Ok(None | Some(Applied::Yes { .. })) | Err(credentials::NotRead) => false,
        Ok(Some(Applied::Outdated { .. } | Applied::Unknown { .. })) => true,
    };
    other_settings
        || other_credentials
        || wants_another_boot_mode(host)
        || config_drive::is_pending(observation, deployed)
}
