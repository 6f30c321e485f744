//! The node's driver and its interfaces, as the BMC and the boot volume want them.

use ironic_types::{Node, Patch, ProvisionState};
use metal_api::names;
use metal_api::v1alpha1::{BareMetalHost, BootMode};

use super::refused;
use crate::bmc::{Bmc, InterfaceKind, Interfaces};
use crate::boot_volume;
use crate::effect::DriverBlueprint;
use crate::host::deployment;
use crate::observation::{Abilities, Seen};
use crate::plan::{Blocker, node_in_words};
use crate::volumes;

/// The interfaces that the node is to have, as far as they aren't left to Ironic.
///
/// A host with a boot volume, or with one that is still to be released, boots by iPXE whatever its BMC could do else.
pub(super) fn interfaces(
    host: &BareMetalHost,
    bmc: &Bmc,
    abilities: Option<&Abilities>,
) -> Interfaces {
    let boots_from_volume =
        boot_volume::effective(&host.spec).is_some() || deployment(host).is_some();
    let interfaces = bmc.interfaces();
    let interfaces = if boots_from_volume {
        interfaces.booting_by(volumes::BOOT_INTERFACE)
    } else {
        interfaces
    };
    interfaces.where_enabled(abilities)
}

/// What forbids to register the host with this driver.
pub(super) fn checked(host: &BareMetalHost, bmc: &Bmc, seen: &Seen) -> Result<(), Blocker> {
    let (driver, scheme) = (bmc.driver(), bmc.scheme());
    if bmc.needs_mac() && host.spec.boot_mac_address.is_none() {
        return Err(refused(format!(
            "spec.bootMACAddress: it is required with a spec.bmc.address of {scheme}; set it to the MAC address of the network card that boots"
        )));
    }
    // As Metal3 has it; admission says so, too.
    if host.spec.boot_mode == Some(BootMode::UefiSecureBoot) && !bmc.supports_secure_boot() {
        return Err(refused(format!(
            "spec.bootMode: UEFISecureBoot can't be switched by a BMC with the scheme {scheme}; set it to UEFI or legacy, or use a Redfish address"
        )));
    }
    if let Some(abilities) = &seen.abilities
        && !abilities.is_enabled
    {
        return Err(refused(format!(
            "spec.bmc.address: the scheme {scheme} needs Ironic's driver {driver}, which no conductor runs; add it to enabled_hardware_types in ironic.conf"
        )));
    }
    match &seen.node {
        Some(node) => reachable(node, driver),
        None => Ok(()),
    }
}

/// A node that keeps its driver for now must be reached by it in the new way too.
fn reachable(node: &Node, wanted: &'static str) -> Result<(), Blocker> {
    let Some(present) = node.driver.as_deref() else {
        return Ok(());
    };
    if protocol(present) == protocol(wanted) || can_change(node) || is_transient(node) {
        return Ok(());
    }
    Err(refused(format!(
        "spec.bmc.address: it needs Ironic's driver {wanted}, and the driver of {} can't be changed from {present} in its state; set the former address again, or take the host out of Ironic with the annotation {} while you change it",
        node_in_words(node.uuid),
        names::DETACHED_ANNOTATION
    )))
}

/// The keys of `driver_info` that a driver reads.
fn protocol(driver: &str) -> &str {
    match driver {
        "idrac" => "redfish",
        driver => driver,
    }
}

/// What the driver's interfaces must have and this Ironic hasn't.
pub(super) fn has_interfaces(
    driver: &DriverBlueprint,
    abilities: &Abilities,
) -> Result<(), Blocker> {
    match driver.interfaces.lacking(abilities) {
        None => Ok(()),
        Some((kind, interface)) => Err(refused(format!(
            "spec.bmc.address: the scheme {} needs the {kind} interface {interface}, which Ironic's driver {} lacks; add it to enabled_{kind}_interfaces in ironic.conf",
            driver.bmc.scheme(),
            abilities.driver,
            kind = kind.as_str(),
        ))),
    }
}

/// What the node has otherwise. Nothing while Ironic wouldn't change it: that comes when the node is `available` again.
///
/// Ironic keeps an interface that no patch names when the driver changes, and refuses the patch if the new driver has
/// none of that name (`ironic/common/driver_factory.py`, `check_and_update_node_interfaces`): so each that comes from
/// the hardware is set, or goes back to the new driver's default.
pub(super) fn changes(node: &Node, bmc: &Bmc, interfaces: &Interfaces) -> Patch {
    let mut patch = Patch::new();
    if !can_change(node) {
        return patch;
    }
    let changes_driver = node.driver.as_deref() != Some(bmc.driver());
    if changes_driver {
        patch = patch.add("/driver", bmc.driver());
    }
    for kind in InterfaceKind::ALL {
        let field = format!("/{}_interface", kind.as_str());
        match interfaces.get(kind) {
            Some(wanted) if kind.of(node) != Some(wanted) => patch = patch.add(field, wanted),
            None if changes_driver => patch = patch.remove(field),
            Some(_) | None => {}
        }
    }
    if changes_driver {
        patch = patch
            .remove("/console_interface")
            .remove("/inspect_interface");
    }
    patch
}

/// Whether the node's driver or interfaces are to be changed: then it matters which ones Ironic has enabled.
pub(crate) fn changes_driver(host: &BareMetalHost, node: &Node) -> bool {
    let bmc = host.spec.bmc.as_ref().and_then(|bmc| Bmc::parse(bmc).ok());
    bmc.is_some_and(|bmc| !changes(node, &bmc, &interfaces(host, &bmc, None)).is_empty())
}

/// The states in which Ironic changes interfaces (`ironic/conductor/manager.py`, `update_node`), but for those of an
/// inspection, which others are busy with.
fn can_change(node: &Node) -> bool {
    matches!(
        node.provision_state,
        Some(ProvisionState::Enroll | ProvisionState::Manageable | ProvisionState::Available)
    )
}

fn is_transient(node: &Node) -> bool {
    node.provision_state
        .as_ref()
        .is_none_or(ProvisionState::is_transient)
}
