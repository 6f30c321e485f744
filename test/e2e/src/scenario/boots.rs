//! How often a machine booted from its volume.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::{BOOT, Scenario};
use crate::config_drive::ConfigDrive;
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

    /// The config drive that the machine found at its latest boot that came to its end; none if it found none.
    pub fn config_drive(&self, machine: &Machine) -> Result<Option<ConfigDrive>> {
        let console = self.console(machine)?;
        let boot = console
            .split("IRONBOOT-BOOT ")
            .skip(1)
            .filter(|boot| boot.contains("\nIRONBOOT-DONE "))
            .last()
            .context("the machine has not booted")?;
        let said = Machine::said(boot, "CONFIG-DRIVE");
        let said = said.first().context("the guest did not look for one")?;
        ConfigDrive::parse(said)
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
