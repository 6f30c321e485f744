//! The machine's power, the node and Ironic itself.

use ironic_types::PowerState;
use jiff::SignedDuration;
use metal_plan::{IronicView, MacOwner};
use serde_json::json;

use super::{Situation, all, drawn, in_ironic, living, node, power};
use crate::states::example::{self, from};

pub(super) const ALL: &[Situation] = &[
    living("the machine is on", |seen| {
        power(seen, Some(PowerState::On));
        Ok(())
    }),
    drawn(all("the machine is off", |seen| {
        power(seen, Some(PowerState::Off));
        Ok(())
    })),
    living("the machine is on and does not shut down", |seen| {
        power(seen, Some(PowerState::On));
        let asked_at = json!({"shutdownAskedAt": example::ago(SignedDuration::from_hours(1))});
        seen.host.status.get_or_insert_default().boot_volume = from(asked_at)?;
        Ok(())
    }),
    all("a power action runs", |seen| {
        if let Some(node) = node(seen) {
            node.target_power_state = Some(PowerState::Off);
        }
        Ok(())
    }),
    all("Ironic doesn't know the power state", |seen| {
        power(seen, None);
        Ok(())
    }),
    living("the node is in maintenance", |seen| {
        if let Some(node) = node(seen) {
            node.maintenance = true;
            node.maintenance_reason = Some("somebody's reason".to_owned());
        }
        Ok(())
    }),
    living("the node was made anew after a loss", |seen| {
        if let Some(seen) = in_ironic(seen) {
            seen.node.iter_mut().for_each(example::mark_instance);
            seen.connectors.clear();
            seen.targets.clear();
        }
        Ok(())
    }),
    living(
        "the connector and the target of a deployed machine were deleted by hand",
        |seen| {
            if let Some(seen) = in_ironic(seen) {
                seen.knows_belongings = true;
                seen.connectors.clear();
                seen.targets.clear();
            }
            Ok(())
        },
    ),
    living(
        "the target of a deployed machine was changed by hand, and the machine is on",
        |seen| {
            power(seen, Some(PowerState::On));
            if let Some(seen) = in_ironic(seen) {
                seen.knows_belongings = true;
                for target in &mut seen.targets {
                    target.extra.clear();
                }
            }
            Ok(())
        },
    ),
    living(
        "there is no node, and another one has the MAC address",
        |seen| {
            if let Some(seen) = in_ironic(seen) {
                seen.node = None;
                seen.mac_owner = Some(MacOwner {
                    address: example::MAC.to_owned(),
                    node: "metal~node-1".to_owned(),
                });
            }
            Ok(())
        },
    ),
    living("another node has the volume", |seen| {
        let target = example::target_of_another()?;
        if let Some(seen) = in_ironic(seen) {
            seen.targets.push(target);
        }
        Ok(())
    }),
    living("Ironic lacks the storage interface `external`", |seen| {
        if let Some(abilities) = in_ironic(seen).and_then(|seen| seen.abilities.as_mut()) {
            abilities.storage_interfaces.clear();
        }
        Ok(())
    }),
    living(
        "disks are to be cleaned, and as many other machines boot a ramdisk as may",
        |seen| {
            seen.hardware = from(json!({"storage": [{"name": "/dev/sda"}]}))?;
            let limit = seen.settings.provisioning_limit;
            if let Some(seen) = in_ironic(seen) {
                seen.busy_nodes = limit;
            }
            Ok(())
        },
    ),
    all("Ironic gives no answer", |seen| {
        seen.ironic = IronicView::Unavailable {
            message: "connection refused".to_owned(),
        };
        Ok(())
    }),
];
