//! How often a machine booted from its volume.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{BOOT, Scenario};
use crate::machine::Machine;
use crate::progress::step;
use crate::wait::until;

impl Scenario {
    /// The ids of all boots of the test's volume that came to their end.
    pub fn boots(&self, machine: &Machine) -> Result<BTreeSet<String>> {
        let console = self.console(machine)?;
        Ok(console
            .split("IRONBOOT-BOOT id=")
            .skip(1)
            .filter(|boot| {
                Machine::said(boot, "MARKER") == [machine.marker.as_str()]
                    && boot.contains("\nIRONBOOT-DONE ")
            })
            .filter_map(|boot| Some(boot.split_once(' ')?.0.to_owned()))
            .collect())
    }

    /// Has the machine rebooted, and waits until it has booted from its volume once more.
    pub async fn reboots(&self, machine: &Machine) -> Result<()> {
        let before = self.boots(machine)?.len();
        self.annotate(&machine.name, "reboot.metal3.io", Some(""))
            .await?;
        until("the machine boots again", BOOT, async || {
            Ok((self.boots(machine)?.len() > before).then_some(()))
        })
        .await?;
        step("  console  booted again");
        Ok(())
    }
}
