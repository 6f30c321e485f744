//! A simulated Ironic in virtual time, with the parts that `hack/stack` starts around a real one.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ironic_sim::{Bmc, Credentials, Power, Settings, Sim, Strangers};
use secrecy::ExposeSecret;
use url::Url;

use crate::boot::{Boot, Hook};
use crate::env::Machine;

/// The system that a BMC has, where cases name one.
pub(crate) const SYSTEM: &str = "/redfish/v1/Systems/1";

/// A simulator of its own for one case.
#[derive(Debug)]
pub(crate) struct Simulated {
    sim: Sim,
    server: ironic_sim::Server,
}

/// A BMC that hangs.
#[derive(Debug)]
pub(crate) struct HangingBmc {
    pub(crate) address: String,
    sim: Sim,
}

impl Simulated {
    pub(crate) const IMAGE: &str = "http://192.0.2.1/contract.iso";
    pub(crate) const MISSING_IMAGE: &str = "http://192.0.2.1/missing.iso";

    pub(crate) async fn start() -> Result<Self> {
        let sim = Sim::new(Settings {
            // As Ironic is by default, and the real stack.
            force_power_state: true,
            strangers: Strangers::Absent,
            missing_images: vec![Self::MISSING_IMAGE.to_owned()],
            ..Settings::default()
        });
        let server = sim
            .serve(([127, 0, 0, 1], 0).into())
            .await
            .context("failed to serve the simulator")?;
        let simulated = Self { sim, server };
        simulated.sim.add_machine(hardware(&Self::machine()));
        Ok(simulated)
    }

    pub(crate) fn root(&self) -> Result<Url> {
        Ok(self.server.url().parse()?)
    }

    pub(crate) fn machine() -> Machine {
        Machine {
            address: "http://192.0.2.10:8000".to_owned(),
            system_id: SYSTEM.to_owned(),
            username: "admin".to_owned(),
            password: "bmc-password".to_owned(),
            mac: "52:54:00:b0:07:00".to_owned(),
            boot_mode: "bios".to_owned(),
        }
    }

    pub(crate) fn hanging_bmc(&self) -> HangingBmc {
        let address = "http://192.0.2.11:8000".to_owned();
        self.sim.add_machine(ironic_sim::Machine {
            bmc: Bmc::Hanging,
            ..ironic_sim::Machine::new(address.clone(), SYSTEM)
        });
        HangingBmc {
            address,
            sim: self.sim.clone(),
        }
    }

    pub(crate) fn boot(&self, node: &str) -> Result<Boot> {
        let boot = self
            .sim
            .boot(node)
            .context("the simulator has no such node")?;
        Ok(match boot {
            ironic_sim::Boot::NothingFound => Boot::NoConfiguration,
            ironic_sim::Boot::San(san) => Boot::Iscsi {
                initiator: san.initiator,
                hooks: san.hooks.into_iter().map(hook).collect(),
            },
            other @ (ironic_sim::Boot::Ramdisk
            | ironic_sim::Boot::InstanceRamdisk
            | ironic_sim::Boot::Disk
            | ironic_sim::Boot::VirtualMedia(_)) => Boot::Other(format!("{other:?}")),
        })
    }

    pub(crate) fn switch_off(&self, machine: &Machine) -> Result<()> {
        let Machine {
            address, system_id, ..
        } = machine;
        let is_there = self
            .sim
            .change_machine(address, system_id, |machine| machine.power = Power::Off);
        ensure!(is_there, "the simulator has no machine at {address}");
        Ok(())
    }

    pub(crate) fn is_on(&self, machine: &Machine) -> Result<bool> {
        let found = self.sim.machine(&machine.address, &machine.system_id);
        let found = found.context("the simulator has no such machine")?;
        Ok(found.power == Power::On)
    }

    /// As far as something happens, but not far.
    pub(crate) fn tick(&self) -> Duration {
        const MOST: Duration = Duration::from_secs(1);
        let step = self.sim.next_event().map_or(MOST, |next| next.min(MOST));
        // Something that is due at once has happened by now.
        let step = step.max(Duration::from_millis(1));
        self.sim.advance(step);
        step
    }
}

impl HangingBmc {
    /// Ironic gives up.
    pub(crate) fn release(&self) {
        self.sim
            .change_machine(&self.address, SYSTEM, |machine| machine.bmc = Bmc::Absent);
    }
}

/// The machine as the simulator has it: nothing in it listens to its button.
fn hardware(machine: &Machine) -> ironic_sim::Machine {
    ironic_sim::Machine {
        credentials: Some(Credentials {
            username: machine.username.clone(),
            password: machine.password.clone().into(),
        }),
        honours_acpi: false,
        macs: vec![machine.mac.clone()],
        ..ironic_sim::Machine::new(machine.address.clone(), machine.system_id.clone())
    }
}

fn hook(hook: ironic_sim::SanHook) -> Hook {
    Hook {
        drive: format!("{:#x}", hook.drive),
        uris: hook.uris,
        username: hook.username.unwrap_or_default(),
        password: hook
            .password
            .map(|password| password.expose_secret().to_owned())
            .unwrap_or_default(),
    }
}
