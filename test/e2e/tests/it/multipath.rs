//! A volume that is reached by several portals.

use anyhow::{Result, ensure};
use e2e::{Firmware, Machine, run};

use crate::volumes::{self, Portal};

#[test]
fn a_machine_boots_though_the_first_portal_of_its_volume_is_dead() -> Result<()> {
    run("multipath", async |test| {
        let mut machine = test.prepare(Firmware::Bios).await?;
        // It can be found on the network, and never says a word.
        let dead = volumes::portal(test, Portal::Silent)?;
        let alive = volumes::portal(test, Portal::First)?;
        volumes::set_portals(&mut machine, &[&dead, &alive])?;
        test.start_operator().await?;
        test.create(&machine.host).await?;
        test.booted(&machine).await?;

        let console = test.console(&machine)?;
        let iqn = volumes::iqn(&machine)?;
        let logins = Machine::said(&console, "LOGIN");
        ensure!(
            logins
                == [
                    format!("target={iqn} portal={dead} no answer"),
                    format!("target={iqn} portal={alive} done"),
                ],
            "{logins:?}"
        );
        Ok(())
    })
}
